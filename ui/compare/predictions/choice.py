"""Which table of predictions is open, and which two models of it: all of it stands in the URL, so a link shows the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.deleted import Deleted, DeletedError
from core.predictions.prediction_store import PredictionRecord, PredictionStore
from ui.app import access, server
from ui.app.errors import errors_shown
from ui.compare.error_analysis.reader import open_group
from ui.compare.predictions import upload, wording
from ui.compare.predictions.source import FIRST_PARAMETER, PARAMETER, SECOND_PARAMETER
from ui.text import escape
from ui.widgets.deleting import deleted_list, undo_bar
from ui.widgets.deleting.deletable import Deletable
from ui.widgets.pickers import choices, run_picker

_NOUN = "table of predictions"
_KEY = "predictions"
_SHOWN_KEY = "predictions_shown"  # both models, for callbacks


@dataclass(frozen=True)
class Choice:
    """What is to be shown.

    Attributes:
        record: Of the open table.
        first: Heading of one model.
        second: Heading of the other.
    """

    record: PredictionRecord
    first: str
    second: str


def store() -> PredictionStore:
    """The stored predictions of this server."""
    return PredictionStore(server.settings())


def choose() -> Choice | None:
    """The widgets that choose a table and two of its models; None if there is none.

    Raises:
        UserError: The link is to a table that is gone.
    """
    if added := upload.take_added():
        open_predictions(added)
    kind = Deletable(_NOUN, _deleted, _restore)
    undo_bar.show(_KEY, [kind])
    found = store().all()
    opened = _opened(found)
    with st.container(horizontal=True, vertical_alignment="bottom", key="predictions_row"):
        if opened:
            choices.selectbox(
                "Predictions",
                {record.id: run_picker.title(record.name, record.created_at) for record in found},
                key=f"{_KEY}_chosen",
                on_change=open_predictions,
                width=380,
            )
        if st.button("Add predictions", icon=":material/upload_file:", key="open_predictions", type="secondary"):
            upload.dialog()
        if opened and access.may_change(access.predictions_key(opened.id)):
            with st.popover("Rename or delete", icon=":material/more_horiz:", key=f"{_KEY}_menu"):
                _show_menu(opened)
        deleted_list.show(_KEY, [kind])
    if opened is None:
        if not found:
            st.info(wording.NOTHING_YET, icon=":material/info:")
        return None
    return Choice(opened, *_choose_models(opened.columns.models))


def open_predictions(its_id: str) -> None:
    """Make a table the one that is shown, with its first two models."""
    open_group(None)
    for parameter in (FIRST_PARAMETER, SECOND_PARAMETER):
        st.query_params.pop(parameter, None)
    st.query_params[PARAMETER] = its_id


@errors_shown()
def _opened(found: Sequence[PredictionRecord]) -> PredictionRecord | None:
    """The table in the URL, or the newest; None if the one in the URL is gone, which is then said."""
    linked = st.query_params.get(PARAMETER)
    if not linked:
        if not found:
            return None
        linked = st.query_params[PARAMETER] = found[0].id
    try:
        record = store().get(linked)
    except DeletedError as error:
        _show_gone(error.deleted)
        return None
    st.session_state[f"{_KEY}_chosen"] = record.id
    return record


def _show_gone(deleted: Deleted) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"{_KEY}_gone"):
        st.markdown(f":material/delete: The predictions **{escape(deleted.title)}** were deleted.", width="stretch")
        if access.may_change(access.predictions_key(deleted.id)):
            st.button("Restore", key=f"{_KEY}_gone_restore", type="primary", on_click=_restore, args=([deleted.id],))
        st.button("Show others", key=f"{_KEY}_others", on_click=_show_newest)


def _show_newest() -> None:
    st.query_params[PARAMETER] = ""


def _choose_models(models: Sequence[str]) -> tuple[str, str]:
    """Which two models are compared; widgets only where there are more."""
    first = _linked(FIRST_PARAMETER, models)
    second = _linked(SECOND_PARAMETER, [model for model in models if model != first])
    st.session_state[_SHOWN_KEY] = {FIRST_PARAMETER: first, SECOND_PARAMETER: second}
    if len(models) > 2:  # two leave no choice
        with st.container(horizontal=True, key="predictions_models"):
            for title, model, parameter in (("First model", first, FIRST_PARAMETER), ("Second model", second, SECOND_PARAMETER)):
                st.session_state[f"{_KEY}_{parameter}"] = model
                choices.selectbox(
                    title,
                    {each: each for each in models},
                    key=f"{_KEY}_{parameter}",
                    on_change=_take_first if parameter == FIRST_PARAMETER else _take_second,
                    width=280,
                )
    return first, second


def _linked(parameter: str, models: Sequence[str]) -> str:
    linked = st.query_params.get(parameter, "")
    return linked if linked in models else models[0]


def _take_first(model: str) -> None:
    _take_model(model, FIRST_PARAMETER, SECOND_PARAMETER)


def _take_second(model: str) -> None:
    _take_model(model, SECOND_PARAMETER, FIRST_PARAMETER)


def _take_model(model: str, parameter: str, other: str) -> None:
    """Compare a model; where it is the other one already, both change places."""
    open_group(None)
    shown: dict[str, str] = st.session_state[_SHOWN_KEY]
    st.query_params[other] = shown[parameter] if shown[other] == model else shown[other]
    st.query_params[parameter] = model


@errors_shown()
def _show_menu(record: PredictionRecord) -> None:
    with st.form(f"{_KEY}_renaming_{record.id}", border=False):
        name = st.text_input("Name", value=record.name, max_chars=100, key=f"{_KEY}_name_{record.id}")
        if st.form_submit_button("Rename", icon=":material/edit:", key=f"{_KEY}_rename"):
            access.require_may_change(access.predictions_key(record.id))
            store().rename(record.id, name)
            st.rerun()
    st.button(
        "Delete", icon=":material/delete:", key=f"{_KEY}_delete", on_click=_delete, args=(record,), help="You can undo this."
    )


@errors_shown()
def _delete(record: PredictionRecord) -> None:
    access.require_may_change(access.predictions_key(record.id))
    store().delete(record.id)
    undo_bar.offer(_KEY, record.name, _NOUN, [record.id])
    _show_newest()


def _deleted() -> list[Deleted]:
    found = store().deleted()
    may_be_restored = access.changeable([access.predictions_key(deleted.id) for deleted in found])
    return [deleted for deleted in found if access.predictions_key(deleted.id) in may_be_restored]


@errors_shown()
def _restore(ids: Sequence[str]) -> None:
    for its_id in ids:
        access.require_may_change(access.predictions_key(its_id))
        store().restore(its_id)
        open_predictions(its_id)
