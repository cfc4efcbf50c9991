"""The biLM against its NumPy reference, and what must never change a vector."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.elmo.options import BiLMOptions
from tests.core.elmo.reference import elmo_layers, encode
from tests.core.elmo.tiny_models import TINY, load_model, random_weights, without_skips

SENTENCES = [
    ["The", "plot", "thickens", "."],
    ["Good"],
    ["x", "a" * 60, "é" * 30, "👩‍🚀", "e\u0301"],
    ["not", "bad", "at", "all", ",", "really", "."],
]


def _layers(model: Any, sentences: list[list[str]]) -> list[np.ndarray[Any, Any]]:
    """(3, T, width) of each sentence, computed in one batch."""
    import tensorflow as tf

    lengths = [len(tokens) for tokens in sentences]
    layers, _ = model.layers(tf.ragged.constant(sentences, dtype=tf.string).to_tensor(""), tf.constant(lengths, tf.int32))
    return [layers[:, i, :length].numpy() for i, length in enumerate(lengths)]


@cache
def _random_model() -> Any:
    """One model for all examples."""
    with tempfile.TemporaryDirectory() as folder:
        return load_model(Path(folder))


@cache
def _alone(tokens: tuple[str, ...]) -> np.ndarray[Any, Any]:
    """The layers of a sentence that is a batch of its own."""
    (layers,) = _layers(_random_model(), [list(tokens)])
    return layers


@pytest.mark.parametrize("options", [TINY, without_skips(TINY)], ids=["skips", "no skips"])
def test_all_layers_equal_the_reference_for_a_ragged_batch(options: BiLMOptions, tmp_path: Path) -> None:
    weights = random_weights(options)
    for tokens, got in zip(SENTENCES, _layers(load_model(tmp_path, options), SENTENCES), strict=True):
        np.testing.assert_allclose(got, elmo_layers(tokens, weights, options), atol=1e-5)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=70), min_size=1, max_size=4))
@settings(max_examples=25)
def test_word_vectors_equal_the_reference_for_any_words(words: list[str]) -> None:
    got = _random_model().word_vectors(words).numpy()
    want = [encode(word, random_weights(TINY), TINY) for word in words]
    np.testing.assert_allclose(got, want, atol=1e-5)


@given(st.permutations(SENTENCES), st.integers(1, 4), st.integers(0, 6))
@settings(max_examples=25)
def test_batch_order_batch_composition_and_padding_never_change_a_vector(
    sentences: list[list[str]], num_sentences: int, padding: int
) -> None:
    import tensorflow as tf

    model = _random_model()
    batch = sentences[:num_sentences]
    time = max(map(len, batch)) + padding
    padded = tf.constant([tokens + [""] * (time - len(tokens)) for tokens in batch])
    layers, _ = model.layers(padded, tf.constant([len(tokens) for tokens in batch], tf.int32))
    for i, tokens in enumerate(batch):
        np.testing.assert_allclose(layers[:, i, : len(tokens)], _alone(tuple(tokens)), atol=1e-6)
        assert not layers[:, i, len(tokens) :].numpy().any()


def test_a_vector_depends_on_both_sides_of_its_word() -> None:
    base, before, after = _layers(_random_model(), [["a", "b", "c"], ["x", "b", "c"], ["a", "b", "x"]])
    assert np.array_equal(base[0, 1], before[0, 1])
    assert not np.allclose(base[1:, 1], before[1:, 1])
    assert not np.allclose(base[1:, 1], after[1:, 1])


def test_the_published_small_model_has_the_published_number_of_parameters() -> None:
    from core.elmo.model import BiLM

    filters = ((1, 32), (2, 32), (3, 64), (4, 128), (5, 256), (6, 512), (7, 1024))
    small = BiLMOptions(filters=filters, char_dim=16, num_highway=1, cell_dim=1024, projection_dim=128)
    counted = sum(int(np.prod(variable.shape)) for variable in BiLM(small).trainable_variables)
    assert counted == 13_593_296 + 16  # the published count has no row for the mask
