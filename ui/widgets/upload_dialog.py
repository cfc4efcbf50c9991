"""The dialog that adds somebody's own reviews."""

from __future__ import annotations

import re
from pathlib import PurePath

import pandas as pd
import streamlit as st

from core.data import csv_import, datasets
from core.data.csv_import import CsvMapping
from core.data.review_pool import ReviewPool
from core.errors import UserError
from ui.app import server
from ui.app.errors import errors_shown
from ui.text import count
from ui.widgets.pickers import choices

MAX_LABEL_VALUES = 100  # a column with more is not a column of labels
_MIN_COLUMNS = 2
_ADDED_KEY = "added_dataset"


def take_added() -> str | None:
    """The dataset that was added since the last call; a message says how much of the file it holds.

    The message cannot come from the dialog: the rerun that closes it would close the message too. It comes only once, as the
    stored file holds nothing but the distinct reviews.
    """
    added: ReviewPool | None = st.session_state.pop(_ADDED_KEY, None)
    if added is None:
        return None
    st.toast(f"{count(len(added.ids), 'review')} added. {left_out(added)}", icon=":material/check:", duration="long")
    return added.name


def left_out(pool: ReviewPool) -> str:
    """What was left out of a file, as a sentence; empty if nothing was."""
    parts = []
    if pool.num_duplicates:
        parts.append(f"{count(pool.num_duplicates, 'row')} that repeat an earlier text")
    if pool.num_skipped:
        parts.append(f"{count(pool.num_skipped, 'row')} without a text or a known label")
    return f"Left out: {', '.join(parts)}." if parts else ""


@st.dialog("Use your own reviews", width="large")
@errors_shown()
def dialog() -> None:
    """Choose a file, say which column is what, add it."""
    most_mb = st.get_option("server.maxUploadSize")
    st.caption(f"A CSV file of up to {most_mb} MB with one review per row: one column with the text, one with the label.")
    file = st.file_uploader("CSV file", type=["csv", "tsv", "txt"], key="csv_file")
    if file is None:
        return
    data = file.getvalue()
    frame = _read(data)
    if len(frame.columns) < _MIN_COLUMNS:
        raise UserError(
            f'The CSV has only one column, "{frame.columns[0]}"; add one that says which reviews are negative and which are '
            "positive, and separate the columns with commas, semicolons or tabs.",
            code="csv-one-column",
        )
    st.dataframe(frame.head(), hide_index=True, height="content", key="csv_preview", alt="The first rows of the file")
    mapping = _mapping(frame)
    name = st.text_input("Name of the dataset", value=_suggest_name(file.name), key="csv_name", max_chars=40)
    if st.button("Add the reviews", type="primary", icon=":material/add:", key="csv_add"):
        _require_both_labels(frame, mapping)
        with st.spinner("Adding the reviews"):
            st.session_state[_ADDED_KEY] = datasets.add_csv(name, data, mapping, server.settings())
        st.rerun()


@st.cache_data(max_entries=2, show_spinner="Reading the file")
def _read(data: bytes) -> pd.DataFrame:
    """The whole file: a label may occur in its last row only."""
    return csv_import.preview_csv(data, rows=None)


def _mapping(frame: pd.DataFrame) -> CsvMapping:
    """Widgets for the columns and what their values mean, filled in with a guess where there is one."""
    guess = csv_import.guess_mapping(frame)
    columns = [str(column) for column in frame.columns]
    left, right = st.columns(2)
    titles = {column: column for column in columns}
    text_column = choices.selectbox(
        "Column with the text",
        titles,
        index=columns.index(guess.text_column) if guess else 0,
        key="csv_text_column",
        place=left,
    )
    label_column = choices.selectbox(
        "Column with the label",
        titles,
        index=columns.index(guess.label_column) if guess else len(columns) - 1,
        key="csv_label_column",
        place=right,
    )
    is_guessed = guess is not None and guess.label_column == label_column
    left, right = st.columns(2)  # below the others on a phone, too
    values = _values(frame, label_column)
    listed = {value: value for value in values[:MAX_LABEL_VALUES]}
    negative = choices.multiselect(
        "These values are negative",
        listed,
        default=list(guess.negative) if guess and is_guessed else [],
        key="csv_negative",
        place=left,
        placeholder="Choose one or several",
    )
    positive = choices.multiselect(
        "These values are positive",
        listed,
        default=list(guess.positive) if guess and is_guessed else [],
        key="csv_positive",
        place=right,
        placeholder="Choose one or several",
    )
    st.caption("Rows with any other value are left out.")
    if len(values) > MAX_LABEL_VALUES:
        st.caption(f"The column has {len(values):,} different values; the first {MAX_LABEL_VALUES} are listed.")
    return CsvMapping(text_column, label_column, tuple(negative), tuple(positive))


def _values(frame: pd.DataFrame, column: str) -> list[str]:
    """The different values of a column, sorted, without the empty one."""
    return sorted({str(value).strip() for value in frame[column].unique()} - {""})


def _require_both_labels(frame: pd.DataFrame, mapping: CsvMapping) -> None:
    """Check what a person may have forgotten, before the whole file is read.

    Raises:
        UserError: No value means negative, or none means positive.
    """
    if mapping.text_column == mapping.label_column or (mapping.negative and mapping.positive):
        return
    values = _values(frame, mapping.label_column)
    if len(values) < 2:  # negative and positive
        what = f'only the value "{values[0]}"' if values else "no values"
        raise UserError(
            f'The column "{mapping.label_column}" has {what}; choose another one, or add rows so that there are both negative '
            "and positive reviews.",
            code="csv-one-label",
        )
    raise UserError(
        f'Choose above which values of "{mapping.label_column}" mean negative and which mean positive, at least one each.',
        code="csv-labels-not-chosen",
    )


def _suggest_name(file_name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", PurePath(file_name).stem.lower()).strip("-")[:40] or "my-reviews"
