"""Text files of vectors of every kind, whole and broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.embedders.static import load_static
from core.errors import UserError
from core.settings import Settings
from tests.core.embedders.small_vectors import GLOVE, MUSE, write, zipped

WORD2VEC_BINARY = b"1 50\nthe " + (0.3 * np.sin(np.arange(1, 51))).astype("<f4").tobytes() + b"\n"  # without a zero byte


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("glove.txt", GLOVE),
        ("wiki.multi.en.vec", MUSE),
        ("glove.txt.gz", zipped(GLOVE)),
        ("wiki.multi.en.vec.gz", zipped(MUSE)),
        ("zipped-without-saying-so.txt", zipped(MUSE)),
        ("windows.txt", GLOVE.replace(b"\n", b"\r\n")),
        ("spaces-at-the-end.vec", MUSE.replace(b"\n", b" \n") + b"\n"),
        ("tabs.txt", GLOVE.replace(b"the ", b"the\t")),
        ("no-last-line-end.txt", GLOVE.rstrip()),
    ],
)
def test_glove_and_muse_files_are_read_plain_or_zipped(name: str, data: bytes, settings: Settings, tmp_path: Path) -> None:
    embedder = load_static(write(tmp_path, data, name), settings)
    assert (embedder.name, embedder.dim) == (name.removesuffix(".gz"), 3)
    vectors = embedder.embed([["the", "Film", ". . .", "."]])[0]
    expected = np.array([[0.1, 0.2, 0.3], [-1, 0.25, 3], [7, 8, 9], [0, 0, 0]], dtype=np.float32)
    np.testing.assert_array_equal(vectors, expected)


def test_words_with_unusual_spaces_stay_whole(settings: Settings, tmp_path: Path) -> None:
    words = ["a\u00a0b", "line\u2028separator", "next\x85line", "at name@domain.com", "Zürich", "1/2 cup"]
    embedder = load_static(write(tmp_path, "".join(f"{word} 1 2\n" for word in ["film", *words]).encode()), settings)
    assert embedder.lookup(words).tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"the 1 2 3\nfilm 1 2\n", "vectors-line-broken", "Line 2 .* 2 numbers"),
        (b"the 1 2 3\n\nfilm 1 2 3 4\n", "vectors-line-broken", "Line 3 .* more than 3"),
        (b"2 5\nthe 1 2 3\nfilm 1 2 3\n", "vectors-line-broken", "Line 2 .* 3 numbers"),
        (b"2 2\nthe 1 2 3\nfilm 1 2 3\n", "vectors-line-broken", "Line 2 .* more than 2"),
        (b"the 1 2 3\nfilm 1 2x 3\n", "vectors-line-broken", "Line 2 .* not a number"),
        (b"the 1 2 3\nfilm 1 nan 3\n", "vectors-line-broken", "Line 2 .* finite"),
        (b"the 1 2 3\nfilm 1 1e300 3\n", "vectors-line-broken", "Line 2 .* finite"),
        (b"the\nfilm\n", "vectors-line-broken", "Line 1 .* no numbers"),
        (b"<!DOCTYPE html>\n<html lang=en>\n", "vectors-line-broken", "Line 1 .* not a number"),
        (b"PK\x03\x04 \x00\xff \x81\n", "vectors-zip", "vectors.txt"),
        (b"\xba\x16O/\x0c\x00\x00\x00 1 2\n", "vectors-binary", "vectors.txt"),
        (WORD2VEC_BINARY, "vectors-binary", "vectors.txt"),
        (zipped(WORD2VEC_BINARY), "vectors-binary", "vectors.txt"),
        (zipped(b"0" * 2**21), "vectors-line-broken", "Line 1 .* no numbers"),
        (b"5 3\nthe 1 2 3\nfilm 1 2 3\n", "vectors-truncated", "2 vectors .* 5"),
        (b"0 3\n", "vectors-empty", "vectors.txt"),
        (b"", "vectors-empty", "vectors.txt"),
        (b" \n\n", "vectors-empty", "vectors.txt"),
        (zipped(GLOVE)[:-12], "vectors-gzip-damaged", "vectors.txt"),
        (b"\x1f\x8bnot gzip at all", "vectors-gzip-damaged", "vectors.txt"),
    ],
)
def test_a_broken_file_is_refused_with_the_place(data: bytes, code: str, place: str, settings: Settings, tmp_path: Path) -> None:
    file = write(tmp_path, data)
    with pytest.raises(UserError, match=place) as error:
        load_static(file, settings)
    assert error.value.code == code
    assert list(settings.folder("vectors").iterdir()) == []
