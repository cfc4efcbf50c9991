"""What the models will not see of the chosen reviews, counted in the background: words without vectors, and what is cut."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import streamlit as st

from core.data.review_pool import ReviewPool
from core.embedders.loading import load_embedder
from core.embedders.static import static_key
from core.experiment.config import ExperimentConfig
from core.experiment.coverage import require_coverage
from core.settings import Settings
from ui.app import server
from ui.text import escape
from ui.train import wording
from ui.widgets import waiting

if TYPE_CHECKING:
    from core.embedders.static import StaticEmbedder

# Of the packaged vectors in the packaged reviews, so that nothing is loaded for what most people train; a test counts again.
PACKAGED_SHARES = {"imdb": 0.991, "rotten-tomatoes": 0.989}
PACKAGED_CUTS = {
    "imdb": {128: 0.84, 256: 0.36, 512: 0.11, 1024: 0.01},
    "rotten-tomatoes": dict.fromkeys((128, 256, 512, 1024), 0.0),
}


@dataclass(frozen=True)
class _Known:
    """Share of the words that are known, share of the reviews that are cut, and what was odd in the file of vectors."""

    share: float
    cut: float
    note: str = ""


def show(config: ExperimentConfig, pool: ReviewPool) -> None:
    """The shares of known words and of cut reviews, once counted; nothing on a cluster, whose workers have vectors of their own.

    Raises:
        UserError: The vectors cannot be read, or they know almost no word.
    """
    settings = server.settings()
    if settings.scheduler:
        return
    cuts = PACKAGED_CUTS.get(config.dataset, {}) if config.static == ExperimentConfig().static else {}
    if config.max_tokens in cuts:
        known = _Known(PACKAGED_SHARES[config.dataset], cuts[config.max_tokens])
    else:
        counting = _count(pool.digest, config.static, static_key(config.static), config.max_tokens, pool, config, settings)
        if not counting.done():
            waiting.rerun_when_done(counting, wording.COUNTING_KNOWN)
            return
        known = counting.result()
    st.caption(wording.form_coverage(known.share, known.cut), help=wording.coverage(config.static, known.share))
    if known.note:
        st.caption(escape(known.note))
    require_coverage(known.share, config)


@st.cache_resource(show_spinner=False)
def _counter() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="coverage")


@st.cache_resource(show_spinner=False, max_entries=32)
def _count(
    digest: str,  # noqa: ARG001  # this and the next two are the key
    static: str,  # noqa: ARG001
    key: str,  # noqa: ARG001
    max_tokens: int,
    _pool: ReviewPool,
    _config: ExperimentConfig,
    _settings: Settings,
) -> Future[_Known]:
    def count() -> _Known:
        from core.data.word_statistics import cut_share, known_share  # noqa: PLC0415  # loads NLTK

        vectors = cast("StaticEmbedder", load_embedder("static", _config, _settings))
        share = known_share(_pool.texts, vectors.known, max_tokens=max_tokens)
        return _Known(share, cut_share(_pool.texts, max_tokens), vectors.note)

    return _counter().submit(count)
