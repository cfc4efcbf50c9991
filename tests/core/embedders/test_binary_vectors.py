"""Vectors in word2vec's binary form, and as a NumPy matrix with words beside it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.embedders.static import load_static
from core.errors import UserError
from core.settings import Settings
from tests.core.embedders.small_vectors import WORD2VEC, archived, write, zipped

VECTORS = np.array([[0.1, 0.2, 0.3], [-1, 0.25, 3], [7, 8, 9]])


def numpy_file(vectors: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, vectors, allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize("data", [WORD2VEC, zipped(WORD2VEC), archived({"vectors.bin": WORD2VEC}, mode="zip")])
def test_word2vec_files_are_read(data: bytes, settings: Settings, tmp_path: Path) -> None:
    embedder = load_static(write(tmp_path, data, "vectors.bin"), settings)
    np.testing.assert_array_equal(embedder.embed([["the", "film", "..."]])[0], VECTORS.astype(np.float32))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (WORD2VEC[:-8], "vectors-truncated"),
        (WORD2VEC.replace(b"3 3", b"5 3"), "vectors-truncated"),
        (WORD2VEC.replace(b"3 3", b"3 99999"), "vectors-too-wide"),
        (WORD2VEC.replace(b"3 3", b"999999999 3"), "vectors-too-wide"),
        (WORD2VEC.replace(np.float32(9).tobytes(), np.float32(np.nan).tobytes()), "vectors-line-broken"),
        (b"3 3\n" + b"\0" * 5_000, "vectors-truncated"),
    ],
)
def test_broken_word2vec_files_are_refused(data: bytes, code: str, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        load_static(write(tmp_path, data, "vectors.bin"), settings)
    assert error.value.code == code


def test_what_follows_the_promised_rows_is_noted(settings: Settings, tmp_path: Path) -> None:
    embedder = load_static(write(tmp_path, WORD2VEC.replace(b"3 3", b"2 3"), "vectors.bin"), settings)
    np.testing.assert_array_equal(embedder.embed([["the", "..."]])[0], np.array([VECTORS[0], [0, 0, 0]], np.float32))
    assert "2 vectors" in embedder.note
    assert load_static(write(tmp_path, WORD2VEC + b"\n", "whole.bin"), settings).note == ""


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("vectors.txt", b"the\nfilm\n. . .\n"),
        ("words.txt", b"\xef\xbb\xbfthe\r\nfilm\r\n. . ."),
        ("vectors.vocab", b"the 1061396\nfilm 12\n... 7\n"),
    ],
)
def test_a_matrix_is_read_with_the_words_beside_it(
    dtype: str, name: str, words: bytes, settings: Settings, tmp_path: Path
) -> None:
    write(tmp_path, words, name)
    embedder = load_static(write(tmp_path, numpy_file(VECTORS.astype(dtype)), "vectors.npy"), settings)
    found = embedder.embed([["the", "film", "..." if b"..." in words else ". . ."]])[0]
    np.testing.assert_array_equal(found, VECTORS.astype(dtype).astype(np.float32))


def test_a_matrix_is_parsed_again_when_its_words_change(settings: Settings, tmp_path: Path) -> None:
    write(tmp_path, b"the\nfilm\nx\n", "vectors.txt")
    file = write(tmp_path, numpy_file(VECTORS), "vectors.npy")
    assert not load_static(file, settings).known(["movie"]).any()
    write(tmp_path, b"the\nmovie\nx\n", "vectors.txt")
    assert load_static(file, settings).known(["movie"]).all()


@pytest.mark.parametrize(
    ("matrix", "words", "code"),
    [
        (numpy_file(VECTORS), None, "vectors-words-missing"),
        (numpy_file(VECTORS), b"the\nfilm\n", "vectors-words-mismatch"),
        (numpy_file(VECTORS[0]), b"the\n", "vectors-no-matrix"),
        (numpy_file(np.array(["a"])), b"the\n", "vectors-no-matrix"),
        (numpy_file({"a": 1}), b"the\n", "vectors-no-matrix"),
        (numpy_file(np.zeros((0, 3))), b"", "vectors-no-matrix"),
        (numpy_file(np.zeros((1, 10_001))), b"the\n", "vectors-no-matrix"),
        (numpy_file(VECTORS)[:-3], b"the\nfilm\nx\n", "vectors-no-matrix"),
        (b"no matrix", b"the\n", "vectors-no-matrix"),
        (numpy_file(VECTORS * np.nan), b"the\nfilm\nx\n", "vectors-line-broken"),
    ],
)
def test_what_is_no_matrix_with_its_words_is_refused(
    matrix: bytes, words: bytes | None, code: str, settings: Settings, tmp_path: Path
) -> None:
    if words is not None:
        write(tmp_path, words, "vectors.txt")
    with pytest.raises(UserError) as error:
        load_static(write(tmp_path, matrix, "vectors.npy"), settings)
    assert error.value.code == code
