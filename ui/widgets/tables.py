"""Tables of numbers as HTML, for pages and for reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import streamlit as st
from markupsafe import Markup

from core.formatting import p_value, percent, points, signed

if TYPE_CHECKING:
    from jinja2 import Template

Kind = Literal["text", "count", "mean", "percent", "points", "deviation", "score", "seconds", "milliseconds", "bytes", "p"]

MISSING = "–"


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers as they are computed, and how people read them.

    Attributes:
        name: Of the file, without its ending.
        title: What the rows are, for people and screen readers.
        frame: Fractions 0-1, seconds, bytes; the index is a column like the others.
        kinds: By column, how to write its values, and those of its columns "… from" and "… to"; all others are text.
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
        return pd.DataFrame({column: [write(value, self.kind_of(str(column))) for value in frame[column]] for column in frame})

    def kind_of(self, column: str) -> Kind:
        """How to write the values of a column."""
        return self.kinds.get(column) or self.kinds.get(column.removesuffix(" from").removesuffix(" to"), "text")


def with_interval(column: str, value: float, interval: tuple[float, float]) -> dict[str, float]:
    """A number and the ends of its interval, as three columns of a row."""
    return {column: value, f"{column} from": interval[0], f"{column} to": interval[1]}


def interval_headings(columns: Iterable[str]) -> dict[str, str]:
    """Headings of tables with many intervals: "from" and "to" beside the number that they belong to."""
    return {f"{column} {end}": end for column in columns for end in ("from", "to")}


def show(table: Table) -> None:
    """The table on the page, as wide as its content.

    `st.dataframe` makes a browser that is new here load thirty files more, and `st.table` reads every cell as Markdown; both cost
    a view a quarter of a second.
    """
    st.html(to_html(table), width="content")


def to_html(table: Table) -> Markup:
    """The table with its title as its caption; cells are shown as they are, whatever is in them."""
    frame = table.as_text()
    columns = [
        {
            "title": table.headings.get(str(name), str(name)),
            "side": "text" if table.kind_of(str(name)) == "text" else "number",
        }
        for name in frame
    ]
    rows = list(frame.itertuples(index=False, name=None))
    return Markup(_template().render(table=table, columns=columns, rows=rows))  # the template escapes


@cache
def _template() -> Template:
    from jinja2 import Environment  # noqa: PLC0415  # most pages have no table when they open

    source = Path(__file__).with_name("table.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True).from_string(source)


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
