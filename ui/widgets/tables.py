"""Tables of numbers as HTML, for pages and for reports."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.formatting import p_value, percent, points, signed

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
        headings: By column, what stands above it where that is not its name.
        is_upright: It has one row, to be shown with a column below the other.
    """

    name: str
    title: str
    frame: pd.DataFrame
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    is_upright: bool = False

    def as_text(self) -> pd.DataFrame:
        """Every cell as people read it."""
        frame = self.frame.reset_index() if self.frame.index.name else self.frame
        return pd.DataFrame(
            {column: [write(value, self.kinds.get(str(column), "text")) for value in frame[column]] for column in frame}
        )


def show(table: Table) -> None:
    """The table on the page.

    `st.dataframe` makes a browser that is new here load thirty files more, and `st.table` reads every cell as Markdown; both cost
    a view a quarter of a second.
    """
    st.html(to_html(table))


def to_html(table: Table) -> str:
    """The table with its title as its caption; cells are shown as they are, whatever is in them."""
    frame = table.as_text()
    titles = [table.headings.get(str(column), str(column)) for column in frame]
    sides = ["text" if table.kinds.get(str(column), "text") == "text" else "number" for column in frame]
    rows = frame.itertuples(index=False, name=None)
    if table.is_upright:
        named = zip(titles, *rows, sides, strict=True)
        head, body = "", "\n".join(_row([value], [side], name=title) for title, value, side in named)
    else:
        names = "".join(
            f'<th scope="col" class="{side}">{html.escape(title)}</th>' for title, side in zip(titles, sides, strict=True)
        )
        head, body = f"<thead><tr>{names}</tr></thead>\n", "\n".join(_row(row, sides) for row in rows)
    return (
        f'<div class="numbers" tabindex="0"><table>\n<caption>{html.escape(table.title)}</caption>\n'
        f"{head}<tbody>\n{body}\n</tbody>\n</table></div>\n"
    )


def _row(cells: Iterable[str], sides: Iterable[str], name: str = "") -> str:
    """A row; if it has a name, that stands before its cells."""
    first = f'<th scope="row" class="text">{html.escape(name)}</th>' if name else ""
    rest = "".join(f'<td class="{side}">{html.escape(cell)}</td>' for cell, side in zip(cells, sides, strict=True))
    return f"<tr>{first}{rest}</tr>"


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
