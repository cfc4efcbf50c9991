"""Text files of vectors of every kind, whole and broken."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access import unpacking
from core.embedders.static import StaticEmbedder, load_static, vectors_note
from core.errors import UserError
from core.settings import Settings
from tests.core.data.small_csv import to_zip
from tests.core.embedders.small_vectors import GLOVE, MUSE, archived, many, write, zipped
from tests.shared_cases import case_path


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
        ("byte-order-mark.vec", b"\xef\xbb\xbf" + MUSE),
        ("utf-16.txt", GLOVE.decode().encode("utf-16")),
        ("glove.zip", archived({"folder/glove.txt": GLOVE, "README.md": b"read me", "__MACOSX/._glove.txt": b"x"}, mode="zip")),
        ("glove.txt.bz2", bz2.compress(GLOVE)),
        ("glove.vec.xz", lzma.compress(MUSE)),
        ("glove.tar", archived({"glove.txt": GLOVE}, mode="tar")),
        ("glove.tar.gz", archived({"folder/glove.vec": MUSE}, mode="gz")),
        ("glove.tar.bz2", archived({"glove.txt": GLOVE}, mode="bz2")),
    ],
)
def test_glove_and_muse_files_are_read_however_they_are_packed(
    name: str, data: bytes, settings: Settings, tmp_path: Path
) -> None:
    embedder = load_static(write(tmp_path, data, name), settings)
    assert (embedder.name, embedder.dim) == (re.sub(r"(\.tar)?(\.gz|\.bz2|\.xz|\.zip)?$", "", name), 3)
    assert embedder.note == ""
    vectors = embedder.embed([["the", "Film", ". . .", "."]])[0]
    expected = np.array([[0.1, 0.2, 0.3], [-1, 0.25, 3], [7, 8, 9], [0, 0, 0]], dtype=np.float32)
    np.testing.assert_array_equal(vectors, expected)


def test_a_short_text_with_a_control_character_is_no_binary_file(settings: Settings, tmp_path: Path) -> None:
    embedder = load_static(write(tmp_path, b"2 1\nw 0.1\n\x01 5\n"), settings)
    np.testing.assert_array_equal(embedder.embed([["w"]])[0], np.array([[0.1]], np.float32))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, lambda data: to_zip({"a.txt": data})])
def test_a_small_file_that_unpacks_to_very_much_is_refused(
    pack: Callable[[bytes], bytes], settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "_ALWAYS_BYTES", 2**16)
    data = pack(b"the 1 2 3\n" * 100_000)
    with pytest.raises(UserError) as error:
        load_static(write(tmp_path, data), settings)
    assert error.value.code == "vectors-too-large"


SECRETS = (
    b"DB_PASSWORD=hunter2\nAPI_TOKEN=s3cr3t-t0ken\n",
    b"hunter2 s3cr3t-t0ken\n",
    b"12 hunter2 s3cr3t-t0ken\n1 2 3\n",
    b'{"token": "s3cr3t-t0ken", "password": "hunter2"}\n',
    b"root:hunter2:0:0\ns3cr3t-t0ken:x:1:1 2\n",
    archived({"hunter2": b"x 1\n", "s3cr3t-t0ken": b"x 1\n"}, mode="zip"),
    archived({"hunter2": b"x\n", "s3cr3t-t0ken": b"x 1\n"}, mode="gz"),
    gzip.compress(b"hunter2\n", mtime=0) + b"s3cr3t-t0ken",
)


@pytest.mark.parametrize("data", SECRETS)
def test_nothing_of_a_file_is_in_an_error(data: bytes, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        load_static(write(tmp_path, data), settings)
    assert "hunter2" not in str(error.value)
    assert "s3cr3t" not in str(error.value)


def test_an_archive_whose_list_is_damaged_is_refused(settings: Settings, tmp_path: Path) -> None:
    data = archived({"glove.txt": GLOVE}, mode="zip")
    at = data.rindex(b"PK\5\6") + 16  # where the list of files begins
    wrong = data[:at] + (int.from_bytes(data[at : at + 4], "little") + 1).to_bytes(4, "little") + data[at + 4 :]
    with pytest.raises(UserError) as error:
        load_static(write(tmp_path, wrong, "glove.zip"), settings)
    assert error.value.code == "vectors-packed-damaged"


def test_words_with_unusual_spaces_stay_whole(settings: Settings, tmp_path: Path) -> None:
    words = ["a\u00a0b", "line\u2028separator", "next\x85line", "at name@domain.com", "Zürich", "1/2 cup"]
    embedder = load_static(write(tmp_path, "".join(f"{word} 1 2\n" for word in ["film", *words]).encode()), settings)
    assert embedder.lookup(words).tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"the 1 2 3\nfilm 1 2\n", "vectors-line-broken", "Line 2 .* 2 numbers"),
        (b"the 1 2 3\n\nfilm 1 2 3 4\na 1 2 3\n", "vectors-line-broken", "Line 3 .* more than 3"),
        (b"2 5\nthe 1 2 3\nfilm 1 2 3\n", "vectors-line-broken", "Line 2 .* 3 numbers"),
        (b"2 2\nthe 1 2 3\nfilm 1 2 3\n", "vectors-line-broken", "Line 2 .* more than 2"),
        (b"the 1 2 3\nfilm 1 2x 3\n", "vectors-line-broken", "Line 2 .* not a number"),
        (b"the 1 2 3\nfilm 1 nan 3\n", "vectors-line-broken", "Line 2 .* finite"),
        (b"the 1 2 3\nfilm 1 1e300 3\n", "vectors-line-broken", "Line 2 .* finite"),
        (b"the\nfilm\n", "vectors-line-broken", "Line 1 .* no numbers"),
        (b"<!DOCTYPE html>\n<html lang=en>\n", "vectors-line-broken", "Line 1 .* no numbers"),
        (b"PK\x03\x04 \x00\xff \x81\n", "vectors-packed-damaged", "vectors.txt"),
        (b"\xba\x16O/\x0c\x00\x00\x00 1 2\n", "vectors-binary", "vectors.txt"),
        (b"the 1 2_000 3\nfilm 1 2 3\n", "vectors-line-broken", "Line 1 .* not a number"),
        (b"9 " + b"9" * 5_000 + b"\nthe 1\n", "vectors-too-wide", "vectors.txt"),
        (b"9 10001\nthe 1\n", "vectors-too-wide", "vectors.txt"),
        (archived({"a.txt": GLOVE, "b.txt": GLOVE}, mode="zip"), "vectors-several-files", "2 files"),
        (archived({}, mode="zip") + b"PK", "vectors-binary", "vectors.txt"),
        (archived({"a.txt": GLOVE}, mode="gz")[:60], "vectors-packed-damaged", "vectors.txt"),
        (bz2.compress(GLOVE)[:-9], "vectors-packed-damaged", "vectors.txt"),
        (b"BZh9 no bzip2", "vectors-packed-damaged", "vectors.txt"),
        (lzma.compress(GLOVE)[:-9], "vectors-packed-damaged", "vectors.txt"),
        (zipped(b"0" * 2**21), "vectors-line-broken", "Line 1 .* no numbers"),
        (b"5 3\nthe 1 2 3\nfilm 1 2 3", "vectors-truncated", "cut short"),
        (b"0 3\n", "vectors-empty", "vectors.txt"),
        (b"", "vectors-empty", "vectors.txt"),
        (b" \n\n", "vectors-empty", "vectors.txt"),
        (zipped(GLOVE)[:-12], "vectors-packed-damaged", "vectors.txt"),
        (b"\x1f\x8bnot gzip at all", "vectors-packed-damaged", "vectors.txt"),
    ],
)
def test_a_broken_file_is_refused_with_the_place(data: bytes, code: str, place: str, settings: Settings, tmp_path: Path) -> None:
    file = write(tmp_path, data)
    with pytest.raises(UserError, match=place) as error:
        load_static(file, settings)
    assert error.value.code == code
    assert list(settings.folder("vectors").iterdir()) == []


def load(lines: list[bytes], settings: Settings, tmp_path: Path) -> StaticEmbedder:
    return load_static(write(tmp_path, b"".join(lines)), settings)


@pytest.mark.parametrize("promised", [290, 299, 301, 302, 1_000])
def test_a_first_line_with_another_count_is_noted(promised: int, settings: Settings, tmp_path: Path) -> None:
    embedder = load([f"{promised} 4\n".encode(), *many()], settings, tmp_path)
    assert embedder.known([f"w{row}" for row in range(300)]).all()
    assert f"{promised:,}" in embedder.note
    assert "300" in embedder.note


@pytest.mark.parametrize("blank", [b" ", b"  ", b"\t", b"\xff "])
def test_lines_without_a_word_are_left_out_and_noted(blank: bytes, settings: Settings, tmp_path: Path) -> None:
    lines = many()
    lines[11:11] = [blank + b" 1 2 3 4\n"] * 5
    embedder = load(lines, settings, tmp_path)
    assert embedder.known(["w11", "w299"]).all()
    assert "lines 12, 13, 14 and 2 more" in embedder.note


@pytest.mark.parametrize("broken", [b"bad 1 2 3", b"bad 1 nan 3 4", b"bad 1 inf 3 4", b"bad 1 2x 3 4", b"bad 1 2_0 3 4"])
def test_three_broken_lines_of_three_hundred_are_left_out_and_noted(broken: bytes, settings: Settings, tmp_path: Path) -> None:
    lines = many()
    for place in (5, 100, 300):
        lines.insert(place, broken + b"\n")
    embedder = load(lines, settings, tmp_path)
    assert not embedder.known(["bad"]).any()
    assert embedder.known([f"w{row}" for row in range(300)]).all()
    assert "lines 6, 101 and 301" in embedder.note


def test_more_than_one_broken_line_in_a_hundred_is_too_many(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"Line 51 .* 3 more of 304") as error:
        load([*many()[:50], *[b"bad 1 2 3\n"] * 4, *many()[50:]], settings, tmp_path)
    assert error.value.code == "vectors-line-broken"


def test_phrases_may_end_in_numbers(settings: Settings, tmp_path: Path) -> None:
    phrases = ["top 10", "windows 3.1", "catch 22", "1 000 000"]
    embedder = load([*many(), *(f"{phrase} 1 2 3 4\n".encode() for phrase in phrases)], settings, tmp_path)
    assert embedder.known(phrases).all()
    assert embedder.note == ""


def test_the_width_is_that_of_most_lines_whatever_the_first_one_has(settings: Settings, tmp_path: Path) -> None:
    embedder = load([b"top 10 1 2 3 4\n", *many()], settings, tmp_path)
    assert embedder.dim == 4
    assert embedder.known(["top 10"]).all()


def test_a_note_is_there_without_loading_and_belongs_to_the_file(settings: Settings, tmp_path: Path) -> None:
    odd, plain = (write(tmp_path, data, name) for name, data in [("odd.vec", b"4 3\n" + GLOVE), ("plain.vec", MUSE)])
    assert vectors_note(odd, settings) == ""
    assert load_static(odd, settings).fingerprint == load_static(plain, settings).fingerprint
    assert "says 4" in vectors_note(odd, settings) == load_static(odd, settings).note
    assert vectors_note(plain, settings) == ""


@pytest.mark.parametrize("name", ["header-counts-one-too-many.vec", "blank-token.vec", "byte-order-mark.vec"])
def test_files_that_people_have_are_read(name: str, settings: Settings) -> None:
    embedder = load_static(str(case_path(name)), settings)
    assert embedder.dim == 50
    assert embedder.known(["the", "film"]).all()
    assert bool(embedder.note) is (name != "byte-order-mark.vec")


_ODD = [b"top 10 1 2\n", b" 1 2\n", b"x 1\n", b"x 1 nan\n", b"1_0 1 1_0\n", b"\n", b"\xff\xfe 1 2\n"]
_FILES = st.lists(st.sampled_from([*many(8, 2), *_ODD]), max_size=30) | st.lists(st.binary(max_size=12), max_size=8)


@given(_FILES, st.sampled_from([b"", b"8 2\n", b"\xef\xbb\xbf"]))
def test_any_lines_are_vectors_or_one_sentence(lines: list[bytes], before: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = write(Path(folder), before + b"".join(lines))
        try:
            embedder = load_static(file, Settings(data_dir=Path(folder) / "data"))
        except UserError:
            return  # any other exception fails the test
        vectors = embedder.embed([["w0"]])[0]
        assert vectors.shape == (1, embedder.dim)
        assert np.isfinite(vectors.astype(np.float16)).all()
