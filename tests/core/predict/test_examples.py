"""Examples are what the models of a run make of the candidates, and nothing that is not true of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import pytest

from core.arrays import FloatArray
from core.data.datasets import BUILT_IN, load_pool
from core.data.search import ReviewIndex
from core.predict.examples import Candidate, ExampleGroups, choose_examples, load_candidates
from core.predict.predictor import Predictor, to_probs
from core.settings import Settings
from core.tokens import token_texts
from tests.core.classifier.trained import train_predictor


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return train_predictor(tmp_path_factory.mktemp("data"))


def right(predictor: Predictor, candidate: Candidate) -> dict[str, bool]:
    """Whether the mean of each model's heads, as the page shows it, is on the right side."""
    probs = predictor.predict(candidate.text).probs
    return {arm: (float(values.mean()) > 0.5) == candidate.is_positive for arm, values in probs.items()}


def test_there_are_candidates_of_both_labels_each_once() -> None:
    candidates = load_candidates()
    assert len({candidate.text for candidate in candidates}) == len(candidates) >= 40
    assert 15 < sum(candidate.is_positive for candidate in candidates) < len(candidates) - 15


def test_every_phrase_is_found_in_the_reviews_that_come_along() -> None:
    index = ReviewIndex(load_pool(BUILT_IN[0], Settings()))
    phrases = [candidate.phrase for candidate in load_candidates() if candidate.phrase]
    assert [phrase for phrase in phrases if not len(index.find(phrase))] == []


def test_every_example_is_what_its_group_says(predictor: Predictor) -> None:
    groups = choose_examples(predictor)
    assert groups.both_fail
    assert [right(predictor, candidate) for candidate in groups.elmo_reads_more] == [{"basic": False, "elmo": True}] * len(
        groups.elmo_reads_more
    )
    assert [right(predictor, candidate) for candidate in groups.both_fail] == [{"basic": False, "elmo": False}] * len(
        groups.both_fail
    )


class MadeUp:
    """A predictor whose log-odds are given by candidate; the others are right everywhere."""

    def __init__(self, logits: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> None:
        right = {candidate.text: [3.0, 3.0] if candidate.is_positive else [-3.0, -3.0] for candidate in load_candidates()}
        values = {text: (sides, sides) for text, sides in right.items()} | dict(logits)
        self._logits = {tuple(token_texts(text)): both for text, both in values.items()}

    def predict_many(self, sentences: Sequence[Sequence[str]]) -> dict[str, FloatArray]:
        both = np.array([self._logits[tuple(words)] for words in sentences], np.float32)  # (num_texts, 2, num_heads)
        return {"basic": to_probs(both[:, 0].T), "elmo": to_probs(both[:, 1].T)}


def choose(logits: Mapping[str, tuple[Sequence[float], Sequence[float]]], num_shown: int = 4) -> ExampleGroups:
    return choose_examples(cast("Predictor", MadeUp(logits)), num_shown)


def test_a_model_that_is_right_about_everything_leaves_no_example() -> None:
    assert choose({}) == ExampleGroups((), ())


def test_what_most_heads_confirm_comes_first_then_the_surest() -> None:
    wrong_and_right = {"Loved it": ([-1, -1], [1, 1]), "See it twice": ([-2, -2], [2, 2]), "Sooooo good": ([-1, 9], [9, 9])}
    groups = choose(wrong_and_right)
    assert [candidate.text for candidate in groups.elmo_reads_more] == ["See it twice", "Loved it"]
    half = choose({**wrong_and_right, "Sooooo good": ([-9, 0.1], [9, 9])})
    assert [candidate.text for candidate in half.elmo_reads_more] == ["See it twice", "Loved it", "Sooooo good"]
    assert [candidate.text for candidate in choose(wrong_and_right, 1).elmo_reads_more] == ["See it twice"]
    assert groups.both_fail == ()


def test_of_those_that_fool_both_the_ones_found_in_reviews_come_first() -> None:
    groups = choose({"Loved it": ([-9, -9], [-9, -9]), "Never boring": ([-1, -1], [-2, -2])})
    assert [candidate.text for candidate in groups.both_fail] == ["Never boring", "Loved it"]


def test_an_answer_too_close_to_call_is_no_example() -> None:
    assert choose({"Loved it": ([-0.01, -0.01], [9, 9])}).elmo_reads_more == ()
