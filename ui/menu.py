"""Renaming and deleting the run that is looked at, and the way back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.records import Run
from ui import session
from ui.errors import errors_shown
from ui.words import escape

_DELETED_KEY = "run_deleted"
_RESTORED_KEY = "run_restored"


def show(run: Run, *, after_deletion: Callable[[], None]) -> None:
    """The popover with the menu of a run.

    Args:
        run: The run in focus.
        after_deletion: Called once the run is gone from the store, before the page is drawn anew.
    """
    with st.popover("Rename or delete", icon=":material/more_horiz:", key="run_menu"), errors_shown():
        st.caption(escape(run.name))
        name = st.text_input("Name", value=run.name, key=f"run_name_{run.id}", max_chars=100)
        if st.button("Rename", key="run_rename", icon=":material/edit:"):
            session.store().rename(run.id, name)
            st.rerun()
        if st.button("Delete", key="run_delete", icon=":material/delete:", help="You can undo this."):
            session.store().delete(run.id)
            st.session_state[_DELETED_KEY] = (run.id, run.name)
            after_deletion()
            st.rerun()


@errors_shown()
def show_undo() -> None:
    """The run that was deleted last in this browser, with a button that brings it back; nothing if there is none."""
    if _DELETED_KEY not in st.session_state:
        return
    run_id, name = st.session_state[_DELETED_KEY]
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="run_undo_bar"):
        st.markdown(f"Deleted {escape(name)}.", width="stretch")
        if st.button("Undo", key="run_undo", icon=":material/undo:", type="primary"):
            session.store().restore(run_id)
            st.session_state[_RESTORED_KEY] = run_id
            del st.session_state[_DELETED_KEY]
            st.rerun()
        if st.button("Close", key="run_undo_close", type="tertiary"):
            del st.session_state[_DELETED_KEY]
            st.rerun()


def take_restored() -> str | None:
    """The run that was brought back since this was last asked."""
    restored: str | None = st.session_state.pop(_RESTORED_KEY, None)
    return restored
