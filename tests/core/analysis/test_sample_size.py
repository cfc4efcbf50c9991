"""How much is enough: predicted intervals against those of larger experiments."""

from __future__ import annotations

import numpy as np
import pytest

from core.analysis.curves.learning_curve import CurvePoint
from core.analysis.intervals import MeanSquares, crossed_mean, mean_squares
from core.analysis.paired_tests import gain_table
from core.analysis.sample_size import labels_until_clear, limits, measured_squares, precisions, predict
from core.arrays import DoubleArray
from core.experiment.overlap import Overlap
from tests.core.analysis.crossed import WORLDS, World, outcomes_from_correct
from tools import interval_simulation as finite_pool

SQUARES = MeanSquares(trials=0.5, reviews=0.9, rest=0.2, num_trials=5, num_tests=1000)


def simulated(world: World, num_trials: int, num_tests: int, seed: int = 0) -> DoubleArray:
    return gain_table(*world.experiment(np.random.default_rng(seed), num_trials, num_tests))


@pytest.mark.parametrize(
    "world",
    WORLDS,
)
@pytest.mark.parametrize(
    ("begun", "whole"),
    [
        pytest.param((5, 250), (10, 250), id="more trials"),
        pytest.param((5, 250), (5, 500), id="more test reviews"),
        pytest.param((5, 250), (10, 500), id="more of both"),
        pytest.param((1, 250), (1, 500), id="one trial"),
    ],
)
def test_the_interval_predicted_from_a_part_is_that_of_the_whole_on_average(
    world: World, begun: tuple[int, int], whole: tuple[int, int]
) -> None:
    predicted, observed = [], []
    for seed in range(60):
        table = simulated(world, *whole, seed=seed)
        part = table[: begun[0], : begun[1]]
        predicted.append(predict(mean_squares(part), *whole).half_width)
        observed.append(mean_squares(table).half_width)
    assert 0.9 <= np.mean(predicted) / np.mean(observed) <= 1.1


def test_the_first_is_the_interval_that_is_shown_everywhere() -> None:
    table = simulated(World(), 5, 300)
    estimate = crossed_mean(table, lowest=-1.0)
    now = precisions(mean_squares(table))[0]
    assert (now.num_trials, now.num_tests) == table.shape
    assert now.half_width == pytest.approx(estimate.interval[1] - estimate.mean)


def test_more_of_anything_never_makes_the_interval_wider() -> None:
    now, *more = precisions(SQUARES)
    assert [(each.num_trials // 5, each.num_tests // 1000) for each in more] == [(2, 1), (4, 1), (1, 2), (1, 4), (2, 2), (4, 4)]
    assert all(each.half_width < now.half_width for each in more)


def test_after_one_trial_only_test_reviews_are_multiplied() -> None:
    found = precisions(mean_squares(simulated(World(), 1, 300)))
    assert [(each.num_trials, each.num_tests) for each in found] == [(1, 300), (1, 600), (1, 1200)]
    assert found[2].half_width == pytest.approx(found[0].half_width / 2, rel=0.01)  # four times as many: half as wide


def test_what_remains_with_any_number_of_trials_is_the_part_of_the_reviews() -> None:
    with_trials, with_tests = limits(SQUARES)
    assert with_trials == pytest.approx(1.96 * np.sqrt((0.9 - 0.2) / 5 / 1000), rel=0.01)
    assert with_tests == pytest.approx(2.776 * np.sqrt((0.5 - 0.2) / 1000 / 5), rel=0.01)  # Student's t with 4 degrees


def test_trials_that_share_training_reviews_promise_less_and_more_of_them_help_less() -> None:
    overlap = Overlap(0.2, 250, 1000)
    apart, shared = (predict(SQUARES, 40, 1000, each).half_width for each in (None, overlap))
    assert shared > apart
    weight = 1 + 40 * overlap.with_trials(40) / (1 - overlap.with_trials(40))
    variance = weight * (0.5 - 0.2) / 1000 / 40 + (0.9 - 0.2) / 5 / 1000 + 0.2 / 40_000
    assert shared == pytest.approx(1.96 * np.sqrt(variance), rel=0.04)
    with_any_number = predict(SQUARES, 10**9, 10**9, overlap).half_width  # any two of them share a quarter
    assert with_any_number == pytest.approx(1.96 * np.sqrt((0.5 - 0.2) / 1000 / 3), rel=0.01)
    assert limits(SQUARES, overlap)[0] > with_any_number > limits(SQUARES)[0] * 0.5


def test_where_the_interval_allows_for_nothing_its_predictions_do_not_either() -> None:
    assert precisions(SQUARES, Overlap(0.8, 800, 1000)) == precisions(SQUARES)
    assert precisions(mean_squares(simulated(World(), 3, 300), 0.8))[0] == precisions(mean_squares(simulated(World(), 3, 300)))[0]


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_the_interval_predicted_from_half_of_the_trials_of_one_pool_is_that_of_all_on_average(share: float) -> None:
    rng, world = np.random.default_rng(0), finite_pool.World(trial=0.12, from_reviews=0.75)
    train_size = round(share * finite_pool.POOL_SIZE)
    predicted, observed = [], []
    for _ in range(60):
        draws = finite_pool.cyclic_draws(rng, 10, train_size)
        table, _ = finite_pool.experiment(world, draws, rng)
        begun = Overlap(finite_pool.mean_overlap(draws[:5]), train_size, finite_pool.POOL_SIZE)
        squares = mean_squares(table[:5, :100], begun.share)
        predicted.append(predict(squares, 10, finite_pool.NUM_TESTS, begun).half_width)
        observed.append(mean_squares(table, finite_pool.mean_overlap(draws)).half_width)
    assert 0.9 <= np.mean(predicted) / np.mean(observed) <= 1.1


def test_a_run_that_shows_no_variation_predicts_nothing() -> None:
    same = np.ones((3, 20), bool)
    assert measured_squares(outcomes_from_correct({"basic": same, "elmo": same})) is None
    assert measured_squares(outcomes_from_correct({"basic": same})) is None


# Labels


def curve(*half_widths: tuple[int, float]) -> list[CurvePoint]:
    return [CurvePoint(size, 5, {}, {}, 0.05, (0.05 - half_width, 0.05 + half_width), 0.01) for size, half_width in half_widths]


@pytest.mark.parametrize(
    ("difference", "size"),
    [
        (0.05, 100),  # clear with the fewest already
        (0.02, 200),  # halfway from 100 to 400 and from 4 to 1 points, on logarithmic axes
        (0.01, 400),
        (0.005, None),
    ],
)
def test_the_labels_that_make_a_difference_clear_are_read_off_the_curve(difference: float, size: float | None) -> None:
    found = labels_until_clear(curve((100, 0.04), (400, 0.01), (1600, 0.008)), difference)
    assert found == (None if size is None else pytest.approx(size))


def test_a_curve_that_gets_wider_again_counts_from_its_last_size_that_is_too_wide() -> None:
    assert labels_until_clear(curve((100, 0.01), (400, 0.04), (1600, 0.01)), 0.02) == pytest.approx(800)


def test_without_both_arms_there_is_no_difference_to_be_clear() -> None:
    assert labels_until_clear([CurvePoint(100, 5, {}, {}, None, None, None)], 0.01) is None
