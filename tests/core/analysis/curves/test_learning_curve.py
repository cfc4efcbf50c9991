from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from core.analysis.curves.learning_curve import LabelSaving, label_saving, learning_curve
from core.analysis.intervals import crossed_mean
from core.analysis.outcomes import Outcomes
from core.analysis.paired_tests import difference
from core.experiment.arms import BAG_OF_WORDS
from tests.core.analysis.crossed import World, outcomes_from_correct

Point = tuple[int, Outcomes]


def ladder(accuracy: float, num_trials: int = 4, num_tests: int = 1000) -> npt.NDArray[np.bool_]:
    """Right on the easiest reviews first, in every trial alike: accuracies are exact and the arms are paired tightly."""
    return np.tile(np.arange(num_tests) < round(accuracy * num_tests), (num_trials, 1))


def point(train_size: int, basic: float, elmo: float) -> Point:
    return train_size, outcomes_from_correct({"basic": ladder(basic), "elmo": ladder(elmo)})


def noisy_curve(rng: np.random.Generator, num_trials: int = 5, num_tests: int = 500) -> list[Point]:
    """Accuracy grows with each doubling and ELMo is two doublings ahead; the sizes share their test reviews."""
    reviews, own = rng.normal(size=num_tests), rng.normal(0, 0.5, (2, num_tests))
    points = []
    for step in range(5):
        trials = rng.normal(0, 0.05, num_trials)
        rights = [
            0.5
            + 0.12 * (step + ahead)
            + (trials + rng.normal(0, 0.05, num_trials))[:, None]
            + reviews
            + own[arm]
            + rng.normal(0, 0.5, (num_trials, num_tests))
            > 0
            for arm, ahead in enumerate((0, 2))
        ]
        points.append((100 * 2**step, outcomes_from_correct({"basic": rights[0], "elmo": rights[1]})))
    return points


# The curve


def test_the_curve_ascends_whatever_order_the_runs_come_in() -> None:
    curve = learning_curve([point(500, 0.7, 0.8), point(100, 0.6, 0.7), point(2000, 0.8, 0.85)])
    assert [each.train_size for each in curve] == [100, 500, 2000]
    assert [each.means for each in curve] == [
        {"basic": 0.6, "elmo": 0.7},
        {"basic": 0.7, "elmo": 0.8},
        {"basic": 0.8, "elmo": 0.85},
    ]


def test_means_and_intervals_are_the_ones_shown_everywhere() -> None:
    basic, elmo = World().experiment(np.random.default_rng(0), 5, 300)
    [each] = learning_curve([(100, outcomes_from_correct({"basic": basic, "elmo": elmo}))])
    assert each.num_trials == 5
    assert each.intervals == {"basic": crossed_mean(basic).interval, "elmo": crossed_mean(elmo).interval}
    assert (each.difference, each.difference_interval) == (difference(basic, elmo).mean, difference(basic, elmo).interval)


def test_a_run_of_one_arm_has_a_point_without_a_difference() -> None:
    [each] = learning_curve([(100, outcomes_from_correct({"elmo-alone": ladder(0.7)}))])
    assert each.means == {"elmo-alone": 0.7}
    assert (each.difference, each.difference_interval) == (None, None)


# The labels saved


def test_the_equivalent_size_lies_halfway_on_the_log_axis() -> None:
    saving = label_saving([point(100, 0.60, 0.70), point(400, 0.65, 0.80), point(1600, 0.75, 0.85)])
    assert saving.reference_size == 1600
    assert saving.equivalent_size == pytest.approx(200)  # halfway from 0.70 to 0.80: the geometric mean of 100 and 400
    assert saving.factor == pytest.approx(8)
    assert not saving.is_bound


def test_the_interval_holds_the_saving() -> None:
    low, high = label_saving([point(100, 0.40, 0.50), point(400, 0.45, 0.90), point(1600, 0.70, 0.95)]).interval or (None, None)
    assert 6 < (low or 0) < 8 < (high or 0) < 11


def test_elmo_that_is_better_from_the_start_gives_a_bound() -> None:
    saving = label_saving([point(100, 0.5, 0.9), point(2000, 0.7, 0.95)])
    assert saving.is_bound
    assert saving.factor == 20
    assert saving.interval == (20, None)


def test_elmo_that_never_gets_there_saves_nothing() -> None:
    saving = label_saving([point(100, 0.70, 0.50), point(2000, 0.80, 0.751)])
    assert (saving.reference_size, saving.equivalent_size, saving.factor, saving.interval) == (2000, None, None, None)
    assert saving.reference_accuracy == pytest.approx(0.8)
    assert saving.best_accuracy == pytest.approx(0.751)


def test_elmo_that_is_not_clearly_better_with_the_most_reviews_may_save_none() -> None:
    saving = label_saving([point(100, 0.5, 0.6), point(2000, 0.8, 0.801)])
    assert saving.interval is not None
    assert saving.interval[0] is None


@pytest.mark.parametrize("points", [[], [point(100, 0.5, 0.9)]])
def test_one_size_is_no_curve(points: list[Point]) -> None:
    saving = label_saving(points)
    assert saving == LabelSaving()


def test_runs_of_one_arm_are_left_out() -> None:
    alone = (50, outcomes_from_correct({"elmo": ladder(0.9)}))
    both = [point(100, 0.60, 0.70), point(400, 0.65, 0.80), point(1600, 0.75, 0.85)]
    assert label_saving([alone, *both]) == label_saving(both)


def test_runs_on_different_test_reviews_have_no_interval() -> None:
    large = outcomes_from_correct({"basic": ladder(0.75), "elmo": ladder(0.85)}, prefix="other")
    saving = label_saving([point(100, 0.6, 0.7), point(400, 0.65, 0.8), (1600, large)])
    assert saving.factor == pytest.approx(8)
    assert saving.interval is None


def test_only_shared_trials_and_reviews_are_compared_across_sizes() -> None:
    small, large = point(100, 0.5, 0.6), (1600, outcomes_from_correct({"basic": ladder(0.55, 6), "elmo": ladder(0.7, 6)}))
    spoilt = outcomes_from_correct(
        {
            "basic": np.vstack([ladder(0.55), ~ladder(0.55)]),  # four trials as above, four that the small run lacks
            "elmo": np.vstack([ladder(0.7), ~ladder(0.7)]),
        }
    )
    assert label_saving([small, (1600, spoilt)]) == label_saving([small, large])


def test_the_interval_covers_the_true_saving() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        interval = label_saving(noisy_curve(rng)).interval
        if interval is not None:
            low, high = interval
            covered += (low is None or low <= 4 * 1.02) and (high is None or high >= 4 / 1.02)  # the grid's steps
    assert covered / 200 >= 0.92


def test_the_bag_of_words_is_a_rival_of_elmo_where_runs_have_one() -> None:
    def with_reference(size: int, elmo: float, reference: float) -> tuple[int, Outcomes]:
        arms = {"basic": ladder(0.5), "elmo": ladder(elmo)}
        probs = np.where(ladder(reference), 0.9, 0.1).astype(np.float32)
        return size, replace(outcomes_from_correct(arms), reference=probs)

    points = [with_reference(100, 0.60, 0.50), with_reference(400, 0.80, 0.60), with_reference(1600, 0.90, 0.70)]
    saving = label_saving(points, BAG_OF_WORDS)
    as_basic = label_saving([point(100, 0.50, 0.60), point(400, 0.60, 0.80), point(1600, 0.70, 0.90)])

    assert saving == replace(as_basic, models=(BAG_OF_WORDS, "elmo"))
    assert saving.equivalent_size == pytest.approx(200)
    assert [each.reference and each.reference.mean for each in learning_curve(points)] == pytest.approx([0.5, 0.6, 0.7])
    assert label_saving([point(100, 0.5, 0.6), *points[2:]], BAG_OF_WORDS) == LabelSaving(models=(BAG_OF_WORDS, "elmo"))
