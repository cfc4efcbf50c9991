"""A file of reviews in any of the forms that people have: told apart by content, read into one table of strings."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, cast

import pandas as pd
import pyarrow as pa
from pyarrow import compute, parquet

from core.access.unpacking import BoundedReader, most_unpacked_bytes
from core.data.formats.delimited import MAX_COLUMNS, read_delimited, too_many_columns
from core.data.formats.json_table import read_json
from core.data.formats.labelled_files import (
    MAX_ALL_BYTES,
    MAX_BYTES,
    PackedFile,
    files_of_folder,
    files_of_tar,
    files_of_zip,
    read_labelled,
)
from core.data.formats.text_encoding import decode_text
from core.data.review_table import ReviewTable, strings_of, with_header
from core.errors import UserError

_LABEL_PREFIX = "__label__"
_FASTTEXT = re.compile(rf"\s*((?:{_LABEL_PREFIX}\S+[\s,]*)+)(.*)")
_TABLE = re.compile(r"(?:^|/)(?![._])[^/]+\.(?:csv|tsv|txt|jsonl?|ndjson|parquet|xlsx|ft)$", re.IGNORECASE)
_MAX_LINES = 5_000_000  # Sentiment140 has 1.6 million
_MAX_WORKBOOK_BYTES = 2**27  # unpacked; about a million reviews, read in a minute
_SNIFFED_CHARACTERS = 100_000
_UNREADABLE = (  # what damaged archives and compressed files make their readers raise
    OSError,
    EOFError,
    ValueError,
    IndexError,
    NotImplementedError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)
_NOT_TABLES = {b"\xd0\xcf\x11\xe0": "an old Excel file", b"%PDF": "a PDF", b"{\\rtf": "an RTF document", b"SQLite": "a database"}
_COMPRESSED: dict[bytes, Callable[[io.BytesIO], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}


def read_path(path: Path, encoding: str | None = None) -> ReviewTable:
    """Reads a file, or a folder with `neg` and `pos` in it.

    Raises:
        UserError: It is missing, too large, or nothing that holds reviews.
    """
    try:
        if path.is_dir():
            return _read_files(lambda: files_of_folder(path), "folder", encoding)
        if path.exists() and not path.is_file():
            raise UserError(f"{path} is no ordinary file; give the path of a file or folder.", code="reviews-unreadable")
        if path.stat().st_size > MAX_BYTES:
            raise _too_large()
        return read_table(path.read_bytes(), encoding)
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}); give the path of a file or folder of reviews.", code="reviews-unreadable"
        ) from error


def read_table(data: bytes, encoding: str | None = None) -> ReviewTable:
    """Reads a file: CSV and its relatives, Excel, JSON, Parquet, fastText, or an archive of one of these or of labelled files.

    Args:
        data: The file.
        encoding: How text is encoded; None to find out.

    Raises:
        UserError: The file is empty, too large, damaged, or holds no table.
    """
    if len(data) > MAX_BYTES:
        raise _too_large()
    return _read_any(data, encoding, packed_bytes=len(data))


def _read_any(data: bytes, encoding: str | None, *, packed_bytes: int) -> ReviewTable:
    """Reads a file, or what one of so many bytes has packed in it."""
    max_bytes = most_unpacked_bytes(packed_bytes, MAX_BYTES)
    for magic, what in _NOT_TABLES.items():
        if data.startswith(magic):
            raise UserError(f"The file is {what}; save the table as CSV or .xlsx and choose that file.", code="file-no-table")
    try:
        if data.startswith(b"PAR1"):
            return _read_parquet(data, max_bytes)
        if data.startswith(b"PK\3\4"):
            names = zipfile.ZipFile(io.BytesIO(data)).namelist()
            if "xl/workbook.xml" in names:
                return _read_workbook(data)
            return _read_files(lambda: files_of_zip(data), "archive", encoding, packed_bytes)
        opened = next((opened for magic, opened in _COMPRESSED.items() if data.startswith(magic)), None)
        file = io.BytesIO(data)
        with opened(file) if opened else file as unpacked:
            max_all_bytes = most_unpacked_bytes(packed_bytes, MAX_ALL_BYTES)
            stream = BoundedReader(unpacked, max_all_bytes, lambda: _too_large(max_all_bytes))
            if _is_tar(stream):
                return _read_files(lambda: files_of_tar(cast("IO[bytes]", stream)), "archive", encoding, packed_bytes)
            if opened:
                inner = stream.read(max_bytes + 1)
                if len(inner) > max_bytes:
                    raise _too_large(max_bytes)
                return _read_any(inner, encoding, packed_bytes=packed_bytes)
    except _UNREADABLE as error:
        raise UserError("The file is damaged; get it again.", code="reviews-unreadable") from error
    return _read_text(data, encoding)


def _is_tar(stream: BoundedReader) -> bool:
    try:
        tarfile.TarFile(fileobj=cast("IO[bytes]", stream))
    except tarfile.TarError:
        return False
    finally:
        stream.seek(0)
    return True


def _too_large(max_bytes: int = MAX_BYTES) -> UserError:
    return UserError(
        f"The file, or what is packed in it, is larger than {max_bytes // 2**20:,} MB; keep a part of its rows.",
        code="reviews-too-large",
    )


def _read_files(
    files: Callable[[], Iterator[PackedFile]], what: str, encoding: str | None, packed_bytes: int = MAX_ALL_BYTES
) -> ReviewTable:
    """The reviews in `neg` and `pos`; otherwise the one table that an archive of so many bytes holds."""
    frame, decoded, others = read_labelled(files(), most_unpacked_bytes(packed_bytes, MAX_ALL_BYTES))
    if decoded is not None:
        return ReviewTable(frame, f"{what} with neg and pos", decoded.encoding, notes=decoded.notes)
    tables = [name for name in others if _TABLE.search(name)] if what == "archive" else []
    if len(tables) == 1:
        for file in files():
            if file.name == tables[0]:
                data = file.read_all(most_unpacked_bytes(packed_bytes, MAX_BYTES))
                return _read_any(data, encoding, packed_bytes=packed_bytes)
    if tables:
        raise UserError(f"The {what} has {len(tables):,} tables; unpack it and choose one.", code="archive-many-tables")
    raise UserError(
        f"The {what} has no reviews; give one with files neg/*.txt and pos/*.txt, or choose a table.", code="reviews-missing"
    )


def _read_parquet(data: bytes, max_bytes: int) -> ReviewTable:
    try:
        schema = parquet.read_schema(io.BytesIO(data))
        words = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
        file = parquet.ParquetFile(io.BytesIO(data), read_dictionary=words)  # a text that is repeated is not unpacked yet
        if file.metadata.num_columns > MAX_COLUMNS:
            raise too_many_columns(file.metadata.num_columns)
        if file.metadata.num_rows > _MAX_LINES:
            raise _too_many_lines(file.metadata.num_rows)
        if sum(file.metadata.row_group(index).total_byte_size for index in range(file.num_row_groups)) > max_bytes:
            raise _too_large(max_bytes)
        table = file.read()
        if sum(map(_unpacked_bytes, table.columns)) > max_bytes:
            raise _too_large(max_bytes)
    except pa.ArrowException as error:
        raise UserError("The Parquet file is damaged; get it again.", code="reviews-unreadable") from error
    names = _class_names(table.schema.metadata or {})
    columns = {name: _named(table[name].to_pylist(), names.get(name)) for name in table.column_names}
    return ReviewTable(strings_of(pd.DataFrame(columns, dtype=object)), "Parquet")


def _unpacked_bytes(column: pa.ChunkedArray) -> int:
    """How large a column is once every row has its own text."""
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lens = (compute.sum(compute.take(compute.binary_length(chunk.dictionary), chunk.indices)).as_py() for chunk in column.chunks)
    return sum(length or 0 for length in lens)


def _class_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """The names of the classes that the library `datasets` keeps beside numbers, by column."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        return {column: feature["names"] for column, feature in features.items() if feature.get("_type") == "ClassLabel"}
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}


def _named(values: list[Any], names: list[str] | None) -> list[Any]:
    return [names[value] if names and value in range(len(names)) else value for value in values]


def _read_workbook(data: bytes) -> ReviewTable:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(info.file_size for info in archive.infolist()) > _MAX_WORKBOOK_BYTES:
            raise _too_large()
    try:
        with warnings.catch_warnings(action="ignore"), pd.ExcelFile(io.BytesIO(data), engine="openpyxl") as book:
            sheets = {name: book.parse(name, header=None, dtype=str, keep_default_na=False) for name in book.sheet_names}
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError) as error:  # XML errors are SyntaxErrors
        raise UserError("The Excel file is damaged; save it again, or as CSV.", code="reviews-unreadable") from error
    name, cells = max(sheets.items(), key=lambda sheet: sheet[1].shape[1] >= 2)  # the first one with two columns
    if cells.shape[1] > MAX_COLUMNS:
        raise too_many_columns(cells.shape[1])
    if sum(int(cells[column].str.len().sum()) for column in cells) > MAX_BYTES:  # a text that many cells share is written once
        raise _too_large()
    notes = (f'Read: the sheet "{name}"; there are {len(sheets)}.',) if len(sheets) > 1 else ()
    return with_header(ReviewTable(cells.fillna(""), "Excel", notes=notes))


def _read_text(data: bytes, encoding: str | None) -> ReviewTable:
    decoded = decode_text(data, encoding)
    if not decoded.text.strip():
        raise UserError("The file is empty; choose one with a row for each review.", code="file-empty")
    if (num_lines := decoded.text.count("\n")) > _MAX_LINES:
        raise _too_many_lines(num_lines)
    read = replace(_read_table_text(decoded.text), encoding=decoded.encoding)
    return replace(read, notes=(*decoded.notes, *read.notes))


def _too_many_lines(num_lines: int) -> UserError:
    return UserError(
        f"The file has {num_lines:,} lines and may have {_MAX_LINES:,}; keep a part of them.", code="reviews-too-large"
    )


def _read_table_text(text: str) -> ReviewTable:
    start = text.lstrip()
    if start.startswith(("{", "[")) and (table := read_json(text)):
        return table
    first_lines = [line for line in start[:_SNIFFED_CHARACTERS].split("\n") if line.strip()]
    if sum(line.startswith(_LABEL_PREFIX) for line in first_lines) > len(first_lines) // 2:
        return _read_fasttext(text)
    if start[:200].casefold().startswith(("<!doctype html", "<html", "<?xml")):
        raise UserError("The file is a web page or XML; choose a table of reviews.", code="file-no-table")
    delimited = read_delimited(text)
    table = ReviewTable(delimited.cells, delimited.form, num_broken=delimited.num_broken, notes=delimited.notes)
    return with_header(table)


def _read_fasttext(text: str) -> ReviewTable:
    lines = [line for line in text.split("\n") if line.strip()]
    rows = [(place[2], place[1].replace(_LABEL_PREFIX, " ").strip(" ,")) for line in lines if (place := _FASTTEXT.match(line))]
    num_broken = len(lines) - len(rows)
    notes = (f"Left out: {num_broken:,} lines that do not begin with {_LABEL_PREFIX}.",) if num_broken else ()
    frame = pd.DataFrame(rows, columns=["text", "label"], dtype=str)
    return ReviewTable(frame, "fastText", has_header=False, num_broken=num_broken, notes=notes)
