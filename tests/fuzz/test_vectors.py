from __future__ import annotations

import bz2
import gzip
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from core.embedders.vector_files import ParsedVectors
from core.embedders.vector_parser import parse_text
from tests.fuzz.conftest import Fuzz
from tests.fuzz.odd import damaged, texts

numbers = st.one_of(
    st.floats(-9, 9).map(lambda number: f"{number:.4f}"),
    st.sampled_from(["0", "-0", "1e-9", "1e30", "1e400", "nan", "inf", "1_0", "٣", "1,5", "", "x", "0x1"]),
)
NUMBERS = [b"0.1", b"-2", b"3e-2", b"0"]


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Whole files of vectors."""
    dim = draw(st.integers(1, 6))
    rows = draw(st.lists(st.lists(st.sampled_from(NUMBERS), min_size=dim, max_size=dim), min_size=1, max_size=40))
    lines = [b" ".join([f"w{row}".encode(), *fields]) for row, fields in enumerate(rows)]
    header = draw(st.sampled_from([[], [b"%d %d" % (len(rows), dim)]]))
    return draw(st.sampled_from([b"\n", b"\r\n"])).join([*header, *lines]) + b"\n"


def parse(data: bytes, folder: Path) -> tuple[ParsedVectors, list[str]]:
    """Parses a file; its vectors are whole and finite, a word for each."""
    (folder / "vectors.txt").write_bytes(data)
    parsed = parse_text(folder / "vectors.txt", "vectors.txt", folder)
    vectors = np.load(folder / "vectors.npy")
    *found, rest = (folder / "words.txt").read_bytes().decode().split("\n")
    assert (len(found), rest) == (len(vectors), "")
    assert np.isfinite(vectors.astype(np.float16)).all()
    return parsed, found


def num_left_out(note: str) -> int:
    """How many lines a note names or counts as left out."""
    total = 0
    for named in re.findall(r"(?:lines?|rows?) ([\d,\s]*\d(?: and [\d,]+(?: more)?)?) \(", note):
        more = re.search(r" and ([\d,]+) more$", named)
        total += len(re.findall(r"\d+", named.removesuffix(more[0]) if more else named))
        total += int(more[1].replace(",", "")) if more else 0
    return total


def test_whole_files_give_every_word(fuzz: Fuzz[Any], tmp_path: Path) -> None:
    def check(data: bytes) -> None:
        lines = data.splitlines()
        has_header = not lines[0].startswith(b"w")
        assert parse(data, tmp_path)[1] == [line.split()[0].decode() for line in lines[has_header:]]

    fuzz(150, files(), check)


def test_damaged_files_give_every_line_or_name_it(fuzz: Fuzz[Any], tmp_path: Path) -> None:
    def check(data: bytes) -> None:
        parsed, found = parse(data, tmp_path)
        if data[:2] not in (b"\xff\xfe", b"\xfe\xff") and b"\0" not in data:
            lines = [line for line in data.split(b"\n") if line.strip()]
            head = lines[0].removeprefix(b"\xef\xbb\xbf").split()
            has_header = len(head) == 2 and all(field.isdigit() for field in head)
            is_binary = any(byte < 32 and byte not in b"\t\n\v\f\r" for byte in data) and parsed.note
            assert is_binary or len(found) + num_left_out(parsed.note) == len(lines) - has_header, parsed.note

    # One broken line in a hundred is left out, more are refused.
    fuzz(300, damaged(files().map(lambda data: data + b"".join(data.splitlines(keepends=True)[1:] * 20)), at_most=3), check)


def test_lines_of_odd_words_and_numbers_are_read_or_refused(fuzz: Fuzz[Any], tmp_path: Path) -> None:
    lines = st.tuples(texts, st.lists(numbers, max_size=4)).map(lambda line: " ".join([line[0], *line[1]]))
    fuzz(200, st.lists(lines, max_size=6).map("\n".join), lambda text: _parse(text.encode(), tmp_path))


def test_any_bytes_are_read_or_refused(fuzz: Fuzz[Any], tmp_path: Path) -> None:
    matrix, zipped = np.zeros((2, 3), "<f4").tobytes(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("vectors.txt", b"a 1 2\nb 3 4\n")
    wholes = [b"2 3\na " + matrix[:12] + b"\nb " + matrix[12:] + b"\n", zipped.getvalue()]
    wholes += [pack(b"a 1 2\nb 3 4\n") for pack in (gzip.compress, bz2.compress)]
    magics = st.sampled_from([b"", b"PK\3\4", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\xff\xfe", b"9 9\n", b"99999999999 300\n"])
    anything = st.builds(bytes.__add__, magics, st.binary(max_size=60))
    fuzz(250, anything | damaged(st.sampled_from(wholes)), lambda data: _parse(data, tmp_path))


def _parse(data: bytes, folder: Path) -> None:
    parse(data, folder)
