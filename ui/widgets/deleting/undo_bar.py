"""The bar that takes deletions back at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from core.experiment.provenance import listed
from ui.app.errors import errors_shown
from ui.text import escape
from ui.widgets.deleting.deletable import Deletable

_MAX_NAMED = 3


class _Deletion(NamedTuple):
    """What was deleted at once: in words, of which kind, and its ids."""

    title: str
    noun: str
    ids: Sequence[str]


def offer(key: str, title: str, noun: str, ids: Sequence[str]) -> None:
    """Remember a deletion in this browser, after those before.

    Args:
        key: Of the bar.
        title: What was deleted, as the bar says it; shown as it is.
        noun: That of its `Deletable`.
        ids: What its `Deletable` restores.
    """
    st.session_state[_state_key(key)] = [*_deletions(key), _Deletion(title, noun, ids)]


@errors_shown()
def show(key: str, kinds: Sequence[Deletable]) -> None:
    """What was deleted in this browser since the bar was closed, with a button that brings all of it back.

    Nothing is shown where nothing was deleted, or where it has been restored already.

    Args:
        key: Prefix of the keys.
        kinds: What the bar brings back.
    """
    waiting = _waiting(key, kinds)
    if not waiting:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"{key}_undo_bar"):
        st.markdown(f"Deleted {_titles([deletion.title for deletion, _ in waiting])}.", width="stretch")
        st.button("Undo", key=f"{key}_undo", icon=":material/undo:", type="primary", on_click=_undo, args=(key, kinds))
        st.button("Close", key=f"{key}_undo_close", type="tertiary", on_click=_forget, args=(key,))


def _waiting(key: str, kinds: Sequence[Deletable]) -> list[tuple[_Deletion, Deletable]]:
    """The deletions that can be taken back, the first one first."""
    waiting = []
    for deletion in _deletions(key):
        for kind in kinds:
            if kind.noun == deletion.noun and {deleted.id for deleted in kind.find()} & set(deletion.ids):
                waiting.append((deletion, kind))
    return waiting


def _titles(titles: Sequence[str]) -> str:
    """What was deleted, the last first."""
    named = [escape(title) for title in reversed(titles[-_MAX_NAMED:])]
    num_more = len(titles) - len(named)
    return listed([*named, *([f"{num_more} more"] if num_more else [])])


def _undo(key: str, kinds: Sequence[Deletable]) -> None:
    waiting = _waiting(key, kinds)
    _forget(key)
    for deletion, kind in waiting:
        with errors_shown():  # of each: what can be restored comes back
            kind.restore(deletion.ids)


def _forget(key: str) -> None:
    st.session_state.pop(_state_key(key), None)


def _deletions(key: str) -> list[_Deletion]:
    deletions: list[_Deletion] = st.session_state.get(_state_key(key), [])
    return deletions


def _state_key(key: str) -> str:
    return f"{key}_deletions"
