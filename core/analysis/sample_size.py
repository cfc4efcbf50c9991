"""How much is enough: what more trials, more test reviews or more labels would make of the interval of a difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.intervals import MeanSquares, is_for_this_kind, mean_squares, overlap_weight
from core.analysis.paired_tests import gain_table
from core.experiment.arms import pair_of

if TYPE_CHECKING:
    from core.analysis.curves.learning_curve import CurvePoint
    from core.analysis.outcomes import Outcomes
    from core.experiment.overlap import Overlap

_FACTORS = (2, 4)


@dataclass(frozen=True)
class Precision:
    """How wide the interval of a difference is, or would be.

    Attributes:
        num_trials: Trials.
        num_tests: Test reviews.
        half_width: How far the 95 % interval reaches to either side of the difference, a fraction.
    """

    num_trials: int
    num_tests: int
    half_width: float


def measured_squares(outcomes: Outcomes) -> MeanSquares | None:
    """Mean squares of the second model's gains over the first; None where they are all the same, or without two models."""
    pair = pair_of(outcomes.arms)
    if pair is None:
        return None
    table = gain_table(*map(outcomes.correct_of, pair))
    return mean_squares(table, outcomes.shared) if np.ptp(table) and len(outcomes.ids) > 1 else None


def precisions(squares: MeanSquares, overlap: Overlap | None = None) -> list[Precision]:
    """The interval as it is, then with two and four times the trials, the test reviews, and both.

    After one trial only test reviews are multiplied: it does not show how much trials differ.

    Args:
        squares: Of a finished run.
        overlap: Of its trials, if it is known.
    """
    num_trials, num_tests = squares.num_trials, squares.num_tests
    more_trials = [(factor, 1) for factor in _FACTORS] if num_trials > 1 else []
    more_tests = [(1, factor) for factor in _FACTORS]
    more_of_both = [(factor, factor) for factor in _FACTORS] if num_trials > 1 else []
    factors = [*more_trials, *more_tests, *more_of_both]
    more = [predict(squares, num_trials * trials, num_tests * tests, overlap) for trials, tests in factors]
    return [Precision(num_trials, num_tests, squares.half_width), *more]


def predict(squares: MeanSquares, num_trials: int, num_tests: int, overlap: Overlap | None = None) -> Precision:
    """The interval that an experiment of another size would have.

    The mean squares say how much trials, test reviews and the rest vary, whatever their number; from these come the mean squares
    to be expected of the other experiment.

    Args:
        squares: Of a finished run.
        num_trials: Of the experiment to be.
        num_tests: Of the experiment to be.
        overlap: Of the run's trials. If its interval allows for it, so does that of the other experiment, whose trials may have
            more in common: what they owe to common reviews does not average out.

    References:
        Searle, Casella & McCulloch, Variance Components, 1992, chapter 4 (components from mean squares).
        Nadeau & Bengio, Inference for the generalization error, Machine Learning 52, 2003 (trials that overlap).
    """
    between_trials = max(squares.trials - squares.rest, 0.0) / squares.num_tests
    between_reviews = max(squares.reviews - squares.rest, 0.0) / squares.num_trials
    expected = MeanSquares(
        trials=num_tests * between_trials + squares.rest,
        reviews=num_trials * between_reviews + squares.rest,
        rest=squares.rest,
        num_trials=num_trials,
        num_tests=num_tests,
        weight=overlap_weight(num_trials, _expected_share(overlap, num_trials)),
    )
    return Precision(num_trials, num_tests, expected.half_width)


def limits(squares: MeanSquares, overlap: Overlap | None = None) -> tuple[float, float]:
    """What remains of the half-width with any number of trials and these test reviews, and the other way round."""
    any_number = 10**9
    with_trials = predict(squares, any_number, squares.num_tests, overlap)
    with_tests = predict(squares, squares.num_trials, any_number, overlap)
    return with_trials.half_width, with_tests.half_width


def labels_until_clear(curve: Sequence[CurvePoint], difference: float) -> float | None:
    """With how many training reviews a difference would be just clear, with as many trials and test reviews as there are.

    Half-widths between two sizes are interpolated, linear on logarithmic axes.

    Args:
        curve: Ascending, of both arms.
        difference: A fraction; just clear is one as large as the half-width.

    Returns:
        The smallest size of the curve if it is clear with that already; None if it is not with the largest.
    """
    intervals = [(point.train_size, point.difference_interval) for point in curve if point.difference_interval]
    sizes, half_widths = [size for size, _ in intervals], [(high - low) / 2 for _, (low, high) in intervals]
    too_wide = [k for k, half_width in enumerate(half_widths) if half_width > difference]
    if not sizes or (too_wide and too_wide[-1] == len(sizes) - 1):
        return None
    if not too_wide:
        return float(sizes[0])
    k = too_wide[-1]
    share = math.log(half_widths[k] / difference) / math.log(half_widths[k] / half_widths[k + 1])
    return sizes[k] * math.pow(sizes[k + 1] / sizes[k], share)


def _expected_share(overlap: Overlap | None, num_trials: int) -> float:
    """What trials are expected to have in common, as far as intervals of the run allow for it."""
    return overlap.with_trials(num_trials) if overlap and is_for_this_kind(overlap.share) else 0.0
