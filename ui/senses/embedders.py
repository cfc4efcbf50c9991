"""The embedders whose vectors the page compares, loaded in the background, and the vectors of a word."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import streamlit as st

from core.arrays import FloatArray
from core.embedders.base import Embedder
from core.embedders.loading import load_embedder
from core.experiment.config import ExperimentConfig
from core.senses.word_uses import Layer, WordUse, embed_uses
from core.settings import Settings
from ui.app import server
from ui.app.tensorflow_guard import spare_from_garbage_collection
from ui.senses import wording
from ui.widgets import waiting
from ui.widgets.pickers import choices

_BATCH_SIZE = 16  # about as many sentences as a lesson has

Sources = tuple[str, str]  # static vectors, ELMo


@dataclass(frozen=True)
class Embedders:
    """Both embedders of the page.

    Attributes:
        static: One vector per word.
        elmo: Three layers, concatenated.
    """

    static: Embedder
    elmo: Embedder


def choose_sources() -> Sources:
    """The packaged vectors, or those of any stored run that did not fail; no widget if there is no choice."""
    packaged = (ExperimentConfig().static, ExperimentConfig().elmo)
    others = {(run.config.static, run.config.elmo) for run in server.store().list_runs() if run.status != "failed"} - {packaged}
    if not others:
        return packaged
    titles = {(static, elmo): f"{static} and {elmo}" for static, elmo in [packaged, *sorted(others)]}
    return choices.selectbox(
        "Vectors", titles, key="senses_vectors", persist_state="session", width=420, help=wording.VECTORS_HELP
    )


def load(sources: Sources) -> Embedders | None:
    """Both embedders, as soon as they are loaded; None after a failure, which is then on the page."""
    static, elmo = sources
    now = server.provenance(ExperimentConfig(static=static, elmo=elmo)).vectors
    return waiting.wait_or_retry(_loading(sources, now), wording.LOADING, key="senses_load_again", forget=_loading.clear)


def vectors(uses: Sequence[WordUse], embedders: Embedders) -> dict[Layer, FloatArray]:
    """The word's vectors by layer, each float32 (num_uses, width); computed once."""
    key = tuple((use.tokens, use.position) for use in uses)
    return _vectors(key, embedders.static.fingerprint, embedders.elmo.fingerprint, _uses=uses, _embedders=embedders)


@st.cache_resource(show_spinner=False)
def _loader() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="senses")


@st.cache_resource(show_spinner=False, max_entries=2)
def _loading(sources: Sources, vectors: str) -> Future[Embedders]:  # noqa: ARG001 - another file under a name is loaded anew
    return _loader().submit(_load, sources, server.settings())


def _load(sources: Sources, settings: Settings) -> Embedders:
    """Runs in the loader's thread: no Streamlit, but the import that takes seconds."""
    from core.embedders.elmo import load_elmo  # noqa: PLC0415

    static_source, elmo_source = sources
    # Predictors share these static vectors. No run has all layers of ELMo at this batch size.
    static = load_embedder("static", ExperimentConfig(static=static_source), settings)
    elmo = load_elmo(elmo_source, settings, layer_mix="learned", batch_size=_BATCH_SIZE)
    spare_from_garbage_collection()
    return Embedders(static, elmo)


@st.cache_resource(show_spinner=False, max_entries=64)
def _vectors(
    key: tuple[tuple[tuple[str, ...], int], ...],  # noqa: ARG001  # with the fingerprints, what the vectors depend on
    static_fingerprint: str,  # noqa: ARG001
    elmo_fingerprint: str,  # noqa: ARG001
    *,
    _uses: Sequence[WordUse],
    _embedders: Embedders,
) -> dict[Layer, FloatArray]:
    return embed_uses(_uses, static=_embedders.static, elmo=_embedders.elmo)
