"""A table whose rows can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Literal, TypeVar

import pandas as pd
import streamlit as st

RowT = TypeVar("RowT", bound=Hashable)


def choose(
    table: pd.DataFrame,
    rows: Sequence[RowT],
    *,
    key: str,
    selection_mode: Literal["single-row", "multi-row"] = "single-row",
    on_change: Callable[[list[RowT]], object] | None = None,
    **display: Any,
) -> list[RowT]:
    """Draw a table; returns what the chosen rows stand for.

    The browser sends places in the table. They belong to the rows that it shows, so a table with other rows is another widget.

    Args:
        table: What is shown.
        rows: What each row stands for.
        key: Begins the key of the widget.
        selection_mode: Whether one row or several can be chosen.
        on_change: Called before the page runs again, with what the chosen rows stand for.
        **display: Further arguments of `st.dataframe`.
    """
    its_key = f"{key}_{hash(tuple(rows)):x}"

    def chosen(places: Sequence[int]) -> list[RowT]:
        return [rows[place] for place in places if place < len(rows)]

    def take() -> None:
        if on_change:
            on_change(chosen(st.session_state[its_key]["selection"]["rows"]))

    event = st.dataframe(table, key=its_key, on_select=take, selection_mode=selection_mode, **display)
    return chosen(event["selection"]["rows"])
