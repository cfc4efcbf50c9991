from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, brier_score_loss, roc_auc_score

from core.analysis.error_analysis import accuracy_by, agreement, brier, confusion, expected_calibration_error, reliability, roc
from core.analysis.intervals import crossed_mean, wilson_interval
from core.analysis.outcomes import Outcomes
from core.analysis.paired_tests import compare
from core.errors import UserError
from tests.core.analysis.crossed import outcomes_of

NUM_TESTS = 400


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    """Three trials of two arms; elmo is the better one, both are sure of themselves."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, NUM_TESTS)
    towards = np.where(labels > 0, 1.0, -1.0)
    hard = rng.normal(0, 1, NUM_TESTS)
    logits = {arm: towards * level + hard + rng.normal(0, 0.8, (3, NUM_TESTS)) for arm, level in (("basic", 0.8), ("elmo", 1.3))}
    return Outcomes(
        trials=(0, 1, 2),
        arms=("basic", "elmo"),
        probs=np.stack([1 / (1 + np.exp(-2 * logits[arm])) for arm in logits]).astype(np.float32),
        labels=labels.astype(np.int8),
        ids=tuple(f"r{i}" for i in range(NUM_TESTS)),
    )


# Confusion


def test_the_confusion_matrix_is_the_average_of_the_trials() -> None:
    outcomes = outcomes_of([0, 0, 1, 1], {"basic": [[0.1, 0.9, 0.9, 0.9], [0.1, 0.1, 0.9, 0.1]]})
    assert confusion(outcomes, "basic").counts.tolist() == [[1.5, 0.5], [0.5, 1.5]]


def test_the_confusion_matrix_adds_up_to_the_accuracy(outcomes: Outcomes) -> None:
    for row, arm in enumerate(outcomes.arms):
        counts = confusion(outcomes, arm).counts
        assert counts.sum() == pytest.approx(NUM_TESTS)
        assert np.trace(counts) / NUM_TESTS == pytest.approx(outcomes.accuracies[row].mean())


def test_every_review_is_behind_one_cell_the_one_that_most_trials_put_it_into() -> None:
    outcomes = outcomes_of([0, 0, 1], {"basic": [[0.1, 0.9, 0.9], [0.9, 0.9, 0.9], [0.1, 0.1, 0.1]]})
    cells = {cell: reviews.tolist() for cell, reviews in confusion(outcomes, "basic").reviews.items()}
    assert cells == {(0, 0): [0], (0, 1): [1], (1, 0): [], (1, 1): [2]}


def test_a_confusion_matrix_has_four_cells_even_if_all_labels_are_alike() -> None:
    assert confusion(outcomes_of([1, 1], {"basic": [[0.9, 0.1]]}), "basic").counts.tolist() == [[0, 0], [1, 1]]


# ROC


def test_the_roc_of_each_trial_has_the_area_that_scikit_learn_gives(outcomes: Outcomes) -> None:
    areas = [roc_auc_score(outcomes.labels, probs) for probs in outcomes.of("elmo")]
    assert roc(outcomes, "elmo").aucs == pytest.approx(areas)


def test_the_mean_roc_lies_between_the_trials_and_has_their_mean_area(outcomes: Outcomes) -> None:
    curve = roc(outcomes, "basic")
    assert (curve.lowest <= curve.true_positive_rates).all()
    assert (curve.true_positive_rates <= curve.highest).all()
    area = np.trapezoid(curve.true_positive_rates, curve.false_positive_rates)
    assert area == pytest.approx(curve.aucs.mean(), abs=0.01)


def test_the_roc_goes_from_corner_to_corner(outcomes: Outcomes) -> None:
    curve = roc(outcomes, "basic")
    assert curve.false_positive_rates[[0, -1]].tolist() == curve.true_positive_rates[[0, -1]].tolist() == [0, 1]
    assert (np.diff(curve.true_positive_rates) >= 0).all()


def test_a_single_label_has_no_roc() -> None:
    with pytest.raises(UserError) as error:
        roc(outcomes_of([1, 1], {"basic": [[0.9, 0.1]]}), "basic")
    assert error.value.code == "one-label-only"


# Reliability


def test_the_reliability_diagram_is_that_of_scikit_learn(outcomes: Outcomes) -> None:
    bins = reliability(outcomes, "elmo", num_bins=7)
    shares, means = calibration_curve(np.tile(outcomes.labels, 3), outcomes.of("elmo").ravel().astype(float), n_bins=7)
    assert [each.share_positive for each in bins] == pytest.approx(shares)
    assert [each.mean_prob for each in bins] == pytest.approx(means)
    assert sum(each.num_predictions for each in bins) == 3 * NUM_TESTS


def test_empty_bins_are_left_out_and_the_ends_belong_to_somebody() -> None:
    bins = reliability(outcomes_of([0, 1, 1], {"basic": [[0.0, 1.0, 0.5]]}), "basic", num_bins=4)
    assert [(each.low, each.high, each.num_predictions) for each in bins] == [(0, 0.25, 1), (0.25, 0.5, 1), (0.75, 1, 1)]


def test_the_reviews_behind_a_bar_are_those_whose_mean_probability_is_in_it() -> None:
    bins = reliability(outcomes_of([0, 1], {"basic": [[0.1, 0.9], [0.7, 0.9]]}), "basic", num_bins=2)
    assert [each.reviews.tolist() for each in bins] == [[0], [1]]  # the first is said to be positive with 0.4 on average
    assert [each.num_predictions for each in bins] == [1, 3]


def test_a_review_that_every_trial_repeats_is_no_further_evidence() -> None:
    once, often = ([[0.9, 0.9, 0.9]] * num_trials for num_trials in (1, 8))
    for trials in (once, often):
        [bar] = reliability(outcomes_of([1, 1, 0], {"basic": trials}), "basic")
        assert bar.interval == pytest.approx(wilson_interval(2 / 3, 3))


def test_the_calibration_error_is_the_mean_gap_of_the_bars() -> None:
    """Two bars: three predictions of 0.9 of which two are right, one of 0.2 that is wrong: 3/4 * 0.2333 + 1/4 * 0.8."""
    outcomes = outcomes_of([1, 1, 0, 1], {"basic": [[0.9, 0.9, 0.9, 0.2]]})
    assert expected_calibration_error(outcomes, "basic") == pytest.approx(0.75 * (0.9 - 2 / 3) + 0.25 * 0.8)


def test_perfect_certainty_that_is_right_has_no_calibration_error() -> None:
    assert expected_calibration_error(outcomes_of([0, 1], {"basic": [[0.0, 1.0]]}), "basic") == 0


def test_the_brier_score_is_that_of_scikit_learn_with_an_interval(outcomes: Outcomes) -> None:
    estimate = brier(outcomes, "elmo")
    truth = np.mean([brier_score_loss(outcomes.labels, probs) for probs in outcomes.of("elmo")])
    assert estimate.mean == pytest.approx(truth)
    assert estimate.interval[0] < truth < estimate.interval[1]


# Accuracy by a trait


def test_reviews_are_binned_by_edges_with_the_last_edge_inside() -> None:
    outcomes = outcomes_of([1] * 5, {"basic": [[0.9] * 5]})
    bins = accuracy_by(outcomes, [1, 2, 3, 4, 9], bins=[2, 3, 4])
    assert [(each.low, each.high, each.reviews.tolist()) for each in bins] == [(2, 2, [1]), (3, 4, [2, 3])]


def test_a_number_of_bins_shares_the_reviews_out_evenly(outcomes: Outcomes) -> None:
    bins = accuracy_by(outcomes, np.random.default_rng(1).permutation(NUM_TESTS), bins=4)
    assert [len(each.reviews) for each in bins] == [100] * 4
    assert sorted(np.concatenate([each.reviews for each in bins])) == list(range(NUM_TESTS))


def test_values_that_are_mostly_equal_give_fewer_bins_and_lose_no_review() -> None:
    outcomes = outcomes_of([1] * 8, {"basic": [[0.9] * 8]})
    for values in ([0, 0, 0, 0, 0, 0, 0, 5], [3] * 8):
        bins = accuracy_by(outcomes, values, bins=4)
        assert sum(len(each.reviews) for each in bins) == 8


def test_accuracies_of_a_bin_are_those_on_its_reviews(outcomes: Outcomes) -> None:
    half = np.arange(NUM_TESTS) >= NUM_TESTS // 2
    low, high = accuracy_by(outcomes, half, bins=[0, 1, 2])
    for each, reviews in ((low, ~half), (high, half)):
        truth = accuracy_score(np.tile(outcomes.labels[reviews], 3), outcomes.of("basic")[:, reviews].ravel() > 0.5)
        assert each.accuracies["basic"].mean == pytest.approx(truth)
        assert each.accuracies["basic"] == crossed_mean(outcomes.correct_of("basic")[:, reviews])
        assert each.difference is not None
        assert each.difference.mean == pytest.approx(each.accuracies["elmo"].mean - each.accuracies["basic"].mean)


def test_one_arm_has_no_difference() -> None:
    [each] = accuracy_by(outcomes_of([1, 0], {"basic": [[0.9, 0.1]]}), [1, 2], bins=1)
    assert each.difference is None


@pytest.mark.parametrize("values", [[1.0], [1.0, float("nan")]])
def test_a_value_is_needed_for_every_review(values: list[float]) -> None:
    with pytest.raises(ValueError, match="a number for each of the 2"):
        accuracy_by(outcomes_of([1, 0], {"basic": [[0.9, 0.1]]}), values, bins=2)


# Agreement


def test_reviews_are_told_apart_by_who_gets_them_right() -> None:
    outcomes = outcomes_of([1, 1, 1, 1], {"basic": [[0.9, 0.9, 0.1, 0.1]], "elmo": [[0.9, 0.1, 0.9, 0.1]]})
    agreed = agreement(outcomes)
    assert [group.tolist() for group in (agreed.both, agreed.only_basic, agreed.only_elmo, agreed.none)] == [[0], [1], [2], [3]]
    assert agreed.counts.tolist() == [[1, 1], [1, 1]]


def test_the_disagreements_are_those_of_mcnemars_test(outcomes: Outcomes) -> None:
    agreed = agreement(outcomes)
    mcnemar = compare(outcomes.correct_of("basic"), outcomes.correct_of("elmo")).mcnemar
    assert (len(agreed.only_basic), len(agreed.only_elmo)) == (mcnemar.num_only_basic, mcnemar.num_only_elmo)
    assert agreed.counts.sum() == NUM_TESTS
    assert agreed.counts[1, 0] == mcnemar.num_only_basic


def test_agreement_takes_both_arms() -> None:
    with pytest.raises(UserError) as error:
        agreement(outcomes_of([1], {"basic": [[0.9]]}))
    assert error.value.code == "one-model-only"
