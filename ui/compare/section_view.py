"""A section on the page: its result, its charts with the reviews behind their marks, its tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from ui.compare import wording
from ui.compare.chart_specs import Drawn, Spec, is_clickable
from ui.compare.error_analysis import reader
from ui.text import escape
from ui.widgets import tables
from ui.widgets.chart_marks import SELECTION
from ui.widgets.tables import Table


def show_section(
    section: Drawn,
    name: str,
    *,
    help_text: str | None = None,
    is_stacked: bool = False,
    num_folded: int = 0,
    is_titled: bool = True,
) -> None:
    """Everything a section says, under its result or else under its title.

    Args:
        section: With its charts as specs.
        name: Tells its widgets from those of the other sections of the page.
        help_text: Beside the result.
        is_stacked: One chart below the other, because they share an axis, instead of side by side.
        num_folded: So many of its tables, the last ones, are shown after a click; with tests, it is one.
        is_titled: Whether it begins with its result or title, which a heading above it may say already.
    """
    content, specs = section
    if is_titled and content.headline:
        st.markdown(f"## {escape(content.headline)}", help=help_text)
    elif is_titled:
        st.header(escape(content.title), anchor=False)
    places = [st.container() for _ in specs] if is_stacked or not specs else st.columns(len(specs))
    for number, (place, spec) in enumerate(zip(places, specs, strict=True)):
        with place:
            _show_chart(spec, name=f"{name}_chart_{number}")
    if content.facts:
        st.markdown(_listed(content.facts))
    for note in filter(None, (*content.notes, content.hint)):
        st.caption(escape(note))
    num_open = content.num_open - (0 if content.tests else num_folded)
    _show_tables(content.tables[:num_open])
    if content.tests:
        fold = st.expander(wording.FOR_STATISTICIANS, icon=":material/functions:", key=f"{name}_tests")
        fold.markdown(_listed(content.tests))
    elif num_folded:
        fold = st.expander("The numbers", icon=":material/table:", key=f"{name}_numbers")
    else:
        return
    with fold:
        _show_tables(content.tables[num_open:])


def _listed(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {escape(sentence)}" for sentence in sentences)


def _show_chart(spec: Spec, *, name: str) -> None:
    """A chart; where its marks can be clicked, a click opens the reviews of their group, and a second one closes them.

    Args:
        spec: Its description is the alt text.
        name: Tells it from the other charts of the page.
    """
    if not is_clickable(spec):
        st.vega_lite_chart(spec, key=name)
        return
    # A chart reports only selections that differ from its last one. With a new key after each click it has no last one, so a
    # click on the same mark is news again; which mark is chosen stands in the URL and is drawn into the chart.
    key = f"{name}_{st.session_state.get(_clicks_key(name), 0)}"
    st.vega_lite_chart(spec, key=key, on_select=partial(_take_click, name, key), selection_mode=SELECTION)


def _show_tables(shown: Sequence[Table]) -> None:
    """Tables side by side as far as there is room."""
    with st.container(horizontal=True, gap="large"):
        for table in shown:
            tables.show(table)


def _clicks_key(name: str) -> str:
    return f"{name}_clicks"


def _take_click(name: str, key: str) -> None:
    picked = st.session_state[key].selection.get(SELECTION)
    st.session_state[_clicks_key(name)] = st.session_state.get(_clicks_key(name), 0) + 1
    if picked:
        wanted = str(picked[0][SELECTION])
        reader.open_group(None if wanted == reader.group_in_url() else wanted)
