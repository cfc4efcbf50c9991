"""Accuracy against the number of training reviews, and how many labels ELMo saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.intervals import Estimate, crossed_mean
from core.analysis.outcomes import Outcomes
from core.analysis.paired_tests import difference, difference_p
from core.arrays import BoolArray, DoubleArray
from core.experiment.arms import BAG_OF_WORDS, PAIR, pair_of

Points = Sequence[tuple[int, Outcomes]]

_STEPS = 48  # per two sizes: about 2 % between steps where the next size is 2.5 times as large


@dataclass(frozen=True, eq=False)
class CurvePoint:
    """What both arms reach at one training size.

    Attributes:
        train_size: Labelled reviews per trial.
        num_trials: Trials it rests on.
        means: Mean accuracy by arm, a fraction.
        intervals: 95 % confidence interval of it by arm, see `core.analysis.intervals.crossed_mean`.
        difference: Accuracy of elmo minus accuracy of basic; None without both.
        difference_interval: 95 % confidence interval of it; None without both.
        difference_p: p of it being 0, of this size alone; None without both.
        reference: Accuracy of the bag of words with its interval; None without one.
    """

    train_size: int
    num_trials: int
    means: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    difference: float | None
    difference_interval: tuple[float, float] | None
    difference_p: float | None
    reference: Estimate | None = None


@dataclass(frozen=True)
class LabelSaving:
    """How few reviews elmo needs to be as accurate as basic, or the bag of words, is with the most.

    Attributes:
        reference_size: Most training reviews that both had; None if they did not have two sizes.
        reference_accuracy: Mean accuracy of the rival with that many, 0-1.
        best_accuracy: Highest mean accuracy that elmo reaches with any number, 0-1.
        equivalent_size: Number of reviews with which elmo is as accurate, interpolated between two sizes on the log axis; None
            if it never is.
        factor: How many times fewer labels that is, reference_size / equivalent_size; None where that is.
        interval: 95 % confidence interval of the factor; an end is None where the sizes trained do not bound it. None altogether
            without a factor, or where the runs have no trials or test reviews in common.
        is_bound: Whether elmo is as accurate already with the fewest reviews, so that the factor is this or more.
        models: What the rival and the model are called; they are "basic" and "elmo" above, whatever they are called.
    """

    reference_size: int | None = None
    reference_accuracy: float | None = None
    best_accuracy: float | None = None
    equivalent_size: float | None = None
    factor: float | None = None
    interval: tuple[float | None, float | None] | None = None
    is_bound: bool = False
    models: tuple[str, str] = PAIR


def learning_curve(points: Points) -> list[CurvePoint]:
    """The curve of runs that differ in their training size only, ascending.

    Args:
        points: Training size and outcomes of each run, each size once, in any order.
    """
    return [_curve_point(size, outcomes) for size, outcomes in sorted(points, key=lambda point: point[0])]


def differences(curve: Sequence[CurvePoint]) -> dict[str, tuple[float, float]]:
    """The difference of the arms and its p at each size that has both, by size."""
    return {
        f"{point.train_size:,}": (point.difference, point.difference_p)
        for point in curve
        if point.difference is not None and point.difference_p is not None
    }


def label_saving(points: Points, rival: str = "") -> LabelSaving:
    """How many times fewer labelled reviews elmo needs to be as accurate as its rival with the most.

    Between two sizes the predictions of elmo count in proportion, linear in the logarithm of the size. The interval of the size
    holds every size at which the difference of elmo there and the rival at the most is not clear by
    `core.analysis.intervals.crossed_mean`, so trials and test reviews are paired across sizes: draws of one trial are nested,
    and the test reviews the same. The rival's trials, which have the most reviews in common, say what is allowed for.

    Args:
        points: As for `learning_curve`; those without both are left out.
        rival: `BAG_OF_WORDS`, or nothing for the first arm of the pair.
    """
    models = _models(points, rival)
    if models is None:
        return LabelSaving()
    paired = sorted(((size, outcomes) for size, outcomes in points if _has_both(outcomes, models)), key=lambda point: point[0])
    if len(paired) < 2:
        return LabelSaving(models=models)
    sizes = np.array([size for size, _ in paired], np.float64)
    reference, elmo, is_shared = _tables(paired, models)
    goal, reached = float(reference.mean()), [float(table.mean()) for table in elmo]
    above = [k for k, accuracy in enumerate(reached) if accuracy >= goal]
    most = int(sizes[-1])
    if not above:
        return LabelSaving(most, goal, max(reached), models=models)
    k = above[0]
    share = 0.0 if k == 0 else (goal - reached[k - 1]) / (reached[k] - reached[k - 1])
    equivalent = float(sizes[0] if k == 0 else sizes[k - 1] * (sizes[k] / sizes[k - 1]) ** share)
    return LabelSaving(
        reference_size=most,
        reference_accuracy=goal,
        best_accuracy=max(reached),
        equivalent_size=equivalent,
        factor=most / equivalent,
        interval=_factor_interval(sizes, elmo, reference, overlap=paired[-1][1].shared) if is_shared else None,
        is_bound=k == 0,
        models=models,
    )


def _curve_point(size: int, outcomes: Outcomes) -> CurvePoint:
    shared = outcomes.shared
    accuracies = {arm: crossed_mean(outcomes.correct_of(arm), overlap=shared) for arm in outcomes.arms}
    arms = pair_of(outcomes.arms)
    pair = (outcomes.correct_of(arms[0]), outcomes.correct_of(arms[1])) if arms else None
    gain = difference(*pair, overlap=shared) if pair else None
    return CurvePoint(
        train_size=size,
        num_trials=len(outcomes.trials),
        means={arm: estimate.mean for arm, estimate in accuracies.items()},
        intervals={arm: estimate.interval for arm, estimate in accuracies.items()},
        difference=gain.mean if gain else None,
        difference_interval=gain.interval if gain else None,
        difference_p=difference_p(*pair, overlap=shared) if pair else None,
        reference=None if outcomes.reference_correct is None else crossed_mean(outcomes.reference_correct, overlap=shared),
    )


def _models(points: Points, rival: str) -> tuple[str, str] | None:
    """The rival and the model that is measured against it; None if there are no two."""
    for _, outcomes in points:
        pair = pair_of(outcomes.arms)
        if rival == BAG_OF_WORDS:
            return rival, pair[1] if pair else outcomes.arms[-1]
        if pair:
            return pair
    return None


def _has_both(outcomes: Outcomes, models: tuple[str, str]) -> bool:
    return all(model in outcomes.arms or (model == BAG_OF_WORDS and outcomes.reference is not None) for model in models)


def _correct_of(outcomes: Outcomes, model: str) -> BoolArray:
    correct = outcomes.reference_correct if model == BAG_OF_WORDS else outcomes.correct_of(model)
    if correct is None:
        raise ValueError("the run has no bag of words")
    return correct


def _tables(paired: Points, models: tuple[str, str]) -> tuple[DoubleArray, list[DoubleArray], bool]:
    """Which predictions were right: of the rival with the most reviews, of elmo at each size, and whether rows and columns match.

    They match on the trials and test reviews that all runs share; where there are none, each run keeps its own.
    """
    everything = [outcomes for _, outcomes in paired]
    trials = sorted(set.intersection(*(set(outcomes.trials) for outcomes in everything)))
    ids = sorted(set.intersection(*(set(outcomes.ids) for outcomes in everything)))
    is_shared = bool(trials and ids)

    def table(outcomes: Outcomes, model: str) -> DoubleArray:
        correct = _correct_of(outcomes, model).astype(np.float64)  # (num_trials, num_tests)
        if not is_shared:
            return correct
        column_of = {review_id: column for column, review_id in enumerate(outcomes.ids)}
        return correct[[outcomes.trials.index(trial) for trial in trials]][:, [column_of[review_id] for review_id in ids]]

    rival, model = models
    return table(everything[-1], rival), [table(outcomes, model) for outcomes in everything], is_shared


def _factor_interval(
    sizes: DoubleArray, elmo: Sequence[DoubleArray], reference: DoubleArray, *, overlap: float | None
) -> tuple[float | None, float | None]:
    """How many times fewer labels it may be: sizes at which elmo may be as accurate as basic, turned into factors."""
    candidates = [sizes[0]]
    gains = [crossed_mean(elmo[0] - reference, lowest=-1.0, overlap=overlap)]
    for k in range(1, len(sizes)):
        for share in np.linspace(0, 1, _STEPS + 1)[1:]:
            candidates.append(sizes[k - 1] * (sizes[k] / sizes[k - 1]) ** share)
            between = (1 - share) * elmo[k - 1] + share * elmo[k]
            gains.append(crossed_mean(between - reference, lowest=-1.0, overlap=overlap))
    is_too_few = np.array([gain.interval[1] < 0 for gain in gains])
    is_more_than_enough = np.array([gain.interval[0] > 0 for gain in gains])
    fewest = int(np.argmin(is_too_few))  # the first that may do
    most = len(candidates) - 1 - int(np.argmin(is_more_than_enough[::-1]))  # the last that may not
    if is_more_than_enough.all():  # even the smallest does for certain
        most = 0
    factors = sizes[-1] / np.array(candidates)
    return (
        None if most == len(candidates) - 1 else float(factors[most]),
        None if fewest == 0 else float(factors[fewest]),
    )
