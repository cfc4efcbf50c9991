"""ELMo on shuffled sentences, on a real module with few weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.embedders.elmo import load_elmo
from core.embedders.shuffled import ShuffledEmbedder, shuffled_order
from core.settings import Settings

TEXT = ["the", "film", "was", "not", "good", "at", "all", "!", "i", "liked", "the", "music", "of", "the", "second", "half"]


def test_words_move_within_their_sentence_only_and_its_end_stays() -> None:
    order = shuffled_order(TEXT).tolist()
    end = TEXT.index("!")
    assert sorted(order[:end]) == list(range(end))
    assert order[end] == end
    assert sorted(order[end + 1 :]) == list(range(end + 1, len(TEXT)))
    assert order != sorted(order)


def test_the_order_depends_on_the_sentence_alone() -> None:
    first, second = TEXT[: TEXT.index("!") + 1], TEXT[TEXT.index("!") + 1 :]
    together = shuffled_order(TEXT)
    assert together[: len(first)].tolist() == shuffled_order(first).tolist()
    assert (together[len(first) :] - len(first)).tolist() == shuffled_order(second).tolist()
    assert shuffled_order(["a", "b", "c", ".", "d", "e"]).tolist() == shuffled_order(["a", "b", "c", ".", "d", "e"]).tolist()


def test_texts_without_two_words_in_a_sentence_stay_as_they_are(module_folder: Path, settings: Settings) -> None:
    elmo = load_elmo(str(module_folder), settings)
    texts = [[], ["good"], ["good", "."], [".", "!", "good"]]
    for shuffled, plain in zip(ShuffledEmbedder(elmo).embed(texts), elmo.embed(texts), strict=True):
        np.testing.assert_array_equal(shuffled, plain)


def test_each_vector_stands_where_its_word_does(module_folder: Path, settings: Settings) -> None:
    elmo = load_elmo(str(module_folder), settings, layer_mix="2")
    [got] = ShuffledEmbedder(elmo).embed([TEXT])
    order = shuffled_order(TEXT)
    [read] = elmo.embed([[TEXT[i] for i in order]])
    for place, i in enumerate(order):
        np.testing.assert_array_equal(got[i], read[place])
    [plain] = elmo.embed([TEXT])
    assert not np.allclose(got, plain)
    [letters] = ShuffledEmbedder(elmo.letters()).embed([TEXT])
    np.testing.assert_array_equal(letters, elmo.letters().embed([TEXT])[0])  # without neighbours, no order matters


def test_letters_are_layer_0_and_know_no_neighbour(module_folder: Path, settings: Settings) -> None:
    for mix in ("2", "learned"):
        letters = load_elmo(str(module_folder), settings, layer_mix=mix).letters()
        layer = load_elmo(str(module_folder), settings, layer_mix="0")
        assert (letters.dim, letters.fingerprint) == (layer.dim, layer.fingerprint)
        [got] = letters.embed([TEXT])
        np.testing.assert_array_equal(got, layer.embed([TEXT])[0])
        np.testing.assert_array_equal(got[TEXT.index("good")], letters.embed([["good"]])[0][0])
