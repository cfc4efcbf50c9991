"""What goes into a trial and what comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Examples:
    """Embedded reviews with their labels.

    Attributes:
        features: Token vectors of each review, float16 or float32 (T_i, dim).
        labels: 0 negative, 1 positive, (num_reviews,).
    """

    features: Sequence[npt.NDArray[np.floating[Any]]]
    labels: npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class TrialResult:
    """Result of one arm in one trial.

    Attributes:
        trial: Counts from 0.
        arm: Key of `ARMS`.
        accuracy: Share of test reviews that are classified correctly.
        validation_accuracy: The same for the validation reviews, after the epoch whose weights were kept.
        best_epoch: The epoch whose weights were kept; counts from 1.
        num_epochs: Epochs that were trained.
        train_s: Seconds of training and testing.
        probs: float32 (test_size,), probability that each test review is positive, in the order of the draw.
        head: Weights by name, float32; `core.classifier.model.Head.from_arrays` takes them.
    """

    trial: int
    arm: str
    accuracy: float
    validation_accuracy: float
    best_epoch: int
    num_epochs: int
    train_s: float
    probs: FloatArray
    head: dict[str, FloatArray]


@dataclass(frozen=True, eq=False)
class ReferenceResult:
    """Result of the bag of words in one trial.

    Attributes:
        trial: Counts from 0.
        accuracy: Share of test reviews that are classified correctly.
        chosen_c: Inverse strength of the regularisation, as chosen on the validation reviews.
        train_s: Seconds of training and testing.
        probs: As in `TrialResult`.
    """

    trial: int
    accuracy: float
    chosen_c: float
    train_s: float
    probs: FloatArray
