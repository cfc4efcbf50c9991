"""Renaming and deleting the run or the learning curve that is looked at, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from core.store.run import Run, Sweep
from core.store.run_store import RunStore
from core.store.sweep_store import SweepStore
from ui.app import server
from ui.app.errors import errors_shown
from ui.text import escape

_DELETED_KEY = "menu_deleted"
_RESTORED_KEY = "menu_restored"

Kind = Literal["run", "sweep"]


@dataclass(frozen=True)
class _Entry:
    """A run or a learning curve that was deleted or brought back."""

    kind: Kind
    id: str
    name: str


def show(run: Run, *, after_deletion: Callable[[], None]) -> None:
    """The popover with the menu of a run.

    Args:
        run: The run in focus.
        after_deletion: Called once the run is gone from the store, before the page is drawn anew.
    """
    _show(_Entry("run", run.id, run.name), after_deletion=after_deletion, help_delete="You can undo this.")


def show_sweep(sweep: Sweep, *, after_deletion: Callable[[], None]) -> None:
    """The popover with the menu of a learning curve; its runs stay when it is deleted.

    Args:
        sweep: The one that is shown.
        after_deletion: As of `show`.
    """
    _show(
        _Entry("sweep", sweep.id, sweep.name),
        after_deletion=after_deletion,
        help_delete="Its runs stay, and go on if they are going. You can undo this.",
    )


@errors_shown()
def show_undo() -> None:
    """What was deleted last in this browser, with a button that brings it back; nothing if there is none."""
    if _DELETED_KEY not in st.session_state:
        return
    deleted: _Entry = st.session_state[_DELETED_KEY]
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="run_undo_bar"):
        st.markdown(f"Deleted {escape(deleted.name)}.", width="stretch")
        if st.button("Undo", key="run_undo", icon=":material/undo:", type="primary"):
            _store_of(deleted).restore(deleted.id)
            st.session_state[_RESTORED_KEY] = deleted
            del st.session_state[_DELETED_KEY]
            st.rerun()
        if st.button("Close", key="run_undo_close", type="tertiary"):
            del st.session_state[_DELETED_KEY]
            st.rerun()


def take_restored(kind: Kind = "run") -> str | None:
    """The run, or the learning curve, that was brought back since this was last asked."""
    restored: _Entry | None = st.session_state.get(_RESTORED_KEY)
    if restored is None or restored.kind != kind:
        return None
    del st.session_state[_RESTORED_KEY]
    return restored.id


def _store_of(entry: _Entry) -> RunStore | SweepStore:
    return server.store() if entry.kind == "run" else server.store().sweeps


def _show(entry: _Entry, *, after_deletion: Callable[[], None], help_delete: str) -> None:
    key = entry.kind
    with st.popover("Rename or delete", icon=":material/more_horiz:", key=f"{key}_menu"), errors_shown():
        st.caption(escape(entry.name))
        name = st.text_input("Name", value=entry.name, key=f"{key}_name_{entry.id}", max_chars=100)
        if st.button("Rename", key=f"{key}_rename", icon=":material/edit:"):
            _store_of(entry).rename(entry.id, name)
            st.rerun()
        if st.button("Delete", key=f"{key}_delete", icon=":material/delete:", help=help_delete):
            _store_of(entry).delete(entry.id)
            st.session_state[_DELETED_KEY] = entry
            after_deletion()
            st.rerun()
