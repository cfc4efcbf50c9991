"""Reviews from a person's CSV: which column holds what, and what the labels mean."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from core.errors import UserError

# Usual headings of a column and usual spellings of its two labels (negative, positive); best guess first.
_TEXT_HEADINGS = ("text", "review", "sentence", "content", "comment", "body", "phrase")
_LABEL_HEADINGS = ("label", "sentiment", "class", "polarity", "target")
_LABEL_SPELLINGS = (
    ("0", "1"),
    ("negative", "positive"),
    ("neg", "pos"),
    ("-1", "1"),
    ("0.0", "1.0"),
    ("1", "2"),
    ("false", "true"),
    ("no", "yes"),
    ("bad", "good"),
    ("n", "p"),
)


@dataclass(frozen=True)
class CsvMapping:
    """Which columns of a CSV hold what; labels are compared without regard to case and surrounding space.

    Attributes:
        text_column: Heading of the column with the reviews.
        label_column: Heading of the column with the labels.
        negative: Labels that mean negative.
        positive: Labels that mean positive. Rows with other labels are skipped and counted.
    """

    text_column: str
    label_column: str
    negative: tuple[str, ...]
    positive: tuple[str, ...]


def preview_csv(data: bytes, rows: int | None = 5) -> pd.DataFrame:
    """The first rows of a CSV, or all for `rows=None`, with every cell as a string.

    Commas, semicolons and tabs are recognised as separators, UTF-8, UTF-16 and Windows-1252 as encodings.

    Raises:
        UserError: The file is empty, binary, or not a table.
    """
    frame = read_csv(data)
    return frame if rows is None else frame.head(rows)


def guess_mapping(frame: pd.DataFrame) -> CsvMapping | None:
    """The likely meaning of a table's columns; None if there is no good guess.

    Args:
        frame: All rows of `preview_csv(data, rows=None)`: the first rows of a sorted file have only one label.
    """
    headings = sorted(frame.columns, key=lambda heading: _rank(heading, _LABEL_HEADINGS))
    for label_column in headings:
        spelled = {_label_key(label): label.strip() for label in frame[label_column].unique() if label.strip()}
        for negative, positive in _LABEL_SPELLINGS:
            if spelled.keys() == {negative, positive} and (text_column := _guess_text_column(frame, besides=label_column)):
                return CsvMapping(text_column, label_column, (spelled[negative],), (spelled[positive],))
    return None


def map_labels(frame: pd.DataFrame, mapping: CsvMapping) -> tuple[list[str], list[int | None]]:
    """The texts of a table and their labels: 0, 1, or None if a label means neither.

    Raises:
        UserError: The mapping does not fit the table, or contradicts itself.
    """
    for column in (mapping.text_column, mapping.label_column):
        if column not in frame.columns:
            raise UserError(
                f'The CSV has no column "{column}"; choose from {", ".join(map(str, frame.columns))}.', code="csv-no-column"
            )
    if mapping.text_column == mapping.label_column:
        raise UserError(
            f'The column "{mapping.text_column}" was chosen for both text and label; choose two columns.', code="csv-same-column"
        )
    negative, positive = ({_label_key(label) for label in labels} for labels in (mapping.negative, mapping.positive))
    if both := negative & positive:
        raise UserError(
            f'The label "{min(both)}" was mapped to both negative and positive; keep it in one of them.', code="csv-label-twice"
        )
    meaning = dict.fromkeys(negative, 0) | dict.fromkeys(positive, 1)
    labels = [meaning.get(_label_key(label)) for label in frame[mapping.label_column]]
    return frame[mapping.text_column].tolist(), labels


def read_csv(data: bytes) -> pd.DataFrame:
    """Every cell of a CSV as a string, empty if missing; columns without a name get a number."""
    text = _decode(data)
    if not text.strip():
        raise UserError(
            "The CSV is empty; choose a file with a line of column names and a row for each review.", code="csv-empty"
        )
    header = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    try:
        # The header is read as a row: otherwise pandas takes a surplus first column for row names.
        table = pd.read_csv(io.StringIO(text), sep=separator, header=None, dtype=str, keep_default_na=False)
    except pd.errors.ParserError as error:
        place = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
        what = f"line {place[2]} has {place[3]} columns instead of {place[1]}" if place else "a quotation mark is never closed"
        raise UserError(
            f"The CSV cannot be read: {what}; put texts with separators or quotes between quotation marks.", code="csv-broken"
        ) from error
    table = table.fillna("")
    names = [name.strip() or f"column {position}" for position, name in enumerate(table.iloc[0], start=1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(
            f'The CSV has more than one column "{twice}"; its first line must give each column a different name.',
            code="csv-column-twice",
        )
    frame = table.iloc[1:].reset_index(drop=True).set_axis(names, axis="columns")
    if frame.empty:
        raise UserError("The CSV has no rows below its first line, which names the columns; add the reviews.", code="csv-no-rows")
    return frame


def _decode(data: bytes) -> str:
    is_utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # what Excel calls Unicode text
    for encoding in ("utf-16",) if is_utf_16 else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UserError(
        "The file is not text in UTF-8, UTF-16 or Windows-1252; save the table as CSV (UTF-8) and choose that file.",
        code="csv-not-text",
    )


def _label_key(label: str) -> str:
    return label.strip().casefold()


def _guess_text_column(frame: pd.DataFrame, *, besides: str) -> str | None:
    """The column with a usual heading, else the one with the longest texts."""
    others = [str(heading) for heading in frame.columns if heading != besides]
    return min(
        others,
        key=lambda heading: (_rank(heading, _TEXT_HEADINGS), -frame[heading].str.len().mean()),
        default=None,
    )


def _rank(heading: str, usual: Sequence[str]) -> int:
    name = heading.strip().casefold()
    return usual.index(name) if name in usual else len(usual)
