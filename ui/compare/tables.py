"""Tables of a section on the page."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from core.plain_words import in_percent
from ui.charts import ARM_TITLES
from ui.compare.sections import MISSING, Kind, Table
from ui.words import escape

_MS_PER_S = 1000
_FORMATS: dict[Kind, str] = {
    "count": "localized",
    "mean": "%.1f",
    "score": "%.3f",
    "percent": "%.1f %%",
    "points": "%+.1f points",
    "seconds": "%.1f s",
    "milliseconds": "%.1f ms",
    "bytes": "bytes",
    "p": "%.3g",
}

_WHOLE = 30  # rows that are shown without a scroll bar


def show(table: Table) -> None:
    """The table, sortable, below its title, which is its accessible name too."""
    frame = table.frame.reset_index() if table.frame.index.name else table.frame.copy()
    config: dict[str, ColumnConfig] = {}
    for column, kind in table.kinds.items():
        if column in frame and kind in _FORMATS:
            frame[column] = _scaled(frame[column].astype("float64"), kind)
            config[column] = st.column_config.NumberColumn(ARM_TITLES.get(column, column), format=_FORMATS[kind])
    st.caption(f"**{escape(table.title)}**")
    st.dataframe(
        frame,
        key=f"table_{table.name}",
        hide_index=True,
        height="content" if len(frame) <= _WHOLE else "auto",
        alt=table.title,
        placeholder=MISSING,
        column_config=config,
    )


def _scaled(values: pd.Series, kind: Kind) -> pd.Series:
    """In the unit that the format of the kind names."""
    if kind in {"percent", "points"}:
        return in_percent(values)
    return values * _MS_PER_S if kind == "milliseconds" else values
