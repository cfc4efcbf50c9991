"""Reviews whose vectors are made up for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.classifier.training import TrainedHead, train_head
from core.experiment.config import HeadConfig
from core.experiment.results import Examples


def make_examples(seed: int, num_reviews: int, dim: int = 6, *, lean: float = 1.0) -> Examples:
    """Reviews of 1 to 12 tokens; the first component leans towards the label."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, num_reviews)
    features = [rng.normal(size=(rng.integers(1, 13), dim)).astype(np.float16) for _ in labels]
    for vectors, label in zip(features, labels, strict=True):
        vectors[:, 0] += lean * (2 * label - 1)
    return Examples(features, labels)


def train(config: HeadConfig, *, seed: tuple[int, int] = (0, 0), **options: Any) -> TrainedHead:
    defaults = {"train": make_examples(1, 48), "validation": make_examples(2, 16)}
    *_, last = train_head(config, seed=seed, **defaults | options)
    assert isinstance(last, TrainedHead)
    return last


def stop_after(num_answers: int) -> Callable[[], bool]:
    answers = iter([False] * num_answers)
    return lambda: next(answers, True)
