"""What pages share: one store and one engine per server, one current run per visitor, one predictor per run."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.errors import UserError
from core.experiment import ExperimentConfig
from core.runs import Run, RunStore
from core.settings import Settings

if TYPE_CHECKING:
    from core.engine import Engine
    from core.predictor import Predictor

RUN_PARAMETER = "run"  # of the URL: a link to a run works in any browser
_RUN_KEY = "current_run_id"


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The settings of this installation."""
    return Settings()


@st.cache_resource(show_spinner=False)
def store() -> RunStore:
    """The run store of this server."""
    return RunStore(settings().store_url)


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The engine of this server."""
    from core.engine import Engine  # noqa: PLC0415  # Dask takes longer to import than the whole page

    _spare_from_garbage_collection()
    return Engine(settings(), store())


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Start the workers in the background, once per server."""
    if settings().warm_up:
        engine().warm()


def current_run() -> Run | None:
    """The run in the URL, or the one last looked at, which then goes into the URL; None before any.

    Raises:
        UserError: The store has no such run.
    """
    run_id = st.query_params.get(RUN_PARAMETER) or st.session_state.get(_RUN_KEY)
    if not run_id:
        return None
    try:
        run = store().get_run(run_id)
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
    """Stored runs with at least one finished trial, the newest first."""
    return [run for run in store().list_runs() if not store().accuracies(run.id).empty]


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
    open_run(engine().submit(config))
    st.rerun()


def local_time(moment: datetime) -> str:
    """A moment on the clock of whoever looks at the page."""
    try:
        zone = ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return moment.astimezone(zone).strftime("%d %b %H:%M")


def predictor(run: Run) -> Future[Predictor]:
    """The predictor of a run, loading in the background; a run that goes on gets a new one with every finished trial."""
    return _predictor(run.id, num_heads=int(store().accuracies(run.id).count().sum()))


def forget_predictors() -> None:
    """Load predictors anew, after a failure that somebody mended."""
    _predictor.clear()


@st.cache_resource(show_spinner=False)
def _loader() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="predictor")


@st.cache_resource(show_spinner=False, max_entries=8)
def _predictor(run_id: str, num_heads: int) -> Future[Predictor]:  # noqa: ARG001  # num_heads is part of the key
    return _loader().submit(_load_predictor, store(), settings(), run_id)


def _load_predictor(run_store: RunStore, its_settings: Settings, run_id: str) -> Predictor:
    """Runs in the loader's thread: no Streamlit, and the imports that take seconds."""
    from core.predictor import Predictor  # noqa: PLC0415
    from core.tasks import load_embedders  # noqa: PLC0415

    config = run_store.get_run(run_id).config
    loaded = Predictor(config, run_store.heads(run_id), load_embedders(config, its_settings, batch_size=1))
    _spare_from_garbage_collection()
    return loaded


def _spare_from_garbage_collection() -> None:
    """Take everything that exists now out of later searches for garbage.

    Streamlit collects garbage after every rerun, and once more by way of Keras where that is imported; looking through all of
    TensorFlow takes half a second each time.
    """
    gc.collect()
    gc.freeze()
