"""Slices of the test reviews on the page: which differences are clear, and the slices of the column that is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.analysis.error_analysis import AccuracySlice
from ui.compare import wording
from ui.compare.chart_specs import draw
from ui.compare.error_analysis import reader
from ui.compare.error_analysis.sections import slice_section
from ui.compare.error_analysis.slice_charts import NamedLook
from ui.compare.once import once
from ui.compare.section_view import show_section
from ui.text import escape
from ui.widgets.pickers import choices


def show(
    key: tuple[object, ...], slices: Mapping[str, Sequence[AccuracySlice]], looks: Mapping[str, NamedLook], clear: Sequence[str]
) -> str:
    """The slices of one column, which the URL knows.

    Args:
        key: What they are of, for what is kept.
        slices: By the name of what they are by; at least one.
        looks: Of the models, by arm.
        clear: The sentences on which differences are clear.

    Returns:
        The name of what the slices shown are by.
    """
    st.header(wording.SLICES_TITLE, anchor=False)
    if clear:
        st.markdown("\n".join(f"- {escape(sentence)}" for sentence in clear))
    name = choices.selectbox(
        "Slice by",
        {name: name for name in slices},
        key="slice_by",
        bind="query-params",
        on_change=lambda _: reader.open_group(None),
        width=320,
        help=wording.SLICES_HELP,
    )
    chosen = reader.group_in_url()
    section = once(("slices drawn", *key, name, chosen), lambda: draw(slice_section(name, slices[name], looks, chosen=chosen)))
    show_section(section, "slices", is_titled=False)
    return name
