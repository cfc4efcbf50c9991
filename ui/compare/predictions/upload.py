"""The dialog that adds a table of predictions."""

from __future__ import annotations

from pathlib import PurePath

import streamlit as st

from core.data.review_table import ReviewTable
from core.predictions.prediction_store import MAX_NAME, PredictionStore
from core.predictions.prediction_table import MAX_MODELS, PredictionColumns, guess_prediction_columns
from ui.app import access, server
from ui.app.errors import errors_shown
from ui.compare.predictions import wording
from ui.widgets import upload_dialog
from ui.widgets.pickers import choices

_FILE_KEY = "predictions_file"
_ADDED_KEY = "added_predictions"


def take_added() -> str | None:
    """The id of the table that was added since the last call."""
    added: str | None = st.session_state.pop(_ADDED_KEY, None)
    return added


def _forget_file() -> None:
    _guess.clear()
    upload_dialog.forget_file(_FILE_KEY)


@st.dialog("Compare models of your own", width="large", on_dismiss=_forget_file)
@errors_shown()
def dialog() -> None:
    """Choose a file, say which column is what, compare."""
    access.require_may_upload()
    st.caption(wording.DIALOG_NOTE.format(most_mb=st.get_option("server.maxUploadSize")))
    file = st.file_uploader("File", key=_FILE_KEY)
    if file is None:
        return
    table = upload_dialog.choose_encoding(file)
    st.dataframe(
        table.frame.head(), hide_index=True, height="content", key="predictions_preview", alt="The first rows of the file"
    )
    columns = _choose_columns(table, read_as=f"{file.file_id} {table.encoding}")
    name = st.text_input("Name", value=PurePath(file.name).stem, key="predictions_new_name", max_chars=MAX_NAME)
    if columns is None or not st.button("Compare", type="primary", icon=":material/balance:", key="predictions_add"):
        return
    with st.spinner("Reading what the models said"):
        record = PredictionStore(server.settings()).add(table, columns, name=name, file=file.name)
    access.take_ownership(access.predictions_key(record.id))
    st.session_state[_ADDED_KEY] = record.id
    _forget_file()
    st.rerun()


@st.cache_data(scope="session", max_entries=4, show_spinner=False)
def _guess(read_as: str, _table: ReviewTable) -> PredictionColumns | None:  # noqa: ARG001  # it stands for the table
    return guess_prediction_columns(_table)


def _choose_columns(table: ReviewTable, *, read_as: str) -> PredictionColumns | None:
    """Widgets for the columns, filled in with a guess where there is one; None before the text and the label are chosen."""
    guess = _guess(read_as, table)
    headings = [str(column) for column in table.frame.columns]
    titles = {heading: heading for heading in headings}
    if guess is None:
        st.caption(f":material/info: {wording.NO_GUESS}")
    left, right = st.columns(2)
    text = choices.selectbox(
        "Column with the text",
        titles,
        index=headings.index(guess.text) if guess else None,
        key="predictions_text_column",
        place=left,
        placeholder="Choose a column",
    )
    label = choices.selectbox(
        "Column with the label",
        titles,
        index=headings.index(guess.label) if guess else None,
        key="predictions_label_column",
        place=right,
        placeholder="Choose a column",
    )
    models = choices.multiselect(
        "Columns of the models",
        titles,
        default=list(guess.models) if guess else [],
        key="predictions_model_columns",
        max_selections=MAX_MODELS,
        placeholder="Choose two or more",
        help=wording.MODELS_HELP,
    )
    if text is None or label is None:
        return None
    return PredictionColumns(text=text, label=label, models=tuple(models))
