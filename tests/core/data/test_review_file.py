"""Files of reviews in the forms that people have."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from core.access import unpacking
from core.data import review_file
from core.data.columns import guess_columns
from core.data.datasets import add_dataset, import_record
from core.data.review_file import read_path, read_table
from core.errors import UserError
from core.files import ROOT
from core.settings import Settings
from tests.core.data.small_csv import csv_rows, to_csv, to_tar_gz, to_zip

CASES = ROOT.parent / "shared" / "cases"
ROWS = [(f"{text}, “really” a café", {"neg": 0, "pos": 1}[label]) for text, label in csv_rows()]
LABELS = [str(label) for _, label in ROWS]


def frame() -> pd.DataFrame:
    return pd.DataFrame(ROWS, columns=["text", "label"])


def to_excel(*sheets: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="openpyxl") as writer:
        for number, sheet in enumerate(sheets):
            sheet.to_excel(writer, index=False, sheet_name=f"sheet {number}")
    return buffer.getvalue()


def to_parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(table, buffer)
    return buffer.getvalue()


def lines(*records: object) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


FORMS: dict[str, Callable[[], bytes]] = {
    "CSV": lambda: frame().to_csv(index=False).encode(),
    "CSV with row numbers": lambda: frame().to_csv().encode(),
    "CSV without a header": lambda: frame().to_csv(index=False, header=False).encode(),
    "CSV whose columns pandas numbered": lambda: frame().set_axis([0, 1], axis="columns").to_csv(index=False).encode(),
    "TSV": lambda: frame().to_csv(index=False, sep="\t").encode(),
    "semicolons": lambda: frame().to_csv(index=False, sep=";").encode(),
    "vertical bars": lambda: frame().to_csv(index=False, sep="|").encode(),
    "Excel's separator line": lambda: (
        b"\xef\xbb\xbfsep=;\r\n" + frame().to_csv(index=False, sep=";", lineterminator="\r\n").encode()
    ),
    "Excel's Unicode text": lambda: frame().to_csv(index=False, sep="\t").encode("utf-16"),
    "Windows-1252": lambda: frame().to_csv(index=False).encode("cp1252"),
    "Excel": lambda: to_excel(frame()),
    "Excel, on the second sheet": lambda: to_excel(pd.DataFrame({"notes": ["mine"]}), frame()),
    "JSON lines": lambda: lines(*frame().to_dict("records")),
    "JSON lines with single quotes": lambda: "\n".join(map(repr, frame().to_dict("records"))).encode(),
    "JSON records": lambda: json.dumps(frame().to_dict("records"), indent=2).encode(),
    "JSON columns": lambda: json.dumps(frame().to_dict("list")).encode(),
    "JSON columns by row": lambda: frame().to_json().encode(),
    "JSON records in an object": lambda: json.dumps({"version": 1, "data": frame().to_dict("records")}).encode(),
    "JSON rows": lambda: json.dumps(ROWS).encode(),
    "JSON records inside records": lambda: lines(*({"id": 1, "review": record} for record in frame().to_dict("records"))),
    "Parquet": lambda: to_parquet(pa.Table.from_pandas(frame())),
    "fastText": lambda: "\n".join(f"__label__{label + 1} {text}" for text, label in ROWS).encode(),
    "gzip": lambda: gzip.compress(frame().to_csv(index=False).encode()),
    "bzip2": lambda: bz2.compress(lines(*frame().to_dict("records"))),
    "xz": lambda: lzma.compress(frame().to_csv(index=False).encode()),
    "zip": lambda: to_zip({"reviews.csv": frame().to_csv(index=False).encode()}),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_reviews_is_read_and_understood(form: str) -> None:
    table = read_table(FORMS[form]())
    guess = guess_columns(table)
    assert guess.text_column
    assert guess.label_column
    assert table.frame[guess.text_column].tolist() == [text for text, _ in ROWS]
    labels = table.frame[guess.label_column].tolist()
    assert [label in guess.positive for label in labels] == [label == 1 for _, label in ROWS]
    assert [label in guess.negative for label in labels] == [label == 0 for _, label in ROWS]


@pytest.mark.parametrize(
    ("labels", "negative", "positive"), [(("0", "4"), "0", "4"), (("1", "2"), "1", "2"), (("neg", "pos"), "neg", "pos")]
)
def test_a_file_that_does_not_name_its_columns_loses_no_review(labels: tuple[str, str], negative: str, positive: str) -> None:
    data = "\n".join(f'"{labels[label]}","{1467810000 + n}","{text}"' for n, (text, label) in enumerate(ROWS)).encode()
    table = read_table(data)
    assert (len(table.frame), table.has_header) == (50, False)
    guess = guess_columns(table)
    assert (guess.negative, guess.positive, guess.text_column) == ((negative,), (positive,), "column 3")


@pytest.mark.parametrize(
    "header",
    ["text,label", "Review,Sentiment", "0,1", ",text,label", "text,positive"],
    ids=["usual", "words", "pandas", "index", "class"],
)
def test_a_header_is_no_review(header: str) -> None:
    first = "7," * header.startswith(",")
    table = read_table("\n".join([header, *(f'{first}"{text}",{label}' for text, label in ROWS)]).encode())
    assert (len(table.frame), table.has_header) == (50, True)


def test_words_that_mean_missing_to_pandas_are_texts() -> None:
    assert read_table(b"text,label\nNA,pos\nnull,neg\n").frame["text"].tolist() == ["NA", "null"]


def test_reviews_of_200_000_characters_are_kept_whole() -> None:
    table = read_table(to_csv([("word, " * 33_333 + text, label) for text, label in csv_rows()]))
    assert table.frame["text"].str.len().min() > 199_000


def test_names_of_classes_beside_numbers_are_used() -> None:
    features = {"info": {"features": {"label": {"names": ["neg", "pos"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}}}
    table = pa.Table.from_pandas(frame()).replace_schema_metadata({"huggingface": json.dumps(features)})
    assert set(read_table(to_parquet(table)).frame["label"]) == {"neg", "pos"}


def test_cells_of_json_are_strings_as_in_a_csv() -> None:
    data = lines({"a": 5.0, "b": None, "c": ["two", "words"], "d": True}, {"a": 4.5, "c": "\ud83d", "e": float("nan")})
    assert read_table(data).frame.to_dict("list") == {
        "a": ["5", "4.5"],
        "b": ["", ""],
        "c": ["two words", "\ufffd"],
        "d": ["True", ""],
        "e": ["", ""],
    }


def test_a_few_broken_lines_of_json_are_left_out_and_counted() -> None:
    data = lines(*[{"text": "good", "label": 1}] * 200) + b'\n{"text": "cut'
    table = read_table(data)
    assert (len(table.frame), table.num_broken) == (200, 1)
    assert "201" in table.notes[0]


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "file-empty"),
    "blank lines": (b" \n\n", "file-empty"),
    "byte order mark": (b"\xef\xbb\xbf", "file-empty"),
    "an image": (b"\x89PNG\r\n\x1a\n\x81\x8d", "file-not-text"),
    "a PDF": (b"%PDF-1.7\n...", "file-no-table"),
    "an old Excel file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file-no-table"),
    "a web page": (b"<!DOCTYPE html><html><body>Not found</body></html>", "file-no-table"),
    "no rows": (b"text,label\n", "table-no-rows"),
    "an empty list": (b"[]", "table-no-rows"),
    "the same column twice": (b"text,text\na,b\n", "table-column-twice"),
    "broken JSON lines": (b'{"text": "a"}\n{"text": "b\n', "table-broken"),
    "damaged Parquet": (b"PAR1" + b"\0" * 40 + b"PAR1", "reviews-unreadable"),
    "damaged gzip": (gzip.compress(to_csv(csv_rows()))[:-20], "reviews-unreadable"),
    "damaged zip": (to_zip({"a.csv": to_csv(csv_rows())})[:-60], "reviews-unreadable"),
    "20,000 columns of JSON": (lines({f"c{n}": n for n in range(20_000)}), "table-too-wide"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_holds_no_reviews_is_one_sentence(what: str) -> None:
    data, code = REFUSED[what]
    with pytest.raises(UserError) as error:
        read_table(data)
    assert error.value.code == code


def test_brackets_without_end_are_no_json() -> None:
    assert read_table(b"[" * 100_000).frame.columns.tolist() == ["column 1"]


def test_what_is_far_too_large_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_file, "MAX_BYTES", 1000)
    (tmp_path / "large.csv").write_bytes(b"0" * 1001)
    with pytest.raises(UserError) as error:
        read_path(tmp_path / "large.csv")
    assert error.value.code == "reviews-too-large"
    with pytest.raises(UserError) as error:
        read_table(gzip.compress(b"0" * 10_000))
    assert error.value.code == "reviews-too-large"


def in_tar(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": data.decode()}) as archive:
        archive.addfile(tarfile.TarInfo("reviews.csv"))
    return buffer.getvalue()


def in_parquet(data: bytes) -> bytes:
    return to_parquet(pa.table({"text": [data[:1000].decode()] * (len(data) // 1000), "label": [1] * (len(data) // 1000)}))


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        bz2.compress,
        lzma.compress,
        lambda data: gzip.compress(gzip.compress(data)),
        lambda data: to_zip({"reviews.csv": data}),
        lambda data: to_zip({"reviews.csv.gz.csv": gzip.compress(data)}),
        lambda data: to_zip({f"neg/{number}.txt": data[:5000] for number in range(len(data) // 5000)}),
        lambda data: to_tar_gz({"reviews.csv": data}),
        lambda data: gzip.compress(in_tar(data)),
        in_parquet,
    ],
)
def test_a_small_file_that_unpacks_to_very_much_is_refused(
    pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "_ALWAYS_BYTES", 2**16)
    data = pack(b"0" * 5_000_000)
    assert len(data) < 5_000_000 / 25
    with pytest.raises(UserError) as error:
        read_table(data)
    assert error.value.code == "reviews-too-large"


def test_a_workbook_whose_cells_share_one_long_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_file, "MAX_BYTES", 10**6)
    with pytest.raises(UserError) as error:
        read_table(to_excel(pd.DataFrame({"text": ["word " * 4_000] * 60, "label": ["pos"] * 60})))
    assert error.value.code == "reviews-too-large"


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path / ("a" * 300)):
        with pytest.raises(UserError) as error:
            read_path(path)
        assert error.value.code == "reviews-unreadable"


# What must come out of each shared case: reviews, negative labels, positive labels, text column.
EXPECTED = {
    "three-classes-beside-flags.csv": (96, ("negative",), ("positive",), "text"),
    "quotes-are-text.tsv": (120, ("0",), ("1",), "sentence"),
    "one-broken-byte.csv": (120, ("0",), ("1",), "text"),
    "html-entities.csv": (120, ("0",), ("1",), "text"),
    "no-header.csv": (120, ("0",), ("4",), "column 6"),
    "excel-sep-line.csv": (120, ("0",), ("1",), "text"),
    "lines.jsonl": (120, ("0",), ("1",), "text"),
    "reviews.parquet": (120, ("0",), ("1",), "text"),
    "fasttext.train.txt": (120, ("1",), ("2",), "text"),
    "stars.csv": (120, ("1", "2"), ("4", "5"), "review_text"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_that_people_really_have_comes_out_right(name: str, settings: Settings) -> None:
    if not (CASES / name).exists():
        pytest.skip("the folder of shared cases is not here")
    num_reviews, negative, positive, text_column = EXPECTED[name]
    table = read_path(CASES / name)
    guess = guess_columns(table)
    assert guess.is_text_sure
    assert guess.are_labels_sure
    assert guess.mapping
    assert (guess.negative, guess.positive, guess.text_column) == (negative, positive, text_column)
    add_dataset("case", table, guess.mapping, settings)
    record = import_record("case", settings)
    assert record.num_negative + record.num_positive + record.num_duplicates == num_reviews
    assert record.num_left_out == 120 - num_reviews
