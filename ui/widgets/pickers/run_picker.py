"""The lists of stored runs and of learning curves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import streamlit as st

from core.store.run import Run, Sweep
from ui.app import server, url_state
from ui.app.errors import errors_shown
from ui.app.url_state import RUNS, SWEEPS, Kind
from ui.text import local_time
from ui.widgets.pickers import choices

_WIDTH = 300


def show_earlier() -> None:
    """What was trained before: runs and, where there are any, learning curves; nothing in an empty store."""
    lists: list[tuple[str, Kind[Any], Sequence[Run] | Sequence[Sweep]]] = [
        ("Earlier runs", RUNS, server.store().list_runs()),
        ("Learning curves", SWEEPS, server.store().sweeps.all()),
    ]
    for label, kind, stored in lists:
        if stored:
            show(kind, stored, label=label, key=f"train_{kind.name}", label_visibility="collapsed", width=_WIDTH)


def show(kind: Kind[Any], stored: Sequence[Run] | Sequence[Sweep], *, label: str, key: str, **display: Any) -> None:
    """A list of stored runs or learning curves; choosing one shows it.

    Args:
        kind: Of those in the list.
        stored: At least one, the newest first.
        label: Above the widget.
        key: Of the widget.
        **display: Further arguments of `st.selectbox`.
    """
    titles = {each.id: title(each.name, each.created_at) for each in stored}
    current = kind.current_id() if kind is url_state.shown_kind() else None
    st.session_state[key] = current if current in titles else None
    choices.selectbox(
        label,
        titles,
        index=None,
        key=key,
        placeholder=f"Choose a {kind.noun}",
        on_change=partial(_open_chosen, kind),
        **display,
    )


def title(name: str, created_at: datetime) -> str:
    """What tells a run or a learning curve from the others in a list; nothing that changes while it runs."""
    return f"{name} · {local_time(created_at)}"


@errors_shown()
def _open_chosen(kind: Kind[Any], its_id: str | None) -> None:
    if its_id:
        url_state.show(kind, kind.get(its_id).id)  # somebody may have deleted it since the list was drawn
