"""Balanced accuracy and macro-F1: the numbers are those of scikit-learn, the intervals cover the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from core.analysis.outcomes import Outcomes
from core.analysis.uneven_classes import balanced_accuracies, macro_f1s, measure, measure_uneven
from core.analysis.verdicts import uneven_sentences
from core.arrays import BoolArray, LabelArray


@dataclass(frozen=True)
class UnevenWorld:
    """Answers to reviews of two classes; every trial leans to one class by chance, which helps that one and hurts the other."""

    share_positive: float
    levels: tuple[float, float] = (0.9, 1.1)

    def experiment(self, rng: np.random.Generator, num_trials: int, num_tests: int) -> tuple[LabelArray, list[BoolArray]]:
        """Labels of test reviews, and which predictions of each model are right."""
        labels = (rng.random(num_tests) < self.share_positive).astype(np.int8)
        sign = np.where(labels > 0, 1, -1)
        reviews, trials = rng.standard_normal(num_tests), 0.1 * rng.standard_normal((num_trials, 1))
        found = []
        for level in self.levels:
            leaning = 0.25 * rng.standard_normal((num_trials, 1)) - 0.2
            own = 0.5 * rng.standard_normal(num_tests) + 0.4 * rng.standard_normal((num_trials, num_tests))
            found.append(level + reviews + trials + own + sign * leaning > 0)
        return labels, found

    def truth(self) -> npt.NDArray[Any]:
        """float (2 measures, 2 models), over many trials and reviews."""
        rng, found = np.random.default_rng(0), []
        for _ in range(20):
            labels, correct = self.experiment(rng, 40, 4000)
            found.append([[table(each, labels).mean() for each in correct] for table in (balanced_accuracies, macro_f1s)])
        return np.asarray(np.mean(found, axis=0))


def outcomes(correct: BoolArray, labels: LabelArray, *, reference: BoolArray | None = None) -> Outcomes:
    """Of basic and of elmo, from which predictions are right, bool (2, num_trials, num_tests)."""
    probs = np.where(correct == (labels > 0), 0.9, 0.1).astype(np.float32)
    said = None if reference is None else np.where(reference == (labels > 0), 0.9, 0.1).astype(np.float32)
    ids = tuple(f"r{row}" for row in range(len(labels)))
    return Outcomes(tuple(range(correct.shape[1])), ("basic", "elmo"), probs, labels, ids, reference=said)


def test_the_means_are_those_of_scikit_learn_averaged_over_the_trials() -> None:
    labels, (correct, _) = UnevenWorld(0.2).experiment(np.random.default_rng(0), 4, 150)
    predictions = np.where(correct, labels, 1 - labels)
    for table, score in (
        (balanced_accuracies, balanced_accuracy_score),
        (macro_f1s, lambda truth, said: f1_score(truth, said, average="macro")),
    ):
        scores = [score(labels, each) for each in predictions]
        assert table(correct, labels).mean(axis=1) == pytest.approx(scores)


@pytest.mark.parametrize(
    ("world", "num_trials", "num_tests"),
    [
        pytest.param(UnevenWorld(0.1), 5, 200, id="rare"),
        pytest.param(UnevenWorld(0.35), 10, 400, id="uneven"),
        pytest.param(UnevenWorld(0.1, (2.0, 2.3)), 5, 200, id="rare and easy"),
    ],
)
def test_the_intervals_cover_the_truth(world: UnevenWorld, num_trials: int, num_tests: int) -> None:
    rng, truth, covered = np.random.default_rng(num_trials), world.truth(), np.zeros((2, 3))
    repeats = 200
    for _ in range(repeats):
        labels, (first, second) = world.experiment(rng, num_trials, num_tests)
        for row, table in enumerate((balanced_accuracies, macro_f1s)):
            found = measure(table, {"a": first, "b": second}, labels, pair=("a", "b"))
            assert found.difference is not None
            estimates = (*found.models.values(), found.difference)
            truths = (*truth[row], truth[row, 1] - truth[row, 0])
            covered[row] += [
                low <= true <= high for (low, high), true in zip((e.interval for e in estimates), truths, strict=True)
            ]
    assert (covered / repeats).min() >= 0.91


def test_a_rare_class_without_a_mistake_leaves_room_for_some() -> None:
    labels = np.array([1] * 8 + [0] * 72, np.int8)
    correct = np.ones((1, 80), bool)
    correct[0, 8:26] = False  # three of four negative reviews are right, and all eight positive ones
    found = measure(balanced_accuracies, {"a": correct}, labels).models["a"]
    assert found.mean == pytest.approx(0.875)
    assert found.interval[0] < 0.8  # the 72 negative reviews alone would leave it at 0.825
    assert found.interval[1] >= found.mean


def test_whoever_always_says_the_frequent_class_is_worth_half() -> None:
    labels = np.array([1] * 20 + [0] * 80, np.int8)
    always = np.broadcast_to(labels == 0, (2, 3, 100))
    found = measure_uneven(outcomes(always, labels, reference=always[0]))
    assert found is not None
    assert (found.larger_class, found.larger_share) == ("negative", 0.8)
    assert found.accuracy.models["basic"].mean == pytest.approx(0.8)
    assert {model: each.mean for model, each in found.balanced_accuracy.models.items()} == pytest.approx(
        {"basic": 0.5, "elmo": 0.5, "bag-of-words": 0.5}
    )
    assert found.macro_f1.models["elmo"].mean == pytest.approx(0.444, abs=1e-3)
    assert found.macro_f1.difference is not None
    assert found.macro_f1.difference.mean == 0


@pytest.mark.parametrize("num_positive", [0, 40, 50, 60, 100])
def test_accuracy_is_enough_where_classes_are_about_even_or_there_is_one(num_positive: int) -> None:
    labels = (np.arange(100) < num_positive).astype(np.int8)
    assert measure_uneven(outcomes(np.ones((2, 1, 100), bool), labels)) is None


def test_the_sentences_say_what_accuracy_hides() -> None:
    labels = np.array([1] * 20 + [0] * 80, np.int8)
    correct = np.broadcast_to(labels == 0, (2, 1, 100)).copy()
    correct[1, 0, :10] = True  # elmo finds half of the positive reviews
    found = measure_uneven(outcomes(correct, labels))
    assert found is not None
    always, balanced, macro = uneven_sentences(found)
    assert always == "80.0 % of the test reviews are negative: a model that calls every review negative is 80.0 % accurate."
    assert "Basic 50.0 % (95 % interval" in balanced
    assert "ELMo 75.0 %" in balanced
    assert "difference +25.0 points" in balanced
    assert "ELMo 80.4 %" in macro
