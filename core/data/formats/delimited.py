"""Tables as text, a row per line: which sign separates the cells, and whether quotation marks enclose them or belong to them."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from core.errors import UserError

MAX_COLUMNS = 1000  # a table of reviews has few; a form to choose among more is of no use
MAX_BROKEN_SHARE = 0.01  # of the rows; with more, the file is not what it was taken for
_NUM_NAMED = 5  # line numbers in a note
_SEPARATORS = {",": "CSV", ";": "CSV with semicolons", "\t": "TSV", "|": "CSV with vertical bars"}
_SAMPLE_CHARACTERS = 200_000
_EXCEL_SEPARATOR = re.compile(r'"?sep=(.)"?\n')
_LONG_ROW = re.compile(r"Skipping line (\d+): expected (\d+) fields, saw (\d+)")

# What quotation marks are: the usual marks around a cell, doubled inside; the same with backslashes inside; a part of the text.
Quoting = Literal["usual", "backslashes", "text"]
_QUOTED = {"usual": r'"(?:[^"]++|"")*+"', "backslashes": r'"(?:[^"\\]++|\\.|"")*+"'}
_QUOTING_NOTES = {
    "usual": (),
    "backslashes": ("Quotation marks inside a text stand behind a backslash in this file.",),
    "text": ("Quotation marks are read as part of the text: they do not enclose the cells of this file.",),
}


@dataclass(frozen=True)
class DelimitedText:
    """The cells of a table.

    Attributes:
        cells: Strings, empty if missing; the first row may be the header.
        form: What kind of table it is, as people call it.
        num_broken: Rows that were left out because they could not be read.
        notes: What a reader of the table should know, as sentences.
    """

    cells: pd.DataFrame
    form: str
    num_broken: int
    notes: tuple[str, ...]


def read_delimited(text: str) -> DelimitedText:
    """Reads a table whose cells are separated by commas, semicolons, tabs or vertical bars.

    The readings with and without quotation marks around cells are compared; the one with the fewest broken rows counts.

    Args:
        text: With "\\n" as line breaks.

    Raises:
        UserError: It has too many columns or too many broken rows.
    """
    text = text.lstrip("\n")
    if named := _EXCEL_SEPARATOR.match(text):
        separator, text = named[1], text[named.end() :]
    else:
        separator = _find_separator(text[:_SAMPLE_CHARACTERS])
    num_columns = text.partition("\n")[0].count(separator) + 1
    if num_columns > MAX_COLUMNS:
        raise too_many_columns(num_columns)
    best = _read(text, separator, "usual")
    if best.num_unfit:
        others: list[Quoting] = ["backslashes", "text"] if '\\"' in text else ["text"]
        readings = [best, *(_read(text, separator, quoting) for quoting in others if '"' in text)]
        best = min(readings, key=lambda reading: reading.num_unfit)
    broken = sorted(best.broken)
    if len(broken) > MAX_BROKEN_SHARE * (len(best.cells) + len(broken)):
        raise UserError(
            f"The table cannot be read: line {broken[0]} {best.broken[broken[0]]}; put texts with separators or quotes between "
            "quotation marks.",
            code="table-broken",
        )
    notes = _QUOTING_NOTES[best.quoting]
    if broken:
        named_lines = ", ".join(f"{line:,}" for line in broken[:_NUM_NAMED]) + (", …" if len(broken) > _NUM_NAMED else "")
        notes = (*notes, f"Left out: {len(broken):,} broken {'row' if len(broken) == 1 else 'rows'} (line {named_lines}).")
    return DelimitedText(best.cells, _SEPARATORS.get(separator, "CSV"), len(broken), notes)


def too_many_columns(num_columns: int) -> UserError:
    """What to tell somebody whose table is too wide."""
    return UserError(
        f"The file has {num_columns:,} columns and may have {MAX_COLUMNS:,}; keep those with the texts and the labels.",
        code="table-too-wide",
    )


@dataclass(frozen=True)
class _Reading:
    """One way to read a table.

    Attributes:
        quoting: The way.
        cells: What it gives.
        broken: What is wrong with lines that were left out.
        num_unfit: Rows that speak against it: broken or short ones, and cells that would keep the marks around them.
    """

    quoting: Quoting
    cells: pd.DataFrame
    broken: dict[int, str]
    num_unfit: int


def _read(text: str, separator: str, quoting: Quoting) -> _Reading:
    broken: dict[int, str] = {}
    if quoting != "text" and '"' in text:
        text = _without_broken_quotes(text, separator, _QUOTED[quoting], broken)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", pd.errors.ParserWarning)
        try:
            # The header is read as a row: otherwise pandas takes a surplus first column for row names.
            cells = pd.read_csv(
                io.StringIO(text),
                sep=separator,
                header=None,
                dtype=str,
                keep_default_na=False,
                quoting=csv.QUOTE_NONE if quoting == "text" else csv.QUOTE_MINIMAL,
                escapechar="\\" if quoting == "backslashes" else None,
                on_bad_lines="warn",
            )
        except pd.errors.EmptyDataError:
            cells = pd.DataFrame()
        except pd.errors.ParserError as error:
            raise UserError(
                "The table cannot be read: its cells are not separated as those of a CSV; save it as CSV again.",
                code="table-broken",
            ) from error
    for line, expected, seen in (place for warning in warned for place in _LONG_ROW.findall(str(warning.message))):
        broken[int(line)] = f"has {seen} columns instead of {expected}"
    num_unfit = len(broken) + (int(cells.iloc[:, -1].isna().sum()) if len(cells) else 0)
    if quoting == "text":
        sign = re.escape(separator)
        num_unfit += len(re.findall(rf"(?:^|{sign}){_QUOTED['usual']}(?={sign}|$)", text, re.MULTILINE))
    return _Reading(quoting, cells.fillna(""), broken, num_unfit)


def _without_broken_quotes(text: str, separator: str, quoted: str, broken: dict[int, str]) -> str:
    """The text with blank lines in place of those whose quotation marks do not match.

    A reader that goes on to the next quotation mark would merge rows instead.
    """
    cell = rf'(?:{quoted}|[^"{re.escape(separator)}\n][^{re.escape(separator)}\n]*+|)'
    whole_rows = re.compile(rf"(?>{cell}(?:{re.escape(separator)}{cell})*+(?:\n|\Z))*+", re.DOTALL)
    parts, position, line = [], 0, 1
    while position < len(text):
        end = whole_rows.match(text, position).end()  # type: ignore[union-attr]  # it matches nothing, too
        parts.append(text[position:end])
        line += text.count("\n", position, end)
        if end == len(text):
            break
        position = (text.find("\n", end) + 1) or len(text)
        parts.append("\n")
        broken[line] = "has quotation marks that do not match"
        line += 1
    return "".join(parts)


def _find_separator(sample: str) -> str:
    """The sign that divides most lines into the same number of cells."""
    lines = [line for line in sample.split("\n")[:200] if line.strip()]
    unquoted = [line for line in re.sub(_QUOTED["usual"], "", sample).split("\n")[:200] if line.strip()]

    def fitness(separator: str) -> tuple[float, int]:
        shares = [
            max([num for count, num in Counter(line.count(separator) for line in some).items() if count], default=0) / len(some)
            for some in (lines, unquoted)
            if some
        ]
        return round(max(shares, default=0.0), 1), lines[0].count(separator) if lines else 0

    return max(_SEPARATORS, key=fitness)
