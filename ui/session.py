"""What pages share: one store and one engine per server, one current run per visitor, one predictor per run."""

from __future__ import annotations

import gc
import importlib
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.embedders.loading import load_embedder
from core.errors import UserError
from core.experiment import ExperimentConfig
from core.probes import ProbeStore
from core.records import Run, Sweep
from core.runs import RunStore
from core.settings import Settings, read_settings

if TYPE_CHECKING:
    from core.embedders.static import StaticEmbedder
    from core.engine import Engine
    from core.outcomes import Outcomes
    from core.predictor import Predictor

RUN_PARAMETER = "run"  # of the URL: a link to a run works in any browser
SWEEP_PARAMETER = "sweep"
_RUN_KEY = "current_run_id"
_SWEEP_KEY = "current_sweep_id"


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The settings of this installation."""
    return read_settings()


@st.cache_resource(show_spinner=False)
def store() -> RunStore:
    """The run store of this server."""
    return RunStore(settings().store_url)


@st.cache_resource(show_spinner=False)
def probes() -> ProbeStore:
    """The history of the Probe page on this server, beside the runs."""
    store()  # makes the tables that the history names runs by
    return ProbeStore(settings().store_url)


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The engine of this server."""
    from core.engine import Engine  # noqa: PLC0415  # Dask takes longer to import than the whole page

    _spare_from_garbage_collection()
    return Engine(settings(), store())


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Start the workers and import what other pages need, in the background, once per server."""
    if settings().warm_up:
        engine().warm()
        threading.Thread(target=_import_for_other_pages, name="imports", daemon=True).start()


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
    """Stored runs with models that work: a finished trial, and the vectors it was trained on; the newest first."""
    overview = store().overview()
    with_models = set(overview.loc[overview["num_pairs"] > 0, "id"])
    return [run for run in store().list_runs() if run.id in with_models and run.has_installed_vectors]


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
    close_sweep()
    st.rerun()


def start_sweep(config: ExperimentConfig, train_sizes: Sequence[int]) -> None:
    """Start a run per training size, or open the sweep that does exactly this already, and show it.

    Raises:
        UserError: A size cannot be trained, or the store cannot be written.
    """
    open_sweep(engine().submit_sweep(config, train_sizes))
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
        sweep = store().sweeps.get(sweep_id)
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


def local_time(moment: datetime) -> str:
    """A moment on the clock of whoever looks at the page."""
    try:
        zone = ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return moment.astimezone(zone).strftime("%d %b %H:%M")


def outcomes(run: Run) -> Outcomes:
    """What every head of a run said about every test review; loaded once, and anew when the run has more finished pairs.

    Raises:
        UserError: No trial is finished in all arms, or nobody knows the labels of the test reviews any more.
    """
    return _outcomes(run.id, num_pairs=len(store().results.trials(run.id)))


@st.cache_resource(show_spinner=False, max_entries=64)
def _outcomes(run_id: str, num_pairs: int) -> Outcomes:  # noqa: ARG001  # num_pairs is part of the key
    from core.outcomes import load_outcomes  # noqa: PLC0415

    return load_outcomes(store().get_run(run_id), store(), settings())


def predictor(run: Run) -> Future[Predictor]:
    """The predictor of a run, loading in the background; a run that goes on gets a new one with every finished trial."""
    return _predictor(run.id, num_heads=int(store().results.accuracies(run.id).count().sum()))


def static_vectors(run: Run) -> StaticEmbedder:
    """The static vectors of a run, whose predictor has loaded them."""
    return cast("StaticEmbedder", load_embedder("static", run.config, settings()))


def forget_predictors() -> None:
    """Load predictors anew, after a failure that somebody mended."""
    _predictor.clear()


@st.cache_resource(show_spinner=False)
def _loader() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="predictor")


@st.cache_resource(show_spinner=False, max_entries=8)
def _predictor(run_id: str, num_heads: int) -> Future[Predictor]:  # noqa: ARG001  # num_heads is part of the key
    loading = _loader().submit(_load_predictor, store(), settings(), run_id)
    loading.add_done_callback(_warm_up_predictor)  # in the background, when somebody can use it already
    return loading


def _load_predictor(run_store: RunStore, its_settings: Settings, run_id: str) -> Predictor:
    """Runs in the loader's thread: no Streamlit, and the imports that take seconds."""
    from core.predictor import load_predictor  # noqa: PLC0415

    loaded = load_predictor(run_store.get_run(run_id), run_store, its_settings)
    _keep_kernels()
    _spare_from_garbage_collection()
    return loaded


def _warm_up_predictor(loading: Future[Predictor]) -> None:
    if not loading.cancelled() and not loading.exception():
        with suppress(RuntimeError):  # the server is stopped meanwhile
            loading.result().warm_up()


def _keep_kernels() -> None:
    """Keep what TensorFlow has made ready for the next prediction.

    Streamlit clears Keras's session after every rerun, and TensorFlow's kernels with it; the next prediction would take 150 ms
    longer. Nothing in this process uses Keras; it only comes with TensorFlow.
    """
    if keras := sys.modules.get("keras"):
        keras.backend.clear_session = lambda: None


def _import_for_other_pages() -> None:
    """Runs in a thread of its own: what charts, statistics and tokens stand on takes two seconds."""
    for module in ("ui.compare.pair_view", "ui.compare.reviews_view", "ui.compare.quality_view", "nltk.tokenize.treebank"):
        importlib.import_module(module)
    _spare_from_garbage_collection()


def _spare_from_garbage_collection() -> None:
    """Take everything that exists now out of later searches for garbage.

    Streamlit collects garbage after every rerun, and once more by way of Keras where that is imported; looking through all of
    TensorFlow takes half a second each time.
    """
    gc.collect()
    gc.freeze()
