"""Renaming and deleting the run or the learning curve that is looked at, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.store.run import Run, Sweep
from ui.app.errors import errors_shown
from ui.app.url_state import RUNS, Kind
from ui.text import escape
from ui.widgets import undo_bar

_UNDO_KEY = "run"


def show(kind: Kind[Any], stored: Run | Sweep, *, after_deletion: Callable[[], None]) -> None:
    """The popover with the menu of a run or of a learning curve, whose runs stay when it is deleted.

    Args:
        kind: Which of the two.
        stored: The one in focus.
        after_deletion: Called once it is gone from the store, before the page reruns.
    """
    key = kind.name
    with st.popover("Rename or delete", icon=":material/more_horiz:", key=f"{key}_menu"), errors_shown():
        st.caption(escape(stored.name))
        name = st.text_input("Name", value=stored.name, key=f"{key}_name_{stored.id}", max_chars=100)
        if st.button("Rename", key=f"{key}_rename", icon=":material/edit:"):
            kind.store().rename(stored.id, name)
            st.rerun()
        note = "You can undo this." if kind is RUNS else "Its runs are kept and go on running. You can undo this."
        if st.button("Delete", key=f"{key}_delete", icon=":material/delete:", help=note):
            kind.store().delete(stored.id)
            undo_bar.offer(_UNDO_KEY, stored.name, (kind, stored.id))
            after_deletion()
            st.rerun()


def show_undo(after_restoring: Callable[[Kind[Any], str], None]) -> None:
    """The bar with the run or learning curve that was deleted last in this browser.

    Args:
        after_restoring: Called with its kind and id once it is back in the store.
    """

    def restore(item: tuple[Kind[Any], str]) -> None:
        kind, its_id = item
        kind.store().restore(its_id)
        after_restoring(kind, its_id)

    undo_bar.show(_UNDO_KEY, restore)
