"""The run or learning curve that a visitor looks at: in the URL, and remembered from page to page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.store.run import Run, Sweep
from ui.app import server

if TYPE_CHECKING:
    pass

RUN_PARAMETER = "run"  # of the URL: a link to a run works in any browser


SWEEP_PARAMETER = "sweep"


_RUN_KEY = "current_run_id"


_SWEEP_KEY = "current_sweep_id"


def current_run_id() -> str | None:
    """The run in the URL, or the one last looked at; whether the store has it is another question."""
    return st.query_params.get(RUN_PARAMETER) or st.session_state.get(_RUN_KEY)


def current_run() -> Run | None:
    """The run in the URL, or the one last looked at, which then goes into the URL; None before any.

    Raises:
        UserError: The store has no such run.
    """
    run_id = current_run_id()
    if not run_id:
        return None
    try:
        run = server.store().get_run(run_id)
    except UserError:
        close_run()
        raise
    open_run(run.id)
    return run


def open_newest(runs: Sequence[Run]) -> Run | None:
    """Make the first of some runs, the newest first, the current one; None if there is none."""
    if not runs:
        return None
    open_run(runs[0].id)
    return runs[0]


def runs_with_models() -> list[Run]:
    """Stored runs with models that work: a finished trial, and the vectors it was trained on; the newest first."""
    overview = server.store().overview()
    with_models = set(overview.loc[overview["num_pairs"] > 0, "id"])
    return [run for run in server.store().list_runs() if run.id in with_models and run.has_installed_vectors]


def open_run(run_id: str) -> None:
    """Make a run the one that the pages show."""
    st.session_state[_RUN_KEY] = run_id
    if st.query_params.get(RUN_PARAMETER) != run_id:
        st.query_params[RUN_PARAMETER] = run_id


def close_run() -> None:
    """Show no run."""
    st.session_state.pop(_RUN_KEY, None)
    st.query_params.pop(RUN_PARAMETER, None)


def start_run(config: ExperimentConfig) -> None:
    """Start a run, or open the one that does exactly this already, and show it.

    Raises:
        UserError: The config cannot be run, or the store cannot be written.
    """
    open_run(server.engine().submit(config))
    close_sweep()
    st.rerun()


def start_sweep(config: ExperimentConfig, train_sizes: Sequence[int]) -> None:
    """Start a run per training size, or open the sweep that does exactly this already, and show it.

    Raises:
        UserError: A size cannot be trained, or the store cannot be written.
    """
    open_sweep(server.engine().submit_sweep(config, train_sizes))
    st.rerun()


def current_sweep_id() -> str | None:
    """The sweep in the URL, or the one last looked at unless a run stands there; whether the store has it is another question."""
    remembered = None if RUN_PARAMETER in st.query_params else st.session_state.get(_SWEEP_KEY)
    return st.query_params.get(SWEEP_PARAMETER) or remembered


def current_sweep() -> Sweep | None:
    """The sweep that the Train page shows, which then stands in the URL; None if it shows none.

    Raises:
        UserError: The store has no such sweep.
    """
    sweep_id = current_sweep_id()
    if not sweep_id:
        return None
    try:
        sweep = server.store().sweeps.get(sweep_id)
    except UserError:
        close_sweep()
        raise
    open_sweep(sweep.id)
    return sweep


def open_sweep(sweep_id: str) -> None:
    """Make a sweep what the Train page shows, instead of a run."""
    st.session_state[_SWEEP_KEY] = sweep_id
    st.query_params.pop(RUN_PARAMETER, None)
    if st.query_params.get(SWEEP_PARAMETER) != sweep_id:
        st.query_params[SWEEP_PARAMETER] = sweep_id


def close_sweep() -> None:
    """Show no sweep."""
    st.session_state.pop(_SWEEP_KEY, None)
    st.query_params.pop(SWEEP_PARAMETER, None)
