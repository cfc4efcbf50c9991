"""Tables in JSON: a record per line, or one document with a list of records or columns."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from core.data.formats.delimited import MAX_BROKEN_SHARE, MAX_COLUMNS, too_many_columns
from core.data.review_table import ReviewTable, strings_of, with_header
from core.errors import UserError


def read_json(text: str) -> ReviewTable | None:
    """JSON lines, or one document with a list of records or columns; None if it is something else."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    loads = next((loads for loads in (json.loads, ast.literal_eval) if isinstance(_parsed(lines[0][1], loads), dict)), None)
    if loads is None or len(lines) == 1:
        records = _records(_parsed(text, json.loads))
        return _from_records(records, ReviewTable(pd.DataFrame(), "JSON")) if records else None
    parsed = [_parsed(line, loads) for _, line in lines]
    records = [record for record in parsed if isinstance(record, dict)]
    broken = [number for (number, _), record in zip(lines, parsed, strict=True) if not isinstance(record, dict)]
    if len(broken) > MAX_BROKEN_SHARE * len(lines):
        raise UserError(
            f"Line {broken[0]:,} of the JSON lines cannot be read; each line must be one object in braces.", code="table-broken"
        )
    notes = (f"Left out: {len(broken):,} lines that cannot be read (line {broken[0]:,} first).",) if broken else ()
    return _from_records(records, ReviewTable(pd.DataFrame(), "JSON lines", num_broken=len(broken), notes=notes))


def _parsed(text: str, loads: Callable[[str], Any]) -> Any:
    """What a text says as JSON or Python; None if it cannot be read."""
    try:
        return loads(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _records(document: Any) -> list[Any]:
    """The rows of a document: a list, the longest list in an object, or an object of columns; empty if it has none."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        return []
    columns = {name: list(each.values()) if isinstance(each, dict) else each for name, each in document.items()}
    lists = [each for each in columns.values() if isinstance(each, list)]
    if rows := [each for each in lists if each and isinstance(each[0], dict | list)]:
        return max(rows, key=len)
    if len(lists) > 1 and len(lists) == len(columns) and len({len(each) for each in lists}) == 1:
        return [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]
    return []


def _from_records(records: list[Any], table: ReviewTable) -> ReviewTable:
    if all(isinstance(record, list) for record in records):
        if (width := max(map(len, records))) > MAX_COLUMNS:
            raise too_many_columns(width)
        return with_header(replace(table, frame=strings_of(pd.DataFrame(records, dtype=object))))
    records = [record if isinstance(record, dict) else {"text": record} for record in records]
    records = [
        {f"{name}.{inner}" if inner else name: cell for name, value in record.items() for inner, cell in _flattened(value)}
        for record in records
    ]
    names = dict.fromkeys(str(name).strip() for record in records for name in record)
    if len(names) > MAX_COLUMNS:
        raise too_many_columns(len(names))
    return replace(table, frame=strings_of(pd.DataFrame(records, dtype=object)))


def _flattened(value: Any) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else [("", value)]
