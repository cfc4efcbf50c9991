"""One trial of one arm: train the head on its draw, then test it. Imports TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np

from core.classifier.model import TrainingStopped
from core.classifier.training import EpochTrained, train_head
from core.experiment.config import ExperimentConfig
from core.experiment.events import EpochFinished
from core.experiment.results import Examples, TrialResult


def run_trial(
    *,
    config: ExperimentConfig,
    trial: int,
    arm: str,
    train: Examples,
    validation: Examples,
    test: Examples,
    mix_dim: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[EpochFinished | TrialResult]:
    """Train the head of one arm on one draw and test it.

    Args:
        config: Config of the run; decides everything except the features.
        trial: Counts from 0; the head's seed depends on it and on `config.seed`, not on the arm.
        arm: Key of `ARMS`, for the events only.
        train: Training reviews.
        validation: Reviews to choose the epoch by.
        test: Reviews that are used only for testing.
        mix_dim: Width of one ELMo layer if the first 3 * mix_dim components of each vector are three layers to be mixed; else 0.
        should_stop: Called between batches; if it returns true, the generator ends without a result.

    Yields:
        `EpochFinished` after each epoch and, unless stopped, one `TrialResult` last. The same arguments give the same numbers.
    """
    started = time.perf_counter()
    seed = (config.seed, trial)
    with suppress(TrainingStopped):
        for event in train_head(
            config.head, train=train, validation=validation, seed=seed, mix_dim=mix_dim, should_stop=should_stop
        ):
            if isinstance(event, EpochTrained):
                yield EpochFinished(trial, arm, event.epoch, event.num_epochs, event.loss, event.validation_accuracy)
                continue
            probs = event.head.predict(test.features, should_stop)  # (test_size,)
            yield TrialResult(
                trial=trial,
                arm=arm,
                accuracy=float(np.mean((probs > 0.5) == (test.labels > 0))),
                validation_accuracy=event.validation_accuracy,
                best_epoch=event.best_epoch,
                num_epochs=event.num_epochs,
                train_s=time.perf_counter() - started,
                probs=probs,
                head=event.head.to_arrays(),
            )
