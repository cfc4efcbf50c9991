from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from core.data.columns import find_examples, guess_columns, map_labels
from core.data.datasets import suggest_name
from core.data.formats.text_encoding import ENCODING_TITLES
from core.data.import_record import ImportRecord
from core.data.review_file import read_table
from core.data.review_pool import build_pool, deduplicate, make_plain, split
from core.data.review_table import ReviewTable
from tests.fuzz.conftest import Fuzz
from tests.fuzz.odd import damaged, sentences, texts

Row = tuple[str, str]

MAGICS = [
    b"",
    b"PK\3\4",
    b"PAR1",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"{",
    b"[",
    b"__label__",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"sep=",
]
LABELS = [("0", "1"), ("neg", "pos"), ("negative", "positive"), ("-1", "1"), ("Rotten", "Fresh"), ("1", "2"), ("no", "yes")]
labels = st.sampled_from(LABELS).flatmap(lambda pair: st.lists(st.sampled_from(pair), min_size=6, max_size=30))


@st.composite
def tables(draw: st.DrawFn, cells: st.SearchStrategy[str]) -> list[Row]:
    written = draw(labels)
    return list(zip(draw(st.lists(cells, min_size=len(written), max_size=len(written))), written, strict=True))


def as_csv(rows: Sequence[Row], separator: str = ",", **how: Any) -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=separator, **how).writerows([("text", "label"), *rows])
    return file.getvalue()


def as_json_lines(rows: Sequence[Row]) -> str:
    return "\n".join(json.dumps({"text": text, "label": label}) for text, label in rows)


def understand(table: ReviewTable) -> ImportRecord | None:
    """As far as an import goes without writing; None if the columns say nothing."""
    mapping = guess_columns(table).mapping
    if mapping is None:
        return None
    find_examples(table.frame, mapping, num_per_class=3)
    written, meant = map_labels(table.frame, mapping)
    pool = build_pool("fuzzed", split(make_plain(deduplicate(written, meant))))
    record = ImportRecord.of_import(table, mapping, meant, pool)
    assert record.num_rows == record.num_negative + record.num_positive + record.num_duplicates + record.num_left_out
    assert record.sentences()
    return record


def require_all_rows(data: bytes, num_rows: int) -> ReviewTable:
    """Reads a file: every row comes out or is counted as left out."""
    table = read_table(data)
    assert len(table.frame) + table.num_broken == num_rows, table.frame
    understand(table)
    return table


def test_a_written_csv_gives_every_row_and_every_text(fuzz: Fuzz[Any]) -> None:
    def check(drawn: tuple[list[Row], str, int, str]) -> None:
        rows, separator, quoting, encoding = drawn
        table = require_all_rows(as_csv(rows, separator, quoting=quoting).encode(encoding), len(rows))
        if table.has_header and not table.num_broken:
            assert [text.strip() for text in table.frame["text"]] == [text.strip() for text, _ in rows]

    quotings = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])
    fuzz(350, st.tuples(tables(sentences), st.sampled_from(",;\t|"), quotings, encodings), check)


def test_a_csv_of_odd_texts_loses_no_row_in_silence(fuzz: Fuzz[Any]) -> None:
    def check(rows: list[Row]) -> None:
        table = read_table(as_csv(rows, quoting=csv.QUOTE_ALL).encode("utf-8"))
        understand(table)
        assert len(table.frame) + table.num_broken >= len(rows)  # more where a broken row has line breaks
        if not table.num_broken:
            breaks = str.maketrans({"\r": "\n"})
            read, meant = (
                [text.translate(breaks).replace("\n\n", "\n") for text in each]
                for each in (table.frame["text"], [text for text, _ in rows])
            )
            assert read == meant

    fuzz(220, tables(texts), check)


def test_json_gives_every_record(fuzz: Fuzz[Any]) -> None:
    def check(drawn: tuple[list[Row], bool]) -> None:
        rows, as_list = drawn
        records = [{"text": text, "label": label} for text, label in rows]
        table = require_all_rows((json.dumps(records) if as_list else as_json_lines(rows)).encode(), len(rows))
        assert table.frame["label"].tolist() == [label for _, label in rows]

    fuzz(150, st.tuples(tables(texts), st.booleans()), check)


def test_any_json_is_read_or_refused(fuzz: Fuzz[Any]) -> None:
    scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
    anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))
    fuzz(170, st.lists(anything, max_size=6), lambda document: _read(json.dumps(document).encode()))


def test_damaged_tables_are_read_or_refused(fuzz: Fuzz[Any]) -> None:
    def check(data: bytes) -> None:
        table = read_table(data)
        understand(table)
        if b'"' not in data and table.form.startswith(("CSV", "TSV")) and table.encoding == "utf-8":
            lines = [line for line in data.decode("utf-8", "replace").replace("\r", "\n").split("\n") if line.strip(" ")]
            assert len(table.frame) + table.num_broken + table.has_header == len(lines) - lines[0].startswith("sep=")

    wholes = tables(sentences).flatmap(
        lambda rows: st.sampled_from(
            [
                as_csv(rows).encode(),
                as_csv(rows, "\t", quoting=csv.QUOTE_NONE, escapechar="\\").encode(),
                as_json_lines(rows).encode(),
            ]
        )
    )
    fuzz(320, damaged(wholes), check)


def test_damaged_packed_files_are_read_or_refused(fuzz: Fuzz[Any]) -> None:
    fuzz(230, damaged(st.sampled_from(packed_files())), _read)


def test_any_bytes_are_read_or_refused(fuzz: Fuzz[Any]) -> None:
    contents = st.one_of(
        st.binary(max_size=200), texts.map(str.encode), st.text(alphabet=",;\t|\n\"'\\01ab {}[]", max_size=80).map(str.encode)
    )
    encodings = st.none() | st.sampled_from([*ENCODING_TITLES, "base64", "utf-7", "idna", "punycode", "unicode_escape", "?"])
    drawn = st.tuples(st.sampled_from(MAGICS), contents, encodings)
    fuzz(250, drawn, lambda each: _read(each[0] + each[1], each[2]))


def test_any_file_name_suggests_a_name(fuzz: Fuzz[Any]) -> None:
    def check(file_name: str) -> None:
        assert 0 < len(suggest_name(file_name)) <= 43

    fuzz(50, texts, check)


def _read(data: bytes, encoding: str | None = None) -> None:
    understand(read_table(data, encoding))


@cache
def packed_files() -> list[bytes]:
    """One file of each packed form."""
    rows = [
        (f"A {word} film number {number}.", label) for number in range(4) for word, label in (("good", "pos"), ("bad", "neg"))
    ]
    table, frame = as_csv(rows).encode(), pd.DataFrame(rows, columns=["text", "label"])
    parquet, workbook, archive, tar = io.BytesIO(), io.BytesIO(), io.BytesIO(), io.BytesIO()
    frame.to_parquet(parquet)
    frame.to_excel(workbook, index=False)
    with zipfile.ZipFile(archive, "w") as zipped, tarfile.open(fileobj=tar, mode="w:gz") as tarred:
        for number, (text, label) in enumerate(rows):
            zipped.writestr(f"set/{label}/{number}.txt", text)
            member = tarfile.TarInfo(f"set/{label}/{number}.txt")
            member.size = len(text.encode())
            tarred.addfile(member, io.BytesIO(text.encode()))
    files = (parquet, workbook, archive, tar)
    return [*(file.getvalue() for file in files), gzip.compress(table), bz2.compress(table), lzma.compress(table)]
