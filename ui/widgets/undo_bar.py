"""The bar that takes a deletion back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from ui.app.errors import errors_shown
from ui.text import escape


class _Deletion(NamedTuple):
    """What was deleted last: in words, and as the caller restores it."""

    title: str
    item: Any


def offer(key: str, title: str, item: Any) -> None:
    """Remember a deletion in this browser, in place of the one before.

    Args:
        key: Of the bar.
        title: What was deleted, as the bar says it; shown as it is.
        item: What `show` hands to its `restore`.
    """
    st.session_state[_state_key(key)] = _Deletion(title, item)


@errors_shown()
def show(key: str, restore: Callable[[Any], object]) -> None:
    """What was deleted last, with a button that brings it back; nothing if there is none.

    Args:
        key: Prefix of the keys.
        restore: Called with the item before the page runs again.
    """
    deletion: _Deletion | None = st.session_state.get(_state_key(key))
    if deletion is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"{key}_undo_bar"):
        st.markdown(f"Deleted {escape(deletion.title)}.", width="stretch")
        st.button(
            "Undo", key=f"{key}_undo", icon=":material/undo:", type="primary", on_click=_undo, args=(key, deletion.item, restore)
        )
        st.button("Close", key=f"{key}_undo_close", type="tertiary", on_click=_forget, args=(key,))


@errors_shown()
def _undo(key: str, item: Any, restore: Callable[[Any], object]) -> None:
    restore(item)
    _forget(key)


def _forget(key: str) -> None:
    del st.session_state[_state_key(key)]


def _state_key(key: str) -> str:
    return f"{key}_deletion"
