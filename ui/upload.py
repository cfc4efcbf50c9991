"""The dialog that adds somebody's own reviews."""

from __future__ import annotations

import re
from pathlib import PurePath

import pandas as pd
import streamlit as st

from core import reviews
from core.reviews import CsvMapping, ReviewPool
from ui import session
from ui.errors import errors_shown
from ui.words import count

MAX_LABEL_VALUES = 100  # more than that is no label
_ADDED_KEY = "added_dataset"


def take_added() -> str | None:
    """The dataset that was added since this was last asked; says how much of the file it has.

    Said here because the rerun that closes the dialog would take the message along, and only once because the kept file has
    nothing but the distinct reviews.
    """
    added: ReviewPool | None = st.session_state.pop(_ADDED_KEY, None)
    if added is None:
        return None
    st.toast(f"{count(len(added.ids), 'review')} added. {left_out(added)}", icon=":material/check:", duration="long")
    return added.name


def left_out(pool: ReviewPool) -> str:
    """What of a file did not become a review, as a sentence; empty if everything did."""
    parts = []
    if pool.num_duplicates:
        parts.append(f"{count(pool.num_duplicates, 'row')} whose text was there already")
    if pool.num_skipped:
        parts.append(f"{count(pool.num_skipped, 'row')} without a text or a known label")
    return f"Left out: {', '.join(parts)}." if parts else ""


@st.dialog("Use your own reviews", width="large")
@errors_shown()
def dialog() -> None:
    """Choose a file, say which column is what, add it."""
    st.caption("A CSV file with one review per row: one column with the text, one that says negative or positive.")
    file = st.file_uploader("CSV file", type=["csv", "tsv", "txt"], key="csv_file")
    if file is None:
        return
    data = file.getvalue()
    frame = _read(data)
    st.dataframe(frame.head(), hide_index=True, height="content", key="csv_preview", alt="The first rows of the file")
    mapping = _mapping(frame)
    name = st.text_input("Name of the dataset", value=_suggest_name(file.name), key="csv_name", max_chars=40)
    if st.button("Add the reviews", type="primary", icon=":material/add:", key="csv_add"):
        st.session_state[_ADDED_KEY] = reviews.add_csv(name, data, mapping, session.settings())
        st.rerun()


@st.cache_data(max_entries=2, show_spinner="Reading the file")
def _read(data: bytes) -> pd.DataFrame:
    """The whole file: a label may occur in its last row only."""
    return reviews.preview_csv(data, rows=None)


def _mapping(frame: pd.DataFrame) -> CsvMapping:
    """Widgets for the columns and what their values mean, filled in as far as the file lets one guess."""
    guess = reviews.guess_mapping(frame)
    columns = [str(column) for column in frame.columns]
    left, right = st.columns(2)
    text_column = left.selectbox(
        "Column with the text", columns, index=columns.index(guess.text_column) if guess else 0, key="csv_text_column"
    )
    label_column = right.selectbox(
        "Column with the label",
        columns,
        index=columns.index(guess.label_column) if guess else len(columns) - 1,
        key="csv_label_column",
    )
    is_guessed = guess is not None and guess.label_column == label_column
    values = sorted({str(label).strip() for label in frame[label_column] if str(label).strip()})[:MAX_LABEL_VALUES]
    negative = left.multiselect(
        "These values are negative", values, default=list(guess.negative) if guess and is_guessed else [], key="csv_negative"
    )
    positive = right.multiselect(
        "These values are positive", values, default=list(guess.positive) if guess and is_guessed else [], key="csv_positive"
    )
    st.caption("Rows with any other value are left out.")
    return CsvMapping(text_column, label_column, tuple(negative), tuple(positive))


def _suggest_name(file_name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", PurePath(file_name).stem.lower()).strip("-")[:40] or "my-reviews"
