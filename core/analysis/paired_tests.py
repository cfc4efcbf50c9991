"""Paired comparison of two arms over the trials and test reviews of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, chdtri, ndtr, stdtr  # scipy.stats takes a second to import

from core.analysis.intervals import CONFIDENCE, Estimate, clopper_pearson_interval, crossed_mean, mean_squares
from core.arrays import DoubleArray
from core.experiment.arms import PAIR, pair_of

if TYPE_CHECKING:
    from core.analysis.outcomes import Outcomes

_ROUNDING = 1e-9  # a correlation that is nearer to 1 is perfect


@dataclass(frozen=True)
class McNemar:
    """McNemar's test on the test reviews; a review counts as right for an arm that gets it right in more than half of the trials.

    Attributes:
        num_only_basic: Reviews that only basic gets right.
        num_only_elmo: Reviews that only elmo gets right.
        p: Exact, two-sided.
    """

    num_only_basic: int
    num_only_elmo: int
    p: float


@dataclass(frozen=True)
class Spread:
    """How much the accuracy of one arm varies from trial to trial.

    Attributes:
        deviation: Standard deviation over the trials, a fraction, not points.
        interval: 95 % confidence interval of it, for other draws from these training reviews and these test reviews.
    """

    deviation: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Comparison:
    """How one arm did against another on the same trials and the same test reviews.

    "basic" and "elmo" in the names of the attributes are the first and the second arm, whatever they are called.

    Attributes:
        num_trials: Pairs compared.
        num_tests: Test reviews of each.
        wins: Trials in which elmo was more accurate.
        losses: Trials in which basic was.
        ties: Trials in which both were equally accurate.
        mean_difference: Accuracy of elmo minus accuracy of basic, averaged; a fraction, not points.
        interval: 95 % confidence interval of it, see `core.analysis.intervals.crossed_mean`; `core.analysis.verdicts.holds_for`
            says for what it holds.
        win_interval: 95 % confidence interval of the chance that elmo wins another trial, 0-1, for another draw and these test
            reviews; a tie is not won.
        loss_interval: The same of basic.
        sign_p: Exact two-sided sign test on the trials; ties are left out.
        wilcoxon_p: Exact two-sided signed-rank test on the differences of the trials; ties are left out.
        lowest_possible_p: What both these tests give at best with so many trials.
        mcnemar: The test on the test reviews, given the heads that were trained.
        spread_basic: How consistent the accuracy of basic is over the trials; None for a single trial.
        spread_elmo: The same of elmo.
        spread_p: Whether the two spreads differ, by Pitman's and Morgan's test; None below three trials and where the test
            cannot judge, see `spread_test`.
        models: Names of the first and the second arm.
    """

    num_trials: int
    num_tests: int
    wins: int
    losses: int
    ties: int
    mean_difference: float
    interval: tuple[float, float]
    win_interval: tuple[float, float]
    loss_interval: tuple[float, float]
    sign_p: float
    wilcoxon_p: float
    lowest_possible_p: float
    mcnemar: McNemar
    spread_basic: Spread | None
    spread_elmo: Spread | None
    spread_p: float | None
    models: tuple[str, str] = PAIR


@dataclass(frozen=True)
class ReferenceComparison:
    """How the arms did against the bag of words, on the same trials and the same test reviews.

    Attributes:
        accuracy: Of the bag of words, with its interval.
        leads: Accuracy of each arm minus that of the bag of words, with its interval, by arm.
    """

    accuracy: Estimate
    leads: dict[str, Estimate]


def compare(
    basic_correct: npt.ArrayLike,
    elmo_correct: npt.ArrayLike,
    *,
    overlap: float | None = None,
    models: tuple[str, str] = PAIR,
) -> Comparison:
    """Compare both arms, trial by trial and review by review.

    Args:
        basic_correct: Which predictions of basic were right, bool (num_trials, num_tests).
        elmo_correct: The same of elmo, in the same order.
        overlap: As for `core.analysis.intervals.crossed_mean`.
        models: What the two are called.

    Raises:
        ValueError: The tables are empty or differ in shape.
    """
    basic, elmo = np.asarray(basic_correct, np.bool_), np.asarray(elmo_correct, np.bool_)
    if basic.shape != elmo.shape or basic.ndim != 2 or not basic.size:
        raise ValueError(f"predictions must come in pairs, at least one, got the shapes {basic.shape} and {elmo.shape}")
    num_trials, num_tests = basic.shape
    leads = elmo.sum(axis=1) - basic.sum(axis=1)  # (num_trials,), in reviews: whole numbers tie exactly
    wins, losses = int((leads > 0).sum()), int((leads < 0).sum())
    estimate = difference(basic, elmo, overlap=overlap)
    return Comparison(
        num_trials=num_trials,
        num_tests=num_tests,
        wins=wins,
        losses=losses,
        ties=num_trials - wins - losses,
        mean_difference=estimate.mean,
        interval=estimate.interval,
        win_interval=clopper_pearson_interval(wins, num_trials),
        loss_interval=clopper_pearson_interval(losses, num_trials),
        sign_p=sign_test(wins, losses),
        wilcoxon_p=signed_rank_test(leads),
        lowest_possible_p=min(1.0, 2.0 ** (1 - num_trials)),
        mcnemar=_mcnemar(basic, elmo),
        spread_basic=_spread(basic.mean(axis=1)) if num_trials > 1 else None,
        spread_elmo=_spread(elmo.mean(axis=1)) if num_trials > 1 else None,
        spread_p=spread_test(basic.mean(axis=1), elmo.mean(axis=1)) if num_trials > 2 else None,
        models=models,
    )


def compare_arms(outcomes: Outcomes, pair: tuple[str, str] | None = None) -> Comparison | None:
    """Two models of a run compared on their whole pairs; None if only one was trained.

    Args:
        outcomes: Of the run.
        pair: The two; `pair_of` the run by default.
    """
    pair = pair or pair_of(outcomes.arms)
    if pair is None:
        return None
    return compare(*map(outcomes.correct_of, pair), overlap=outcomes.shared, models=pair)


def compare_reference(outcomes: Outcomes) -> ReferenceComparison | None:
    """Every arm against the bag of words; None if there is none in some of the trials. Intervals are those of `crossed_mean`."""
    correct = outcomes.reference_correct
    if correct is None:
        return None
    leads = {arm: difference(correct, outcomes.correct_of(arm), overlap=outcomes.shared) for arm in outcomes.arms}
    return ReferenceComparison(crossed_mean(correct, overlap=outcomes.shared), leads)


def difference(basic_correct: npt.ArrayLike, elmo_correct: npt.ArrayLike, *, overlap: float | None = None) -> Estimate:
    """Accuracy of elmo minus accuracy of basic, or of any two models, with its interval; arguments as for `compare`."""
    return crossed_mean(gain_table(basic_correct, elmo_correct), lowest=-1.0, overlap=overlap)


def difference_p(basic_correct: npt.ArrayLike, elmo_correct: npt.ArrayLike, *, overlap: float | None = None) -> float:
    """Two-sided p of that difference being 0: under 0.05 where its interval leaves 0 out."""
    table = gain_table(basic_correct, elmo_correct)
    mean = float(table.mean())
    if np.ptp(table) == 0:  # Wilson's test of so many reviews without a case of anything else
        return 2 * float(ndtr(-(table.shape[1] ** 0.5))) if mean else 1.0
    squares = mean_squares(table, overlap)
    return 2 * float(stdtr(squares.df, -abs(mean) / squares.variance**0.5))


def gain_table(basic_correct: npt.ArrayLike, elmo_correct: npt.ArrayLike) -> DoubleArray:
    """1 where only elmo is right, -1 where only basic is, else 0; float64 (num_trials, num_tests)."""
    return np.asarray(elmo_correct, np.float64) - np.asarray(basic_correct, np.float64)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for how many there are: with a limit of 0.05, any false finding among them has a chance of 5 % at most.

    It holds however the tests depend on each other, so for nested draws and for one set of test reviews too.

    Returns:
        One for each, in the same order.

    Reference: Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.
    """
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(np.asarray(p_values, np.float64)[order] * factors), 1.0)
    found: list[float] = adjusted.tolist()
    return found


def sign_test(wins: int, losses: int) -> float:
    """Exact two-sided p of so many wins and losses if both were equally likely."""
    return min(1.0, 2 * float(bdtr(min(wins, losses), wins + losses, 0.5))) if wins + losses else 1.0


def signed_rank_test(leads: npt.ArrayLike) -> float:
    """Exact two-sided p of Wilcoxon's signed-rank test; zeros are left out, equal sizes share their mean rank.

    SciPy's is exact only without equal sizes, or for up to 13 differences. Leads in whole reviews are often equal, so the
    distribution is computed here: each of the doubled ranks is added to the sum of the positive ones with probability 1/2.

    Reference: Wilcoxon, Individual comparisons by ranking methods, Biometrics Bulletin 1, 1945.
    """
    gains = np.asarray(leads)
    gains = gains[gains != 0]
    sizes = np.abs(gains)
    ranks = (sizes[:, None] > sizes).sum(axis=1) + (sizes[:, None] >= sizes).sum(axis=1) + 1  # (num_gains,), doubled mean ranks
    chances = np.ones(1)  # [s]: that the positive ranks add up to s
    for rank in ranks:
        chances = (np.pad(chances, (0, rank)) + np.pad(chances, (rank, 0))) / 2
    positive = int(ranks[gains > 0].sum())
    smaller = min(positive, int(ranks.sum()) - positive)
    return min(1.0, 2 * float(chances[: smaller + 1].sum()))


def spread_test(basic: npt.ArrayLike, elmo: npt.ArrayLike) -> float | None:
    """Two-sided p of Pitman's and Morgan's test that paired accuracies vary equally; exact for normal accuracies.

    Sum and difference of two variables are uncorrelated exactly if their variances are equal. The test cannot judge where one of
    the two is the same in every trial, or follows the other in exact proportion: the correlation is perfect then, which would
    make p zero however few trials there are.

    Args:
        basic: Accuracies, float (num_trials,), three at least.
        elmo: Those of the same trials.

    Returns:
        None where the test cannot judge.

    Reference: Pitman, A note on normal correlation, Biometrika 31, 1939; Morgan in the same volume.
    """
    first, second = np.asarray(basic, np.float64), np.asarray(elmo, np.float64)
    sums, gains = (first + second).round(12), (second - first).round(12)  # 0.7 - 0.6 and 0.8 - 0.7 are the same difference
    if not np.ptp(first.round(12)) or not np.ptp(second.round(12)):
        return None
    if not np.ptp(sums) or not np.ptp(gains):
        return 1.0
    correlation = float(np.corrcoef(sums, gains)[0, 1])
    if abs(correlation) > 1 - _ROUNDING:
        return None
    df = len(sums) - 2
    return 2 * float(stdtr(df, -abs(correlation) * (df / (1 - correlation**2)) ** 0.5))


def _mcnemar(basic: npt.NDArray[np.bool_], elmo: npt.NDArray[np.bool_]) -> McNemar:
    """Reference: McNemar, Note on the sampling error of the difference between correlated proportions, Psychometrika 12, 1947."""
    basic_right, elmo_right = basic.mean(axis=0) > 0.5, elmo.mean(axis=0) > 0.5  # (num_tests,), as `Outcomes.mostly_correct`
    only_basic, only_elmo = int((basic_right & ~elmo_right).sum()), int((elmo_right & ~basic_right).sum())
    return McNemar(only_basic, only_elmo, sign_test(only_elmo, only_basic))


def _spread(accuracies: DoubleArray) -> Spread:
    """Standard deviation with the interval by chi-square, which takes the accuracies for normal."""
    df = len(accuracies) - 1
    deviation = float(accuracies.std(ddof=1)) if np.ptp(accuracies) else 0.0  # rounding makes it a little more
    tail = (1 - CONFIDENCE) / 2
    low, high = (deviation * float(np.sqrt(df / chdtri(df, above))) for above in (tail, 1 - tail))
    return Spread(deviation, (low, high))
