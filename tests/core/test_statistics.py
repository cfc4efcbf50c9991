from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.statistics import compare

accuracies = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=20)


@given(accuracies)
def test_the_interval_is_that_of_a_paired_t_test(pairs: list[tuple[float, float]]) -> None:
    basic, elmo = np.array(pairs).T
    differences = elmo - basic
    if differences.std() < 1e-6:  # scipy divides by the deviation
        return
    comparison = compare(basic, elmo)
    truth = stats.ttest_rel(elmo, basic).confidence_interval(0.95)
    assert comparison.interval == pytest.approx((truth.low, truth.high), abs=1e-9)
    assert comparison.mean_difference == pytest.approx(differences.mean(), abs=1e-9)


@given(accuracies)
def test_swapping_the_arms_mirrors_the_comparison(pairs: list[tuple[float, float]]) -> None:
    basic, elmo = np.array(pairs).T
    one, other = compare(basic, elmo), compare(elmo, basic)
    assert (one.wins, one.losses, one.ties) == (other.losses, other.wins, other.ties)
    assert one.wins + one.losses + one.ties == one.num_trials == len(pairs)
    assert one.mean_difference == pytest.approx(-other.mean_difference)
    assert one.interval is not None
    assert other.interval is not None
    assert one.interval == pytest.approx((-other.interval[1], -other.interval[0]))


def test_a_clear_win_is_told_with_its_interval() -> None:
    comparison = compare([0.70, 0.71, 0.69], [0.75, 0.75, 0.75])
    assert comparison.sentence == (
        "ELMo won 3 of 3 trials; it is 5.0 points more accurate on average (95 % interval 2.5 to 7.5)."
    )


def test_a_clear_defeat_is_told_as_a_win_of_basic() -> None:
    comparison = compare([0.75, 0.75, 0.75], [0.70, 0.71, 0.69])
    assert comparison.sentence == (
        "Basic won 3 of 3 trials; it is 5.0 points more accurate on average (95 % interval 2.5 to 7.5)."
    )


def test_an_interval_that_spans_zero_is_no_clear_difference() -> None:
    comparison = compare([0.70, 0.70, 0.70], [0.72, 0.69, 0.71])
    assert comparison.sentence == (
        "ELMo won 2 of 3 trials, but there is no clear difference: 0.7 points on average (95 % interval −3.1 to 4.5)."
    )


def test_one_trial_has_no_interval_and_says_why() -> None:
    comparison = compare([0.70], [0.74])
    assert comparison.interval is None
    assert comparison.sentence == "ELMo won the one trial by 4.0 points; an interval needs at least two trials."


def test_one_tied_trial_names_no_winner() -> None:
    assert compare([0.7], [0.7]).sentence == (
        "Both are equally accurate in the one trial; an interval needs at least two trials."
    )


def test_only_ties_are_no_clear_difference() -> None:
    comparison = compare([0.7, 0.8], [0.7, 0.8])
    assert (comparison.wins, comparison.losses, comparison.ties) == (0, 0, 2)
    assert "no clear difference" in comparison.sentence
    assert "2 tied" in comparison.sentence


def test_equal_differences_are_clear_although_floats_round() -> None:
    comparison = compare([0.6, 0.7], [0.7, 0.8])
    assert comparison.interval == pytest.approx((0.1, 0.1))
    assert comparison.sentence.startswith("ELMo won 2 of 2 trials; it is 10.0 points")


@pytest.mark.parametrize(("basic", "elmo"), [([], []), ([0.5, 0.6], [0.5]), ([0.5], [float("nan")])])
def test_accuracies_without_a_partner_are_refused(basic: list[float], elmo: list[float]) -> None:
    with pytest.raises(ValueError, match="pair"):
        compare(basic, elmo)
