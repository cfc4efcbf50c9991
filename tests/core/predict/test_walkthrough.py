"""A sentence on its way through the models of the shipped example."""

from __future__ import annotations

import numpy as np
import pytest

from core.embedders.base import Embedder
from core.embedders.elmo import load_elmo
from core.errors import UserError
from core.predict.predictor import Predictor
from core.predict.walkthrough import SENTENCE, Walkthrough, walk_through
from core.settings import Settings


@pytest.fixture(scope="module")
def elmo(settings: Settings) -> Embedder:
    return load_elmo("elmo-mini", settings, layer_mix="learned", batch_size=1)


@pytest.fixture(scope="module")
def walkthrough(example: Predictor, elmo: Embedder) -> Walkthrough:
    return walk_through(example, elmo, SENTENCE)


def test_elmo_reads_the_sentence_right_and_basic_does_not_by_every_head(walkthrough: Walkthrough) -> None:
    probs = walkthrough.prediction.probs
    assert (probs["elmo"] < 0.5).all()
    assert (probs["basic"] > 0.5).all()


def test_the_sentence_has_an_unknown_word_and_one_that_comes_twice(walkthrough: Walkthrough) -> None:
    unknown = [place for place, is_known in enumerate(walkthrough.prediction.known) if not is_known]
    assert [walkthrough.words[place] for place in unknown] == ["horible"]
    assert not walkthrough.static[unknown].any()
    first, second = walkthrough.repeated() or (0, 0)
    assert (walkthrough.words[first], walkthrough.words[second]) == ("good", "good")
    np.testing.assert_array_equal(walkthrough.static[first], walkthrough.static[second])
    letters, lower, upper = walkthrough.similarities(first, second)
    assert letters == pytest.approx(1, abs=1e-6)
    assert max(lower, upper) < 0.9


def test_the_layers_are_those_that_the_heads_read(walkthrough: Walkthrough, example: Predictor) -> None:
    num_words = len(walkthrough.words)
    assert walkthrough.layers.shape == (3, num_words, 256)
    read = example.vectors(walkthrough.words)["elmo"]  # layer 2
    np.testing.assert_array_equal(walkthrough.layers[2].astype(np.float16), read)
    left, right = np.split(walkthrough.layers[0], 2, axis=1)
    np.testing.assert_array_equal(left, right)
    assert {arm: found.shape for arm, found in walkthrough.detected.items()} == {
        "basic": (num_words, 64),
        "elmo": (num_words, 64),
    }


def test_without_elmo_there_are_no_layers_and_without_words_nothing(example: Predictor) -> None:
    assert walk_through(example, None, "a good film").layers.shape == (3, 3, 0)
    assert walk_through(example, None, "a good film").repeated() is None
    with pytest.raises(UserError) as error:
        walk_through(example, None, " ")
    assert error.value.code == "text-empty"


def test_of_what_comes_twice_the_longest_word_goes_first_and_signs_last(example: Predictor) -> None:
    assert walk_through(example, None, "a dull film, and a dull cast").repeated() == (1, 6)
    assert walk_through(example, None, "Great, dull, odd").repeated() == (1, 3)
