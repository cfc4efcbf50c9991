"""Error analysis: which mistakes the models make, how sure they are, and on which reviews they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.analysis.intervals import Estimate, crossed_mean, wilson_interval
from core.analysis.outcomes import Outcomes
from core.analysis.paired_tests import difference, difference_p
from core.arrays import BoolArray, DoubleArray, IndexArray
from core.data.slices import Slice
from core.errors import UserError
from core.experiment.arms import PAIR, pair_of

NUM_BINS = 10
_NUM_ROC_POINTS = 101


@dataclass(frozen=True, eq=False)
class Confusion:
    """What an arm said about reviews of each label.

    Attributes:
        counts: float64 (2, 2) [label, prediction], test reviews in each cell, averaged over the trials.
        reviews: int64 indices of the test reviews that most trials put into the cell, by (label, prediction); each review is in
            one cell.
    """

    counts: DoubleArray
    reviews: dict[tuple[int, int], IndexArray]


@dataclass(frozen=True, eq=False)
class Roc:
    """Share of positive reviews found at each share of negative reviews mistaken for positive.

    Attributes:
        false_positive_rates: float64 (num_points,), 0 to 1.
        true_positive_rates: float64 (num_points,), averaged over the trials.
        lowest: float64 (num_points,), of the trial with the lowest rate there.
        highest: float64 (num_points,), of the trial with the highest.
        aucs: float64 (num_trials,), area under the curve of each trial.
    """

    false_positive_rates: DoubleArray
    true_positive_rates: DoubleArray
    lowest: DoubleArray
    highest: DoubleArray
    aucs: DoubleArray


@dataclass(frozen=True, eq=False)
class ReliabilityBin:
    """Predictions of about the same probability, of all trials.

    Attributes:
        low: Lower end of the bin.
        high: Upper end, which belongs to the bin.
        num_predictions: Predictions in it, of all trials together.
        mean_prob: Their mean probability of "positive".
        share_positive: Share of them whose review is positive.
        interval: 95 % confidence interval of that share; predictions for the same review are no further evidence.
        reviews: int64 indices of the test reviews whose probability, averaged over the trials, is in the bin.
    """

    low: float
    high: float
    num_predictions: int
    mean_prob: float
    share_positive: float
    interval: tuple[float, float]
    reviews: IndexArray


@dataclass(frozen=True, eq=False)
class AccuracyBin:
    """Accuracy on the test reviews that have about the same value of something.

    Attributes:
        low: Smallest value in the bin.
        high: Largest value in the bin.
        reviews: int64 indices of its test reviews.
        accuracies: Mean accuracy with its interval, by arm.
        difference: Accuracy of elmo minus accuracy of basic; None without both.
        difference_p: p of it being 0, of this bin alone; None without both.
    """

    low: float
    high: float
    reviews: IndexArray
    accuracies: dict[str, Estimate]
    difference: Estimate | None
    difference_p: float | None


@dataclass(frozen=True, eq=False)
class AccuracySlice:
    """Accuracy on the test reviews of one slice.

    Attributes:
        title: What they have in common.
        reviews: int64 indices of its test reviews.
        accuracies: Mean accuracy with its interval, by arm.
        difference: Accuracy of the second of a pair of arms minus that of the first; None without a pair.
        difference_p: p of it being 0, of this slice alone; None without a pair.
    """

    title: str
    reviews: IndexArray
    accuracies: dict[str, Estimate]
    difference: Estimate | None
    difference_p: float | None


@dataclass(frozen=True, eq=False)
class Agreement:
    """The test reviews by which arms get them right in more than half of the trials, as int64 indices, ascending.

    Attributes:
        both: Both arms do.
        only_basic: Only basic does.
        only_elmo: Only elmo does.
        none: Neither does.
        models: What basic and elmo are called.
    """

    both: IndexArray
    only_basic: IndexArray
    only_elmo: IndexArray
    none: IndexArray
    models: tuple[str, str] = PAIR

    @property
    def counts(self) -> IndexArray:
        """int64 (2, 2) [basic is wrong or right, elmo is wrong or right]."""
        return np.array([[len(self.none), len(self.only_elmo)], [len(self.only_basic), len(self.both)]], np.int64)


def confusion(outcomes: Outcomes, arm: str) -> Confusion:
    """The confusion matrix of an arm, with the reviews behind each cell."""
    from sklearn.metrics import confusion_matrix  # noqa: PLC0415  # takes a second to import

    predicted = outcomes.of(arm) > 0.5  # (num_trials, num_tests)
    num_trials = len(predicted)
    counts = confusion_matrix(np.tile(outcomes.labels, num_trials), predicted.ravel(), labels=[0, 1]) / num_trials
    is_right = outcomes.mostly_correct[outcomes.arms.index(arm)]
    mostly_said = np.where(is_right, outcomes.labels, 1 - outcomes.labels)  # (num_tests,)
    cells = [(label, said) for label in (0, 1) for said in (0, 1)]
    return Confusion(
        counts=counts,
        reviews={(label, said): _where((outcomes.labels == label) & (mostly_said == said)) for label, said in cells},
    )


def roc(outcomes: Outcomes, arm: str) -> Roc:
    """The ROC curve of an arm, averaged over the trials at each false positive rate.

    Raises:
        UserError: All test reviews have the same label.

    Reference: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006 (vertical averaging, section 8.1).
    """
    from sklearn.metrics import auc, roc_curve  # noqa: PLC0415  # takes a second to import

    if len(set(outcomes.labels.tolist())) < 2:
        raise UserError(
            "All test reviews of this run have the same label, so there is no ROC curve; train with more test reviews.",
            code="one-label-only",
        )
    false_positive_rates = np.linspace(0, 1, _NUM_ROC_POINTS)
    curves, aucs = [], []
    for probs in outcomes.of(arm):
        false_positives, true_positives, _ = roc_curve(outcomes.labels, probs)
        aucs.append(auc(false_positives, true_positives))
        curves.append(np.interp(false_positive_rates, false_positives, true_positives))
    rates = np.stack(curves)  # (num_trials, num_points)
    rates[:, 0] = 0.0  # every curve begins in the corner
    return Roc(
        false_positive_rates=false_positive_rates,
        true_positive_rates=rates.mean(axis=0),
        lowest=rates.min(axis=0),
        highest=rates.max(axis=0),
        aucs=np.array(aucs),
    )


def reliability(outcomes: Outcomes, arm: str, num_bins: int = NUM_BINS) -> list[ReliabilityBin]:
    """Whether 80 % of the reviews called positive with 80 % are positive; bins of equal width, without empty ones.

    The interval is Wilson's with Kish's effective number of reviews: a review weighs as many predictions as it has in the bin.

    Reference: Kish, Survey Sampling, 1965, section 11.2C.
    """
    probs = outcomes.of(arm).astype(np.float64)  # (num_trials, num_tests)
    edges = np.linspace(0, 1, num_bins + 1)
    bin_of, mean_bin_of = (np.digitize(values, edges[1:-1], right=True) for values in (probs, probs.mean(axis=0)))
    bins = []
    for k in range(num_bins):
        is_inside = bin_of == k  # (num_trials, num_tests)
        weights = is_inside.sum(axis=0)  # (num_tests,)
        num_predictions = int(weights.sum())
        if not num_predictions:
            continue
        share_positive = float(weights @ outcomes.labels / num_predictions)
        bins.append(
            ReliabilityBin(
                low=float(edges[k]),
                high=float(edges[k + 1]),
                num_predictions=num_predictions,
                mean_prob=float(probs[is_inside].mean()),
                share_positive=share_positive,
                interval=wilson_interval(share_positive, num_predictions**2 / float((weights**2).sum())),
                reviews=_where(mean_bin_of == k),
            )
        )
    return bins


def brier(outcomes: Outcomes, arm: str) -> Estimate:
    """Brier score: mean squared distance of probability and truth; 0 is perfect, always saying 50 % gives 0.25."""
    return crossed_mean((outcomes.of(arm).astype(np.float64) - outcomes.labels) ** 2, overlap=outcomes.shared)


def expected_calibration_error(outcomes: Outcomes, arm: str, num_bins: int = NUM_BINS) -> float:
    """How far the bars of `reliability` are from the truth, averaged over the predictions of all trials; 0 is perfect.

    Reference: Naeini, Cooper & Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, AAAI 2015.
    """
    bins = reliability(outcomes, arm, num_bins)
    gaps = sum(each.num_predictions * abs(each.share_positive - each.mean_prob) for each in bins)
    return gaps / sum(each.num_predictions for each in bins)


def accuracy_by(outcomes: Outcomes, values: npt.ArrayLike, bins: int | Sequence[float]) -> list[AccuracyBin]:
    """Accuracy on short and long reviews, on those with few and many unknown words, and so on.

    Args:
        outcomes: Of a run.
        values: A number per test review, (num_tests,).
        bins: How many bins of about the same number of reviews, fewer where values are often equal; or their edges, ascending. A
            value on an edge belongs to the bin above, on the last edge to the last bin. Values outside are left out.

    Returns:
        The bins that have any reviews.

    Raises:
        ValueError: There is not one number per test review.
    """
    numbers = np.asarray(values, np.float64)
    if numbers.shape != outcomes.labels.shape or np.isnan(numbers).any():
        raise ValueError(f"there must be a number for each of the {len(outcomes.labels)} test reviews, got {numbers!r}")
    edges = np.unique(
        np.quantile(numbers, np.linspace(0, 1, bins + 1)) if isinstance(bins, int) else np.asarray(bins, np.float64)
    )
    bin_of = np.digitize(numbers, edges) - 1  # (num_tests,), -1 below the first edge
    bin_of[numbers == edges[-1]] = max(len(edges) - 2, 0)
    members = [_where(bin_of == k) for k in range(max(len(edges) - 1, 1))]
    return [_accuracy_bin(outcomes, numbers, reviews) for reviews in members if len(reviews)]


def agreement(outcomes: Outcomes) -> Agreement:
    """The test reviews by who gets them right.

    Raises:
        UserError: The run has not got both arms.
    """
    pair = pair_of(outcomes.arms)
    if pair is None:
        raise UserError("Agreement takes two models; choose a run that trained two.", code="one-model-only")
    basic, elmo = (outcomes.mostly_correct[outcomes.arms.index(arm)] for arm in pair)
    return agreement_of(basic, elmo, pair)


def agreement_of(basic: BoolArray, elmo: BoolArray, models: tuple[str, str] = PAIR) -> Agreement:
    """The test reviews by which of two models gets them right.

    Args:
        basic: Which ones the first model gets right, bool (num_tests,).
        elmo: The same of the second.
        models: What the two are called.
    """
    return Agreement(
        both=_where(basic & elmo),
        only_basic=_where(basic & ~elmo),
        only_elmo=_where(~basic & elmo),
        none=_where(~basic & ~elmo),
        models=models,
    )


def accuracy_by_slice(outcomes: Outcomes, slices: Sequence[Slice], *, pair: tuple[str, str] | None) -> list[AccuracySlice]:
    """Accuracy on each slice of the test reviews.

    Args:
        outcomes: Of a run, or of predictions.
        slices: Rows are positions among the test reviews.
        pair: The arms whose difference is wanted, the second minus the first.
    """
    return [AccuracySlice(each.title, each.rows, *_on(outcomes, each.rows, pair)) for each in slices]


def _accuracy_bin(outcomes: Outcomes, numbers: DoubleArray, reviews: IndexArray) -> AccuracyBin:
    low, high = float(numbers[reviews].min()), float(numbers[reviews].max())
    return AccuracyBin(low, high, reviews, *_on(outcomes, reviews, pair_of(outcomes.arms)))


def _on(
    outcomes: Outcomes, reviews: IndexArray, pair: tuple[str, str] | None
) -> tuple[dict[str, Estimate], Estimate | None, float | None]:
    """Accuracies of all arms on some test reviews, the difference of two of them and its p."""
    correct = {arm: outcomes.correct_of(arm)[:, reviews] for arm in outcomes.arms}  # (num_trials, num_reviews) each
    shared = outcomes.shared
    accuracies = {arm: crossed_mean(correct[arm], overlap=shared) for arm in correct}
    if pair is None:
        return accuracies, None, None
    first, second = (correct[arm] for arm in pair)
    return accuracies, difference(first, second, overlap=shared), difference_p(first, second, overlap=shared)


def _where(is_member: npt.NDArray[np.bool_]) -> IndexArray:
    return np.flatnonzero(is_member).astype(np.int64)
