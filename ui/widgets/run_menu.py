"""Renaming and deleting the run or the learning curve that is looked at, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.store.run import Run, Sweep
from ui.app.errors import errors_shown
from ui.app.url_state import RUNS, SWEEPS, Kind
from ui.text import escape
from ui.widgets.deleting import deleted_list, undo_bar
from ui.widgets.deleting.deletable import Deletable

_UNDO_KEY = "run"
CANCEL_FIRST = "This run has not ended. Cancel it before you delete it."


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
        is_active = isinstance(stored, Run) and stored.is_active
        if is_active:
            st.caption(CANCEL_FIRST)
        note = "You can undo this." if kind is RUNS else "Its runs are kept and go on running. You can undo this."
        if st.button("Delete", key=f"{key}_delete", icon=":material/delete:", help=note, disabled=is_active):
            kind.store().delete(stored.id)
            undo_bar.offer(_UNDO_KEY, stored.name, kind.noun, [stored.id])
            after_deletion()
            st.rerun()


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
