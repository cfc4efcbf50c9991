from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from core.analysis.intervals import clopper_pearson_interval, crossed_mean, wilson_interval
from core.analysis.paired_tests import (
    Comparison,
    compare,
    difference,
    difference_p,
    holm,
    sign_test,
    signed_rank_test,
    spread_test,
)
from core.analysis.verdicts import for_statisticians
from core.arrays import BoolArray
from tests.core.analysis.crossed import WORLDS, World

tables = st.tuples(st.integers(1, 6), st.integers(1, 30)).flatmap(
    lambda shape: st.tuples(arrays(bool, shape), arrays(bool, shape))
)


def right(*numbers: int, num_tests: int = 100) -> BoolArray:
    """A trial for each number, with so many right predictions; the easiest reviews come first."""
    return np.array([np.arange(num_tests) < number for number in numbers])


def told(comparison: Comparison) -> str:
    return " ".join(for_statisticians(comparison))


# The interval


@pytest.mark.parametrize(
    "world",
    [*WORLDS, pytest.param(World(elmo=0.9), id="no difference")],
)
@pytest.mark.parametrize(("num_trials", "num_tests"), [(5, 1000), (10, 500)])
def test_the_interval_covers_the_true_difference_in_95_of_100_experiments(world: World, num_trials: int, num_tests: int) -> None:
    rng = np.random.default_rng([num_trials, num_tests])
    basic_accuracy, elmo_accuracy = world.true_accuracies
    covered = 0
    for _ in range(1000):
        low, high = difference(*world.experiment(rng, num_trials, num_tests)).interval
        covered += low <= elmo_accuracy - basic_accuracy <= high
    assert 0.93 <= covered / 1000 <= 0.97


def test_an_interval_for_trials_alone_would_promise_too_much() -> None:
    world, rng = World(trial_of_arm=0.0), np.random.default_rng(0)
    truth = world.true_accuracies[1] - world.true_accuracies[0]
    covered = 0
    for _ in range(200):
        basic, elmo = world.experiment(rng, 10, 500)
        interval = stats.ttest_rel(elmo.mean(axis=1), basic.mean(axis=1)).confidence_interval(0.95)
        covered += interval.low <= truth <= interval.high
    assert covered / 200 < 0.8  # so the experiments above can tell a bad interval from a good one


def test_the_interval_of_one_arm_covers_its_accuracy_too() -> None:
    world, rng = World(), np.random.default_rng(0)
    truth = world.true_accuracies[0]
    intervals = [crossed_mean(world.experiment(rng, 5, 500)[0]).interval for _ in range(1000)]
    assert 0.93 <= np.mean([low <= truth <= high for low, high in intervals]) <= 0.97


def test_the_variance_is_that_of_the_published_table_of_penicillin() -> None:
    """Davies & Goldsmith 1972, table 6.6: 24 plates x 6 samples, known to R users as lme4's Penicillin.

    Balanced data, so the mean squares give the REML estimates that lme4's documentation prints: deviations 0.8467 of plates,
    1.9316 of samples and 0.5499 of the rest, and the mean 22.9722 with the standard error 0.8086. A table with exactly these
    mean squares stands in for the readings.
    """
    rng = np.random.default_rng(0)
    plates, samples = (_with_deviation(rng.normal(size=size), 1.0) for size in (24, 6))
    rest = rng.normal(size=(24, 6))
    rest = rest - rest.mean(axis=0) - rest.mean(axis=1, keepdims=True) + rest.mean()
    rest *= 0.5499 * np.sqrt(23 * 5 / (rest**2).sum())
    plates *= np.sqrt(0.8467**2 + 0.5499**2 / 6)
    samples *= np.sqrt(1.9316**2 + 0.5499**2 / 24)

    estimate = crossed_mean(22.9722 + plates[:, None] + samples + rest, lowest=-100, highest=100)

    assert estimate.mean == pytest.approx(22.9722)
    plates_ms, samples_ms, rest_ms = 6 * 0.8467**2 + 0.5499**2, 24 * 1.9316**2 + 0.5499**2, 0.5499**2
    total = plates_ms + samples_ms - rest_ms
    df = total**2 / (plates_ms**2 / 23 + samples_ms**2 / 5 + rest_ms**2 / 115)
    assert (estimate.interval[1] - estimate.mean) / stats.t.ppf(0.975, df) == pytest.approx(0.8086, abs=2e-4)


def _with_deviation(values: npt.NDArray[Any], deviation: float) -> npt.NDArray[Any]:
    centred = values - values.mean()
    return np.asarray(centred * deviation / centred.std(ddof=1))


def test_without_differences_between_reviews_the_interval_is_that_of_a_paired_t_test_on_trials() -> None:
    gains = np.repeat([[0.02], [0.05], [0.03], [0.08]], 300, axis=1)  # every review gains alike
    truth = stats.ttest_1samp(gains[:, 0], 0).confidence_interval(0.95)
    assert crossed_mean(gains, lowest=-1).interval == pytest.approx((truth.low, truth.high))


def test_with_one_trial_the_interval_is_that_of_a_paired_t_test_on_reviews() -> None:
    rng = np.random.default_rng(0)
    basic, elmo = rng.random((2, 1, 400)) < [[[0.7]], [[0.8]]]
    truth = stats.ttest_rel(elmo[0].astype(float), basic[0].astype(float)).confidence_interval(0.95)
    assert difference(basic, elmo).interval == pytest.approx((truth.low, truth.high))


def test_an_overlap_makes_the_differences_between_trials_count_more() -> None:
    """Nadeau and Bengio 2003, within the crossed layout."""
    basic, elmo = World(trial=0.3, trial_of_arm=0.25).experiment(np.random.default_rng(0), 5, 400)
    table = elmo.astype(float) - basic
    mean, by_trial, by_test = table.mean(), table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    trials, tests = 400 * by_trial.var(ddof=1), 5 * by_test.var(ddof=1)
    rest = ((table - by_trial - by_test + mean) ** 2).sum() / (4 * 399)
    w = 1 + 5 * 0.3 / 0.7
    s = w * max(trials - rest, 0) + max(tests, rest)
    df = max(4, s**2 / ((w * trials) ** 2 / 4 + tests**2 / 399 + (w * rest) ** 2 / (4 * 399)))
    half_width = stats.t.ppf(0.975, df) * np.sqrt(s / (5 * 400))
    assert difference(basic, elmo, overlap=0.3).interval == pytest.approx((mean - half_width, mean + half_width))


@pytest.mark.parametrize("overlap", [0.0, 0.51, 1.0, None])
def test_without_an_overlap_or_above_a_half_the_interval_is_the_one_for_other_draws(overlap: float | None) -> None:
    pair = World().experiment(np.random.default_rng(0), 3, 100)
    assert difference(*pair, overlap=overlap) == difference(*pair)
    assert difference_p(*pair, overlap=overlap) == difference_p(*pair)


def test_the_same_answers_everywhere_leave_the_doubt_that_so_many_reviews_leave() -> None:
    assert crossed_mean(np.ones((5, 50))).interval == pytest.approx(wilson_interval(1.0, 50))
    low, high = difference(np.ones((5, 50)), np.ones((5, 50))).interval
    assert low == -high == pytest.approx(-wilson_interval(0.0, 50)[1])


@given(tables)
def test_the_interval_holds_the_mean_and_stays_within_what_is_possible(pair: tuple[BoolArray, BoolArray]) -> None:
    estimate = difference(*pair)
    assert -1 <= estimate.interval[0] <= estimate.mean <= estimate.interval[1] <= 1


def test_no_table_has_no_mean() -> None:
    for values in (np.ones((0, 5)), np.ones(5)):
        with pytest.raises(ValueError, match="table of trials and test reviews"):
            crossed_mean(values)


@pytest.mark.parametrize(("count", "num"), [(0, 10), (3, 10), (50, 50), (730, 1000)])
def test_the_interval_of_a_share_is_wilsons(count: int, num: int) -> None:
    truth = stats.binomtest(count, num).proportion_ci(method="wilson")
    assert wilson_interval(count / num, num) == pytest.approx((truth.low, truth.high))


@given(st.integers(1, 40).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_the_interval_of_a_chance_is_clopper_and_pearsons(trials: tuple[int, int]) -> None:
    truth = stats.binomtest(*trials).proportion_ci(method="exact")
    assert clopper_pearson_interval(*trials) == pytest.approx((truth.low, truth.high))


def test_a_tie_is_won_by_nobody() -> None:
    comparison = compare(right(70, 70, 70, 70), right(72, 69, 71, 70))  # won, lost, won, tied
    assert comparison.win_interval == clopper_pearson_interval(2, 4)
    assert comparison.loss_interval == clopper_pearson_interval(1, 4)


@pytest.mark.parametrize("chance", [0.5, 0.8, 0.97])
def test_the_interval_of_a_chance_covers_it_in_at_least_95_of_100_experiments(chance: float) -> None:
    wins = np.random.default_rng(0).binomial(10, chance, 4000).tolist()
    intervals = {won: clopper_pearson_interval(won, 10) for won in set(wins)}
    assert np.mean([intervals[won][0] <= chance <= intervals[won][1] for won in wins]) >= 0.945


@given(tables, st.floats(0, 0.5))
def test_p_is_under_5_percent_exactly_where_the_interval_leaves_zero_out(
    pair: tuple[BoolArray, BoolArray], overlap: float
) -> None:
    low, high = difference(*pair, overlap=overlap).interval
    assert (difference_p(*pair, overlap=overlap) < 0.05) == (low > 0 or high < 0)


def test_with_one_trial_p_is_that_of_a_paired_t_test_on_reviews() -> None:
    basic, elmo = np.random.default_rng(0).random((2, 1, 400)) < [[[0.7]], [[0.8]]]
    assert difference_p(basic, elmo) == pytest.approx(stats.ttest_rel(elmo[0].astype(float), basic[0].astype(float)).pvalue)


# Several at once


def test_adjusted_p_values_are_those_of_the_textbook() -> None:
    """Holm's steps by hand: 0.01 x 4, then 0.005 x 5 first; no later one is below an earlier one, and none is above 1."""
    assert holm([0.01, 0.04, 0.03, 0.005, 0.6]) == pytest.approx([0.04, 0.09, 0.09, 0.025, 0.6])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_adjusted_p_values_keep_their_order_and_lie_between_the_raw_ones_and_bonferronis(raw: list[float]) -> None:
    adjusted = holm(raw)
    assert all(own <= its <= min(1, own * len(raw)) for own, its in zip(raw, adjusted, strict=True))
    assert [its for _, its in sorted(zip(raw, adjusted, strict=True))] == sorted(adjusted)


def test_among_five_sizes_without_a_difference_any_is_called_clear_in_at_most_5_of_100_experiments() -> None:
    world, rng = World(elmo=0.9), np.random.default_rng(0)
    raw = [[difference_p(*world.experiment(rng, 5, 200)) for _ in range(5)] for _ in range(300)]
    assert np.mean([min(p_values) < 0.05 for p_values in raw]) > 0.15  # what Holm's method is for
    assert np.mean([min(holm(p_values)) < 0.05 for p_values in raw]) < 0.08


# The tests


@pytest.mark.parametrize(("wins", "losses"), [(5, 0), (3, 2), (0, 0), (9, 1), (61, 40)])
def test_the_sign_test_is_scipys_binomial_test(wins: int, losses: int) -> None:
    truth = stats.binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    assert sign_test(wins, losses) == pytest.approx(truth)


def test_the_signed_rank_test_gives_the_published_p_for_darwins_plants() -> None:
    """Darwin's 15 pairs of maize in eighths of an inch (Fisher, The Design of Experiments, 1935); p as SciPy's manual has it."""
    gains = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    assert signed_rank_test(gains) == pytest.approx(0.041259765625, abs=1e-12)


@given(st.lists(st.integers(-9, 9), max_size=10))
@settings(max_examples=40)  # SciPy enumerates where sizes are equal
def test_the_signed_rank_test_is_scipys_where_that_is_exact(gains: list[int]) -> None:
    without_zeros = [gain for gain in gains if gain]
    truth = stats.wilcoxon(np.array(without_zeros, float)).pvalue if without_zeros else 1.0
    assert signed_rank_test(gains) == pytest.approx(truth)


def test_the_signed_rank_test_stays_exact_for_many_equal_differences() -> None:
    gains = [1] * 70 + [-1] * 30  # equal sizes share a rank: nothing is left but the signs
    assert signed_rank_test(gains) == pytest.approx(sign_test(70, 30))


@pytest.mark.parametrize(("num_trials", "lowest"), [(1, 1.0), (5, 0.0625), (6, 0.03125), (10, 0.001953125)])
def test_no_result_gives_less_than_the_lowest_possible_p(num_trials: int, lowest: float) -> None:
    comparison = compare(right(*[50] * num_trials), right(*range(60, 60 + num_trials)))
    assert comparison.sign_p == comparison.wilcoxon_p == comparison.lowest_possible_p == lowest


def test_mcnemars_test_is_the_exact_one_of_agresti() -> None:
    """Agresti, Categorical Data Analysis, table 10.1: approval of the prime minister changed in 150 and 86 of 1,600 cases.

    The exact two-sided p is that of 86 heads in 236 tosses.
    """
    basic = np.array([[1] * 794 + [1] * 150 + [0] * 86 + [0] * 570], bool)
    elmo = np.array([[1] * 794 + [0] * 150 + [1] * 86 + [0] * 570], bool)
    mcnemar = compare(basic, elmo).mcnemar
    assert (mcnemar.num_only_basic, mcnemar.num_only_elmo) == (150, 86)
    assert mcnemar.p == pytest.approx(stats.binomtest(86, 236).pvalue)
    assert mcnemar.p == pytest.approx(3.7e-5, rel=0.02)


def test_a_review_counts_once_in_mcnemars_test_however_many_trials_there_are() -> None:
    basic = np.array([[1, 0], [1, 0], [0, 0], [0, 1]], bool)  # the first in two of four trials: not most
    elmo = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], bool)
    mcnemar = compare(basic, elmo).mcnemar
    assert (mcnemar.num_only_basic, mcnemar.num_only_elmo, mcnemar.p) == (0, 1, 1.0)


def test_the_spread_test_is_the_correlation_of_sums_and_differences() -> None:
    basic, elmo = np.array([[0.70, 0.72, 0.69, 0.74, 0.71], [0.75, 0.75, 0.76, 0.76, 0.75]])
    assert spread_test(basic, elmo) == pytest.approx(stats.pearsonr(basic + elmo, basic - elmo).pvalue)


def test_the_spread_test_errs_in_five_of_a_hundred_experiments() -> None:
    rng = np.random.default_rng(0)
    pairs = rng.multivariate_normal([0.7, 0.8], [[1e-4, 6e-5], [6e-5, 1e-4]], size=(2000, 8))
    found = np.array([spread_test(*trials.T) for trials in pairs], np.float64)
    assert 0.04 <= np.mean(found < 0.05) <= 0.06


def test_equal_accuracies_say_nothing_about_spreads() -> None:
    assert spread_test([0.6, 0.7, 0.8], [0.7, 0.8, 0.9]) == 1.0
    assert spread_test([0.8, 0.7, 0.6], [0.5, 0.6, 0.7]) == 1.0  # their sums are the same but for rounding


@pytest.mark.parametrize(
    ("basic", "elmo", "why"),
    [
        ([70, 70, 70], [70, 80, 90], "basic did not vary at all"),
        ([71, 75, 78], [80, 80, 80], "ELMo did not vary at all"),
        ([70, 70, 70], [80, 80, 80], "basic and ELMo did not vary at all"),
        ([70, 71, 72], [70, 75, 80], "they rose and fell in exact step"),
    ],
)
def test_spreads_that_the_test_cannot_judge_are_told_so(basic: list[int], elmo: list[int], why: str) -> None:
    comparison = compare(right(*basic), right(*elmo))
    assert comparison.spread_p is None
    assert why in for_statisticians(comparison)[-1]


def test_the_spread_has_the_interval_of_the_chi_square_distribution() -> None:
    comparison = compare(right(70, 72, 69, 74, 71), right(80, 80, 81, 80, 80))
    spread = comparison.spread_basic
    assert spread is not None
    deviation = float(np.std([0.70, 0.72, 0.69, 0.74, 0.71], ddof=1))
    assert spread.deviation == pytest.approx(deviation)
    low, high = stats.chi2.ppf([0.025, 0.975], 4)
    assert spread.interval == pytest.approx((deviation * np.sqrt(4 / high), deviation * np.sqrt(4 / low)))


# The comparison


@given(tables)
def test_swapping_the_arms_mirrors_the_comparison(pair: tuple[BoolArray, BoolArray]) -> None:
    basic, elmo = pair
    one, other = compare(basic, elmo), compare(elmo, basic)
    assert (one.wins, one.losses, one.ties) == (other.losses, other.wins, other.ties)
    assert one.wins + one.losses + one.ties == one.num_trials == len(basic)
    assert one.mean_difference == pytest.approx(-other.mean_difference)
    assert one.interval == pytest.approx((-other.interval[1], -other.interval[0]))
    assert one.win_interval == other.loss_interval
    assert (one.sign_p, one.mcnemar.p) == (other.sign_p, other.mcnemar.p)
    assert one.wilcoxon_p == pytest.approx(other.wilcoxon_p)


@pytest.mark.parametrize(
    ("basic", "elmo"), [(np.ones((0, 5)), np.ones((0, 5))), (np.ones((2, 5)), np.ones((2, 4))), ([True], [True])]
)
def test_predictions_without_a_partner_are_refused(basic: npt.ArrayLike, elmo: npt.ArrayLike) -> None:
    with pytest.raises(ValueError, match="pair"):
        compare(basic, elmo)
