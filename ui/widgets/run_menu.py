"""Renaming and deleting the run or the learning curve that is looked at, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.errors import UserError
from core.store.named_rows import RenamedMeanwhileError
from core.store.run import Run, Sweep
from ui.app import access
from ui.app.errors import errors_shown, show_error
from ui.app.url_state import RUNS, SWEEPS, Kind
from ui.text import escape
from ui.widgets.deleting import deleted_list, undo_bar
from ui.widgets.deleting.deletable import Deletable
from ui.widgets.pickers import run_picker

_UNDO_KEY = "run"
CANCEL_FIRST = "This run has not ended. Cancel it before you delete it."


def show(kind: Kind[Any], stored: Run | Sweep, *, after_deletion: Callable[[], None]) -> None:
    """The popover with the menu of a run or of a learning curve, whose runs stay when it is deleted.

    There is none for the example, and none for a visitor who may not change the run.

    Args:
        kind: Which of the two.
        stored: The one in focus.
        after_deletion: Called once it is gone from the store, before the page reruns.
    """
    if stored.is_example or not access.may_change(stored.id):
        return
    key = kind.name
    begin = partial(_begin_renaming, kind, stored.id)
    menu = st.popover("Rename or delete", icon=":material/more_horiz:", key=_menu_key(kind), on_change=begin)
    with menu, errors_shown():
        st.caption(escape(run_picker.title(stored.name, stored.created_at)))
        _show_renaming(kind, stored)
        is_active = isinstance(stored, Run) and stored.is_active
        if is_active:
            st.caption(CANCEL_FIRST)
        note = "You can undo this." if kind is RUNS else "Its runs are kept and go on running. You can undo this."
        close = partial(_close, kind)
        if st.button("Delete", key=f"{key}_delete", icon=":material/delete:", help=note, disabled=is_active, on_click=close):
            kind.store().delete(stored.id)
            undo_bar.offer(_UNDO_KEY, stored.name, kind.noun, [stored.id])
            after_deletion()
            st.rerun()


def _show_renaming(kind: Kind[Any], stored: Run | Sweep) -> None:
    """A form, in which Enter renames too."""
    field, was, refused = _renaming_keys(kind, stored.id)
    if was not in st.session_state:
        st.session_state[was] = st.session_state[field] = stored.name
    with st.form(f"{kind.name}_renaming_{stored.id}", border=False):
        st.text_input("Name", key=field, max_chars=100)
        is_asked = st.form_submit_button(
            "Rename", key=f"{kind.name}_rename", icon=":material/edit:", on_click=_rename, args=(kind, stored.id)
        )
    if error := st.session_state.get(refused):
        show_error(error)
    elif is_asked:
        st.rerun()  # the new name stands outside of this fragment too


@errors_shown()
def _rename(kind: Kind[Any], its_id: str) -> None:
    field, was, refused = _renaming_keys(kind, its_id)
    try:
        kind.store().rename(its_id, st.session_state[field], was=st.session_state[was])
    except UserError as error:
        st.session_state[refused] = error
        if isinstance(error, RenamedMeanwhileError):
            st.session_state[was] = error.name
    else:
        _begin_renaming(kind, its_id)
        _close(kind)


def _begin_renaming(kind: Kind[Any], its_id: str) -> None:
    """Start from the name that it has now; for callbacks."""
    _, was, refused = _renaming_keys(kind, its_id)
    for key in (was, refused):
        st.session_state.pop(key, None)


def _close(kind: Kind[Any]) -> None:
    st.session_state[_menu_key(kind)] = False


def _menu_key(kind: Kind[Any]) -> str:
    return f"{kind.name}_menu"


def _renaming_keys(kind: Kind[Any], its_id: str) -> tuple[str, str, str]:
    """Where the session keeps the name that is typed, the name that it replaces, and why it was refused."""
    field = f"{kind.name}_name_{its_id}"
    return field, f"{field}_was", f"{field}_refused"


def show_undo(after_restoring: Callable[[Kind[Any], str], None]) -> None:
    """The bar with the runs and learning curves that were deleted in this browser.

    Args:
        after_restoring: Called with the kind and id of each once it is back in the store.
    """
    undo_bar.show(_UNDO_KEY, _deletables(after_restoring))


def show_deleted(after_restoring: Callable[[Kind[Any], str], None]) -> None:
    """The list of the runs and learning curves that anybody has deleted; the argument as for `show_undo`."""
    deleted_list.show(_UNDO_KEY, _deletables(after_restoring))


def _deletables(after_restoring: Callable[[Kind[Any], str], None]) -> list[Deletable]:
    return [_deletable(kind, after_restoring) for kind in (RUNS, SWEEPS)]


def _deletable(kind: Kind[Any], after_restoring: Callable[[Kind[Any], str], None]) -> Deletable:
    def restore(ids: Sequence[str]) -> None:
        for its_id in ids:
            kind.store().restore(its_id)
            after_restoring(kind, its_id)

    return Deletable(kind.noun, kind.store().deleted, restore)
