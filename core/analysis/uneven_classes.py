"""Balanced accuracy and macro-F1: what to read beside accuracy where one class is much rarer than the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.intervals import Estimate, crossed_mean
from core.analysis.paired_tests import difference
from core.arrays import BoolArray, DoubleArray, LabelArray
from core.experiment.arms import BAG_OF_WORDS, pair_of

if TYPE_CHECKING:
    from core.analysis.outcomes import Outcomes

UNEVEN_BELOW = 0.4  # share of the rarer class


@dataclass(frozen=True)
class Measure:
    """One measure of all models, averaged over the trials, with 95 % intervals.

    Attributes:
        models: By model; `BAG_OF_WORDS` stands beside the arms where there is one.
        difference: Of the second model of the pair minus the first; None without a pair.
    """

    models: Mapping[str, Estimate]
    difference: Estimate | None


@dataclass(frozen=True)
class UnevenClasses:
    """What to say beside accuracy where one class is rare.

    Attributes:
        num_negative: Negative test reviews.
        num_positive: Positive test reviews.
        accuracy: Share of right predictions, for comparison.
        balanced_accuracy: Mean of the shares of both classes that are found; 0.5 for a model that always says the same.
        macro_f1: Mean of the F1 of both classes.
    """

    num_negative: int
    num_positive: int
    accuracy: Measure
    balanced_accuracy: Measure
    macro_f1: Measure

    @property
    def larger_class(self) -> str:
        """The class that most test reviews are of."""
        return "positive" if self.num_positive > self.num_negative else "negative"

    @property
    def measures(self) -> dict[str, Measure]:
        """All measures by the name that people know them by."""
        return {"accuracy": self.accuracy, "balanced accuracy": self.balanced_accuracy, "macro-F1": self.macro_f1}

    @property
    def larger_share(self) -> float:
        """Its share, which is the accuracy of a model that always says it."""
        return max(self.num_negative, self.num_positive) / (self.num_negative + self.num_positive)


def measure_uneven(outcomes: Outcomes, *, pair: tuple[str, str] | None = None) -> UnevenClasses | None:
    """Both measures of every model of a run; None where accuracy says enough, or where there is one class only.

    Args:
        outcomes: Of the run.
        pair: The arms whose difference is wanted, the second minus the first; basic and elmo by default, where both are there.
    """
    num_positive = int((outcomes.labels > 0).sum())
    num_negative = len(outcomes.labels) - num_positive
    rarer = min(num_negative, num_positive)
    if not 0 < rarer < UNEVEN_BELOW * len(outcomes.labels):
        return None
    correct = {arm: outcomes.correct_of(arm) for arm in outcomes.arms}
    pair = pair or pair_of(outcomes.arms)
    if outcomes.reference_correct is not None:
        correct[BAG_OF_WORDS] = outcomes.reference_correct
    balanced, macro = (
        measure(table, correct, outcomes.labels, pair=pair, overlap=outcomes.shared) for table in (balanced_accuracies, macro_f1s)
    )
    return UnevenClasses(num_negative, num_positive, _accuracy(correct, pair, outcomes.shared), balanced, macro)


def measure(
    table_of: Callable[[BoolArray, LabelArray], DoubleArray],
    correct: Mapping[str, BoolArray],
    labels: LabelArray,
    *,
    pair: tuple[str, str] | None = None,
    overlap: float | None = None,
) -> Measure:
    """One measure of some models, tested on the same reviews; intervals are those of `crossed_mean`, for the same other reviews.

    In simulations with 5 to 35 % of reviews in the rarer class, they cover the truth in 92 to 99 % of the cases with one, five
    and ten trials, in more only where that class has about ten reviews, and in 88 to 99 % with two
    (`tests/core/analysis/test_uneven_classes.py` repeats some of them).

    Args:
        table_of: `balanced_accuracies` or `macro_f1s`.
        correct: By model, bool (num_trials, num_tests).
        labels: int8 (num_tests,), of both classes.
        pair: The models whose difference is wanted, the second minus the first.
        overlap: As for `core.analysis.intervals.crossed_mean`.
    """
    tables = {model: table_of(each, labels) for model, each in correct.items()}
    wider = {model: table_of(*_with_two_of_each(each, labels)) for model, each in correct.items()}
    models = {model: _estimate(tables[model], wider[model], lowest=0.0, overlap=overlap) for model in tables}
    if pair is None:
        return Measure(models, None)
    first, second = pair
    opposed = table_of(*_with_two_of_each(correct[second], labels, is_first_right=False))
    gain = _estimate(tables[second] - tables[first], opposed - wider[first], lowest=-1.0, overlap=overlap)
    return Measure(models, gain)


def _accuracy(correct: Mapping[str, BoolArray], pair: tuple[str, str] | None, overlap: float | None) -> Measure:
    gain = difference(*(correct[model] for model in pair), overlap=overlap) if pair else None
    return Measure({model: crossed_mean(each, overlap=overlap) for model, each in correct.items()}, gain)


def _estimate(table: DoubleArray, wider: DoubleArray, *, lowest: float, overlap: float | None) -> Estimate:
    """The mean of a table with the interval of the same table with imaginary reviews."""
    mean = float(table.mean())
    low, high = crossed_mean(wider, lowest=lowest, overlap=overlap).interval
    return Estimate(mean, (min(low, mean), max(high, mean)))


def _with_two_of_each(correct: BoolArray, labels: LabelArray, *, is_first_right: bool = True) -> tuple[BoolArray, LabelArray]:
    """The predictions with two imaginary reviews of each class, one right and one wrong in every trial.

    A rare class has few reviews; if all of them are right, they say nothing of how often others would be wrong. Two models that
    are compared are right on one of the two each.

    Reference: Agresti & Caffo, Simple and effective confidence intervals for proportions and differences of proportions, American
    Statistician 54, 2000.
    """
    imaginary = np.array([is_first_right, not is_first_right] * 2)
    added = np.broadcast_to(imaginary, (len(correct), len(imaginary)))
    return np.hstack([correct, added]), np.append(labels, np.array([0, 0, 1, 1], labels.dtype))


def balanced_accuracies(correct: BoolArray, labels: LabelArray) -> DoubleArray:
    """A table whose rows have the balanced accuracy of their trial as their mean, linearised as `_ratio` does.

    Args:
        correct: Which predictions are right, bool (num_trials, num_tests).
        labels: int8 (num_tests,), of both classes.

    Returns:
        float64 (num_trials, num_tests). Single values mean nothing, and can lie outside 0 to 1.

    Reference: Brodersen et al., The balanced accuracy and its posterior distribution, ICPR 2010.
    """
    is_of = [np.broadcast_to(labels == label, correct.shape) for label in (0, 1)]
    recalls = [_ratio(each & correct, each) for each in is_of]
    return np.asarray(sum(recalls) / 2)


def macro_f1s(correct: BoolArray, labels: LabelArray) -> DoubleArray:
    """The same for macro-F1, the mean of both classes' F1; arguments and result as of `balanced_accuracies`.

    F1 of a class is 2 TP / (2 TP + FP + FN). The mean is taken of the F1s, not of precisions and recalls first.

    Reference: Opitz & Burst, Macro F1 and macro F1, arXiv:1911.03347 (2019).
    """
    f1s = []
    for label in (0, 1):
        is_of = np.broadcast_to(labels == label, correct.shape)
        is_said = is_of == correct
        f1s.append(_ratio(2 * (is_of & is_said), is_of.astype(np.int64) + is_said))
    return np.asarray(sum(f1s) / 2)


def _ratio(above: DoubleArray | BoolArray, below: DoubleArray | BoolArray) -> DoubleArray:
    """Ratios of two sums over the test reviews, as a table whose rows have them as their means.

    A ratio R = sum(a) / sum(b) of other test reviews varies as the mean of R + (a - R b) / mean(b) does, to first order (Taylor
    linearisation). So the interval of a mean over trials and test reviews holds for it, whatever correlates the trials, the
    classes or two models.

    Args:
        above: a, (num_trials, num_tests).
        below: b, (num_trials, num_tests), of which each row has some.

    Reference: Sarndal, Swensson & Wretman, Model Assisted Survey Sampling, 1992, section 5.5.
    """
    ratios = above.sum(axis=1, keepdims=True) / below.sum(axis=1, keepdims=True)  # (num_trials, 1)
    return np.asarray(ratios + (above - ratios * below) / below.mean(axis=1, keepdims=True))
