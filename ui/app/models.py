"""What trained models predict, loaded once per server: outcomes of a run, and predictors for any text."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, cast

import streamlit as st

from core.embedders.loading import load_embedder
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from ui.app import server, url_state
from ui.app.tensorflow_guard import keep_kernels, spare_from_garbage_collection

if TYPE_CHECKING:
    from core.analysis.outcomes import Outcomes
    from core.elmo.patching import LayerPatcher
    from core.embedders.base import Embedder
    from core.embedders.static import StaticEmbedder
    from core.predict.predictor import Predictor


def outcomes(run: Run) -> Outcomes:
    """What every head of a run predicted for every test review; loaded again when there are more results.

    Raises:
        UserError: No trial is finished in all arms, or the labels of the test reviews are lost.
    """
    return _outcomes(run.id, server.store().trials.num_results(run), run)


@st.cache_resource(show_spinner=False, max_entries=64)
def _outcomes(run_id: str, num_results: int, _run: Run) -> Outcomes:  # noqa: ARG001  # the first two are the key
    from core.analysis.outcomes import load_outcomes  # noqa: PLC0415

    return load_outcomes(_run, server.store(), server.settings())


def predictor(run: Run) -> Future[Predictor]:
    """The predictor of a run, loading in the background: a new one with every finished trial, and with other vectors."""
    return _predictor(run.id, server.store().trials.num_finished(run), server.provenance(run.config).vectors, run)


def layer_patcher(run: Run) -> Future[LayerPatcher | None]:
    """What lets the upper layer of a run's ELMo read on from other vectors, loading in the background; None if nothing does."""
    return _layer_patcher(run.config.elmo, run.config.arms, server.provenance(run.config).vectors, run)


def elmo_layers(run: Run) -> Future[Embedder]:
    """A run's ELMo with its three layers side by side, loading in the background; its predictor has loaded the module."""
    return _elmo_layers(run.config.elmo, server.provenance(run.config).vectors)


def static_vectors(run: Run) -> StaticEmbedder:
    """The static vectors of a run, whose predictor has loaded them."""
    return cast("StaticEmbedder", load_embedder("static", run.config, server.settings()))


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Load the models that Probe opens with, in the background, once per server."""
    if server.settings().warm_up and (run := url_state.shown_first(url_state.runs_with_models())):
        predictor(run)


def forget_predictors() -> None:
    """Load predictors again, after a failure that has been mended."""
    _predictor.clear()
    _layer_patcher.clear()
    _elmo_layers.clear()


@st.cache_resource(show_spinner=False)
def _loader() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="predictor")


@st.cache_resource(show_spinner=False, max_entries=8)
def _predictor(run_id: str, num_heads: int, vectors: str, _run: Run) -> Future[Predictor]:  # noqa: ARG001  # but for the run, its key
    loading = _loader().submit(_load_predictor, server.store(), server.settings(), _run)
    loading.add_done_callback(_warm_up_predictor)  # in the background; it can be used already
    return loading


@st.cache_resource(show_spinner=False, max_entries=2)
def _layer_patcher(elmo: str, arms: tuple[str, ...], vectors: str, _run: Run) -> Future[LayerPatcher | None]:  # noqa: ARG001  # its key
    return _loader().submit(_load_patcher, _run)


def _load_patcher(run: Run) -> LayerPatcher | None:
    """Runs in the loader's thread, after the predictor, which has imported what takes seconds."""
    from core.predict.transplant import find_patcher  # noqa: PLC0415

    loaded = find_patcher(run.config)
    spare_from_garbage_collection()
    return loaded


@st.cache_resource(show_spinner=False, max_entries=2)
def _elmo_layers(elmo: str, vectors: str) -> Future[Embedder]:  # noqa: ARG001  # another module under a name is loaded anew
    return _loader().submit(_load_elmo_layers, elmo, server.settings())


def _load_elmo_layers(elmo: str, its_settings: Settings) -> Embedder:
    from core.embedders.elmo import load_elmo  # noqa: PLC0415

    return load_elmo(elmo, its_settings, layer_mix="learned", batch_size=1)


def _load_predictor(run_store: RunStore, its_settings: Settings, run: Run) -> Predictor:
    """Runs in the loader's thread: no Streamlit, and the imports that take seconds."""
    from core.predict.predictor import load_predictor  # noqa: PLC0415

    loaded = load_predictor(run, run_store, its_settings)
    keep_kernels()
    spare_from_garbage_collection()
    return loaded


def _warm_up_predictor(loading: Future[Predictor]) -> None:
    if not loading.cancelled() and not loading.exception():
        with suppress(RuntimeError):  # the server is stopped meanwhile
            loading.result().warm_up()
