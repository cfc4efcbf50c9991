"""The list of stored runs."""

from __future__ import annotations

import streamlit as st

from core.runs import Run
from ui import session


def run_picker(*, runs: list[Run], label: str, key: str) -> None:
    """A list of stored runs; choosing one makes it the current run.

    Args:
        runs: At least one, the newest first.
        label: Above the widget.
        key: Of the widget.
    """
    titles = {run.id: f"{run.name} · {session.local_time(run.created_at)} · {_state(run)}" for run in runs}
    current = st.query_params.get(session.RUN_PARAMETER)
    st.session_state[key] = current if current in titles else None
    st.selectbox(
        label,
        list(titles),
        format_func=titles.__getitem__,
        key=key,
        placeholder="Choose a run",
        on_change=_open_chosen,
        args=(key,),
    )


def _state(run: Run) -> str:
    return "going on" if run.is_active else run.status


def _open_chosen(key: str) -> None:
    if st.session_state[key]:
        session.open_run(st.session_state[key])
