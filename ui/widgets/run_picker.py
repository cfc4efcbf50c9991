"""The lists of stored runs and of learning curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.store.run import Run, Sweep
from ui.app import server, url_state
from ui.app.url_state import RUNS, SWEEPS, Kind
from ui.text import local_time, unique_titles
from ui.widgets.status_badge import status_word


def show_earlier() -> None:
    """What was trained before: runs and, where there are any, learning curves; nothing in an empty store."""
    lists: list[tuple[str, Kind[Any], Sequence[Run] | Sequence[Sweep]]] = [
        ("Earlier runs", RUNS, server.store().list_runs()),
        ("Learning curves", SWEEPS, server.store().sweeps.all()),
    ]
    filled = [(label, kind, stored) for label, kind, stored in lists if stored]
    for column, (label, kind, stored) in zip(st.columns(max(1, len(filled))), filled, strict=False):
        with column:
            show(kind, stored, label=label, key=f"train_{kind.name}")


def show(kind: Kind[Any], stored: Sequence[Run] | Sequence[Sweep], *, label: str, key: str) -> None:
    """A list of stored runs or learning curves; choosing one shows it.

    Args:
        kind: Of those in the list.
        stored: At least one, the newest first.
        label: Above the widget.
        key: Of the widget.
    """
    titles = unique_titles({each.id: " · ".join(_facts(each)) for each in stored})
    current = kind.current_id() if kind is url_state.shown_kind() else None
    st.session_state[key] = current if current in titles else None
    st.selectbox(
        label,
        list(titles),
        format_func=titles.__getitem__,
        key=key,
        placeholder=f"Choose a {kind.noun}",
        on_change=_open_chosen,
        args=(kind, key),
    )


def _facts(stored: Run | Sweep) -> list[str]:
    facts = [stored.name, local_time(stored.created_at)]
    return [*facts, status_word(stored.status)] if isinstance(stored, Run) else facts


def _open_chosen(kind: Kind[Any], key: str) -> None:
    if st.session_state[key]:
        url_state.show(kind, st.session_state[key])
