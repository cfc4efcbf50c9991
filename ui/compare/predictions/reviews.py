"""Reading the reviews of a group: what each of two models said, those on which they are furthest apart first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.arrays import IndexArray
from core.files import to_csv
from core.formatting import percent
from core.predictions.comparison import PredictionComparison
from core.predictions.prediction_table import Predictions
from ui.compare.error_analysis import groups, reader, review_list
from ui.compare.error_analysis.groups import Group
from ui.compare.predictions import wording
from ui.text import count, escape
from ui.widgets import downloads

_PER_PAGE = 5
_MOST_SHOWN = 1200  # characters of a review; the rest is behind a click


def show(found: PredictionComparison, predictions: Predictions, options: Sequence[Group], *, key: str) -> None:
    """A list of the groups and the reviews of the one in the URL, else of the first.

    Args:
        found: The comparison.
        predictions: The table it is of.
        options: Groups to choose from.
        key: Tells the table from others.
    """
    st.header(wording.REVIEWS_TITLE, anchor=False)
    group = reader.choose("Reviews to read", options, key="predictions_group") or options[0]
    with st.container(horizontal=True, vertical_alignment="bottom", key="predictions_tools"):
        wanted = st.text_input("Search in these reviews", key="predictions_search", type="search") or ""
        rows = _ranked(review_list.search(group.rows, predictions.texts, wanted), found)
        downloads.button(
            "CSV",
            lambda: to_csv(review_list.table(rows, found.outcomes, predictions.texts)),
            f"elmo-lens-predictions-{key}.csv",
            key="predictions_csv",
            help="These reviews with what both models said of each, as a CSV file",
            disabled=not len(rows),
        )
    if not len(rows):
        st.info(wording.NO_MATCH if len(group.rows) else wording.EMPTY_GROUP, icon=":material/search_off:")
        return
    st.caption(f"{escape(group.title)}: {count(len(rows), 'review')}.")
    page_key = f"predictions_page_{key}_{group.key}_{wanted}"
    page = st.session_state.get(page_key, 1)
    for row in rows[(page - 1) * _PER_PAGE : page * _PER_PAGE].tolist():
        _show_review(found, predictions, row)
    if len(rows) > _PER_PAGE:
        st.pagination(-(-len(rows) // _PER_PAGE), key=page_key)


def _ranked(rows: IndexArray, found: PredictionComparison) -> IndexArray:
    """The furthest apart first; equal ones in the order of the table."""
    apart = np.ptp(found.outcomes.probs[:, 0], axis=0)
    return rows[np.argsort(-apart[rows], kind="stable")]


def _show_review(found: PredictionComparison, predictions: Predictions, row: int) -> None:
    told = [f"**{groups.ANSWERS[found.outcomes.labels[row]].capitalize()} review**, row {row + 1:,}"]
    for arm, name in enumerate(found.names):
        prob = float(found.outcomes.probs[arm, 0, row])
        sign = ":material/check:" if found.outcomes.correct[arm, 0, row] else ":material/close:"
        said = f"{percent(prob)} positive" if name in predictions.with_probabilities else groups.ANSWERS[int(prob > 0)]
        told.append(f"{sign} {escape(name)}: {said}")
    with st.container(border=True, key=f"prediction_{row}"):
        st.markdown(" · ".join(told))
        text = predictions.texts[row]
        st.text(text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]} …")
        if len(text) > _MOST_SHOWN:
            with st.expander("The rest"):
                st.text(text[_MOST_SHOWN:])
        further = [f"{name}: {cells[row]}" for name, cells in _slice_cells(found, predictions).items() if cells[row]]
        if further:
            st.caption(escape(" · ".join(further)))


def _slice_cells(found: PredictionComparison, predictions: Predictions) -> dict[str, list[str]]:
    """The cells of the columns that are sliced by."""
    return {name: predictions.further[name].tolist() for name in found.slices if name in predictions.further}
