"""A table of strings with named columns: what every reader of files makes, whatever the file was."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from core.errors import UserError

_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_NUM_COMPARED = 10_000  # rows that show whether the first one names the columns
_MAX_LABELS = 20
_MAX_HEADING = 100  # characters; a longer cell is a text


@dataclass(frozen=True)
class ReviewTable:
    """What a file holds, before anybody says which column is what.

    Attributes:
        frame: Every cell as a string, empty if missing; the columns have different names.
        form: What kind of file it is, as people call it, such as "TSV".
        encoding: How its bytes were read; None for forms that leave no choice.
        has_header: Whether the file names its columns.
        num_broken: Rows that were left out because they could not be read.
        notes: What a reader of the table should know, as sentences.
    """

    frame: pd.DataFrame
    form: str
    encoding: str | None = None
    has_header: bool = True
    num_broken: int = 0
    notes: tuple[str, ...] = ()


def strings_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Every cell as people would write it in a CSV."""
    if frame.empty:
        raise UserError("The file has no rows; add the reviews.", code="table-no-rows")
    columns = {str(name): [_as_string(value) for value in frame[name]] for name in frame.columns}
    return pd.DataFrame(columns, dtype=str)


def _as_string(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return " ".join(value)  # a text that is split into words
    # Half of a pair of surrogates, which JSON can spell, is no character.
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def with_header(table: ReviewTable) -> ReviewTable:
    """The table with its first row as the names of the columns, unless that row is a review like the others."""
    cells = table.frame
    if cells.empty:
        raise UserError("The file has no rows; add the reviews.", code="table-no-rows")
    first, rest = cells.iloc[0].astype(str).str.strip(), cells.iloc[1:]
    has_header = not _looks_like_data(list(first), rest)
    names = [name if name and has_header else f"column {position}" for position, name in enumerate(first, start=1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(
            f'The table has more than one column "{twice[:_MAX_HEADING]}"; give each column a different name in its first line.',
            code="table-column-twice",
        )
    frame = (rest if has_header else cells).reset_index(drop=True).set_axis(names, axis="columns")
    if frame.empty:
        raise UserError(
            "The table has no rows below its first line, which names the columns; add the reviews.", code="table-no-rows"
        )
    notes = table.notes if has_header else (*table.notes, "The file does not name its columns; they are numbered.")
    return replace(table, frame=frame, has_header=has_header, notes=notes)


def _looks_like_data(first: list[str], rest: pd.DataFrame) -> bool:
    """Whether the first row is one of many: a text too long for a heading, a label of others, a number above numbers."""
    if [*filter(None, first)] in ([str(number) for number in range(size)] for size in (len(first), len(first) - 1)):
        return False  # columns that pandas numbered
    if any(len(cell) > _MAX_HEADING for cell in first):
        return True
    rest = rest[~(rest.set_axis(first, axis="columns") == first).all(axis="columns")].head(_NUM_COMPARED)
    return any(cell and _is_alike(cell, rest.iloc[:, position].str.strip()) for position, cell in enumerate(first))


def _is_alike(cell: str, others: pd.Series[str]) -> bool:
    if others.empty:
        return False
    is_label = others.nunique() <= min(_MAX_LABELS, len(others) / 2) and others.eq(cell).any()
    return bool(is_label or (_NUMBER.fullmatch(cell) and others.str.fullmatch(_NUMBER).mean() > 0.9))
