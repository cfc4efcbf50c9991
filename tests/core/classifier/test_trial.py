"""A trial: its events, its result, and a stop."""

from __future__ import annotations

import numpy as np

from core.classifier.trial import run_trial
from core.experiment.config import ExperimentConfig, HeadConfig
from core.experiment.events import EpochFinished
from core.experiment.results import Examples, TrialResult


def make_examples(rng: np.random.Generator, num_reviews: int, dim: int = 6) -> Examples:
    """Reviews of 3 to 12 tokens; the first component leans towards the label."""
    labels = rng.integers(0, 2, num_reviews)
    features = [rng.normal(size=(rng.integers(3, 13), dim)).astype(np.float16) for _ in labels]
    for vectors, label in zip(features, labels, strict=True):
        vectors[:, 0] += 2 * label - 1
    return Examples(features, labels)


def test_a_trial_reports_every_epoch_and_then_its_result() -> None:
    rng = np.random.default_rng(0)
    config = ExperimentConfig(head=HeadConfig(epochs=3, patience=3))
    train, validation, test = (make_examples(rng, size) for size in (40, 10, 30))
    *epochs, result = run_trial(config=config, trial=4, arm="basic", train=train, validation=validation, test=test)
    assert [(event.trial, event.arm, event.epoch, event.num_epochs) for event in epochs if isinstance(event, EpochFinished)] == [
        (4, "basic", epoch, 3) for epoch in (1, 2, 3)
    ]
    assert isinstance(result, TrialResult)
    assert (result.trial, result.arm, result.num_epochs) == (4, "basic", 3)
    assert result.probs.dtype == np.float32
    assert result.accuracy == np.mean((result.probs > 0.5) == (test.labels == 1))
    assert result.train_s > 0


def test_a_stopped_trial_ends_without_a_result() -> None:
    rng = np.random.default_rng(0)
    examples = make_examples(rng, 64)
    answers = iter([False, True])  # 64 reviews are one block of batches
    events = list(
        run_trial(
            config=ExperimentConfig(),
            trial=0,
            arm="basic",
            train=examples,
            validation=examples,
            test=examples,
            should_stop=lambda: next(answers),
        )
    )
    assert events == []
