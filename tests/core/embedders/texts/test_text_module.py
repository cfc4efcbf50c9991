"""Modules of whole texts, of both formats of TF-Hub, built here and loaded as the published ones are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.embedders.cache import CachedEmbedder, EmbeddingCache
from core.embedders.elmo import load_elmo
from core.embedders.texts.text_module import load_text_module
from core.errors import UserError
from core.settings import Settings
from tests.core.embedders.texts.modules import (
    DIM,
    write_module_of_lengths,
    write_module_with_foreign_op,
    write_tf1_module,
    write_tf2_module,
)

TEXTS = [["a", "lovely", "film"], [], ["dull"], ["a", "lovely", "film"]]


@pytest.mark.parametrize("write", [write_tf2_module, write_tf1_module])
def test_a_module_gives_one_vector_of_each_text(write: Callable[[Path], Path], tmp_path: Path, settings: Settings) -> None:
    embedder = load_text_module(str(write(tmp_path / "module")), settings)
    vectors = embedder.embed(TEXTS)
    assert embedder.dim == DIM
    assert [each.shape for each in vectors] == [(1, DIM), (0, DIM), (1, DIM), (1, DIM)]
    assert {each.dtype for each in vectors} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(vectors[0], vectors[3])
    assert not np.allclose(vectors[0], vectors[2])


def test_many_texts_are_read_as_each_alone(tmp_path: Path, settings: Settings) -> None:
    embedder = load_text_module(str(write_tf2_module(tmp_path / "module")), settings)
    texts = [["film"] * (1 + number % 7) + [str(number)] for number in range(70)]
    together = embedder.embed(texts)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(vector, embedder.embed([text])[0], rtol=1e-6)


def test_the_cache_keeps_one_vector_of_each_text(tmp_path: Path, settings: Settings) -> None:
    embedder = load_text_module(str(write_tf2_module(tmp_path / "module")), settings)
    cached = CachedEmbedder(embedder, EmbeddingCache(tmp_path / "cache", 2**24), is_of_texts=True)
    first = cached.embed_half(TEXTS)
    assert cached.missing(TEXTS) == []
    for fresh, kept in zip(first, cached.embed_half(TEXTS), strict=True):
        np.testing.assert_array_equal(fresh, kept)


def test_another_module_has_another_fingerprint(tmp_path: Path, settings: Settings) -> None:
    one, other = (load_text_module(str(write(tmp_path / name)), settings) for name, write in WRITERS.items())
    assert one.fingerprint != other.fingerprint


WRITERS = {"tf2": write_tf2_module, "tf1": write_tf1_module}


def test_a_module_that_needs_foreign_operations_is_refused_with_the_reason(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        load_text_module(str(write_module_with_foreign_op(tmp_path / "module")), settings)
    assert error.value.code == "module-needs-ops"
    assert "operations that TensorFlow does not have" in str(error.value)


def test_an_elmo_makes_the_mean_of_its_words(module_folder: Path, settings: Settings) -> None:
    embedder = load_text_module(str(module_folder), settings)
    [vector] = embedder.embed([["a", "film"]])
    [words] = load_elmo(str(module_folder), settings).embed([["a", "film"]])
    np.testing.assert_allclose(vector[0], words.mean(axis=0), atol=1e-5)


def test_a_module_that_makes_no_vectors_is_refused(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        load_text_module(str(write_module_of_lengths(tmp_path / "module")), settings)
    assert error.value.code == "text-module-unfit"


def test_a_folder_without_a_module_is_one_sentence(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        load_text_module(str(tmp_path), settings)
    assert error.value.code == "elmo-missing"
    assert str(error.value).startswith("There is no text module at")
