"""The lists of stored runs and of learning curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from core.store.run import Run, Sweep
from ui.app import server, url_state
from ui.text import local_time, told_apart


def show_earlier() -> None:
    """What was trained before: runs and, where there are any, learning curves; nothing in an empty store."""
    runs, sweeps = server.store().list_runs(), server.store().sweeps.all()
    if not runs:
        return
    if not sweeps:
        run_picker(runs=runs, label="Earlier runs", key="train_run")
        return
    left, right = st.columns(2)
    with left:
        run_picker(runs=runs, label="Earlier runs", key="train_run")
    with right:
        sweep_picker(sweeps=sweeps, label="Learning curves", key="train_sweep")


def run_picker(*, runs: list[Run], label: str, key: str) -> None:
    """A list of stored runs; choosing one makes it the current run.

    Args:
        runs: At least one, the newest first.
        label: Above the widget.
        key: Of the widget.
    """
    titles = told_apart({run.id: f"{run.name} · {local_time(run.created_at)} · {_state(run)}" for run in runs})
    current = None if url_state.current_sweep_id() else url_state.current_run_id()
    _choose(titles, current, label=label, key=key, placeholder="Choose a run", on_change=_open_chosen)


def sweep_picker(*, sweeps: list[Sweep], label: str, key: str) -> None:
    """A list of sweeps; choosing one shows it.

    Args:
        sweeps: At least one, the newest first.
        label: Above the widget.
        key: Of the widget.
    """
    titles = told_apart({sweep.id: f"{sweep.name} · {local_time(sweep.created_at)}" for sweep in sweeps})
    current = url_state.current_sweep_id()
    _choose(titles, current, label=label, key=key, placeholder="Choose a learning curve", on_change=_open_chosen_sweep)


def _choose(
    titles: Mapping[str, str], current: str | None, *, label: str, key: str, placeholder: str, on_change: Callable[[str], None]
) -> None:
    """One of some ids by its title; `current` is chosen already if it is among them."""
    st.session_state[key] = current if current in titles else None
    st.selectbox(
        label,
        list(titles),
        format_func=titles.__getitem__,
        key=key,
        placeholder=placeholder,
        on_change=on_change,
        args=(key,),
    )


def _state(run: Run) -> str:
    return "going on" if run.is_active else run.status


def _open_chosen(key: str) -> None:
    if st.session_state[key]:
        url_state.open_run(st.session_state[key])
        url_state.close_sweep()


def _open_chosen_sweep(key: str) -> None:
    if st.session_state[key]:
        url_state.open_sweep(st.session_state[key])
