"""What a view of the Compare page says, as data: the page shows it, the report prints it, the files hold it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from core.plain_words import p_value, percent, points, signed

if TYPE_CHECKING:
    import altair as alt

Kind = Literal["text", "count", "mean", "percent", "points", "deviation", "score", "seconds", "milliseconds", "bytes", "p"]

MISSING = "–"


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers as they are computed, and how people read them.

    Attributes:
        name: Of the file, without its ending.
        title: What the rows are, for people and screen readers.
        frame: Fractions 0-1, seconds, bytes; the index is a column like the others.
        kinds: By column, how to write its values; columns that are not named are text.
        is_upright: It has one row, which the page shows with a column below the other.
    """

    name: str
    title: str
    frame: pd.DataFrame
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    is_upright: bool = False

    def as_text(self) -> pd.DataFrame:
        """Every cell as people read it."""
        frame = self.frame.reset_index() if self.frame.index.name else self.frame
        return pd.DataFrame(
            {column: [write(value, self.kinds.get(str(column), "text")) for value in frame[column]] for column in frame}
        )


@dataclass(frozen=True, eq=False)
class Section:
    """One heading with what stands below it.

    Attributes:
        title: The heading.
        sentences: Plain text, a paragraph each; may hold names that people typed, so escape it where it is shown.
        charts: Each has a title and a description, which is its alt text.
        tables: The numbers behind the charts.
        values: Further numbers, for the JSON file.
    """

    title: str
    sentences: tuple[str, ...] = ()
    charts: tuple[alt.LayerChart, ...] = ()
    tables: tuple[Table, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def write(value: Any, kind: Kind) -> str:
    """A value as people read it; a dash where there is none."""
    return MISSING if pd.isna(value) else _WRITERS[kind](value)


def _bytes(size_bytes: float) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:,.1f} {unit}"
    return f"{size_bytes:,.0f} bytes"


def _p(value: float) -> str:
    """As in the sentences, without the letter."""
    return p_value(value).removeprefix("p ").removeprefix("= ")


_WRITERS: dict[Kind, Callable[[Any], str]] = {
    "text": str,
    "count": lambda value: f"{value:,.0f}",
    "mean": lambda value: f"{value:,.1f}",
    "score": lambda value: f"{value:.3f}",
    "percent": percent,
    "points": lambda value: f"{signed(value)} points",
    "deviation": points,
    "seconds": lambda value: f"{value:,.1f} s",
    "milliseconds": lambda value: f"{value * 1000:,.1f} ms",
    "bytes": _bytes,
    "p": _p,
}
