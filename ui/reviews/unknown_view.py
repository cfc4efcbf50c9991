"""The words of a dataset that the static vectors know, and those that they do not know."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from core import plain_text, tokens
from core.data import word_statistics
from core.data.review_pool import ReviewPool
from core.data.word_statistics import Coverage
from core.disk_cache import cached_table
from core.experiment.config import ExperimentConfig
from core.formatting import percent
from ui.app import server
from ui.reviews import browse_view, charts, wording
from ui.reviews.dataset import content_key, show_facts
from ui.widgets.pickers import choices, row_picker

PACKAGED = ExperimentConfig().static
NUM_DRAWN = 25
NUM_LISTED = 500
_TABLE_HEIGHT = 600


def show(pool: ReviewPool) -> None:
    """The share of known tokens, and the most frequent unknown ones."""
    source = _static_source()
    coverage = _coverage(pool, source)
    tokens_known, types_known = (coverage.num_known_tokens, coverage.num_tokens), (coverage.num_known_types, coverage.num_types)
    facts = (
        ("Known words and signs", _percent(*tokens_known), wording.explain_known_tokens(*tokens_known)),
        ("Known, each counted once", _percent(*types_known), wording.explain_known_types(*types_known)),
    )
    show_facts(facts, key="coverage_facts", width=280)
    st.caption(wording.UNKNOWN_EXPLANATION)
    if coverage.unknown.empty:
        st.info(wording.ALL_KNOWN, icon=":material/info:")
        return
    listed = coverage.unknown.head(NUM_LISTED)
    words = listed["token"].tolist()
    listed = listed.assign(token=[_visible(word) for word in words])
    chart, table = st.columns([3, 2], gap="large")
    chart.altair_chart(charts.unknown_plot(listed.head(NUM_DRAWN)), key="unknown_chart")  # its description is the alt text
    with table:
        row_picker.choose(
            listed,
            words,
            key="unknown_table",
            on_change=_open_row,
            hide_index=True,
            height=_TABLE_HEIGHT,
            alt="The most frequent tokens that the static vectors do not know",
            column_config={
                "token": st.column_config.TextColumn("unknown"),
                "count": st.column_config.NumberColumn("occurrences", format="localized"),
            },
        )
        st.caption(wording.CHOOSE_A_ROW)


def _static_source() -> str:
    """The packaged vectors, or those of a stored run: they are already on this machine."""
    sources = sorted(set(server.store().overview()["static"]) - {PACKAGED})
    if not sources:
        return PACKAGED
    titles = {PACKAGED: "GloVe 6B, 50 numbers per word"} | {source: source for source in sources}
    chosen: str = choices.selectbox("Static vectors", titles, key="reviews_static", persist_state="session", width=420)
    return chosen


def _open_row(words: list[str]) -> None:
    if words:
        browse_view.search_for(words[0])


def _percent(part: int, whole: int) -> str:
    """Two decimals: 99.9 % known and 99.0 % known differ by a factor of ten in what is unknown."""
    return percent(part / whole, 2)


def _visible(token: str) -> str:
    """The token, with codes for invisible characters."""
    return token if token.isprintable() else token.encode("unicode_escape").decode()


@st.cache_resource(
    show_spinner=wording.LOOKING_UP,
    max_entries=8,
    hash_funcs={ReviewPool: content_key},
)
def _coverage(pool: ReviewPool, source: str) -> Coverage:
    from core.embedders.static import load_static  # noqa: PLC0415

    return word_statistics.measure_coverage(_token_counts(pool), load_static(source, server.settings()).known)


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs={ReviewPool: content_key})
def _token_counts(pool: ReviewPool) -> Counter[str]:
    def count() -> pd.DataFrame:
        counts = word_statistics.count_tokens(pool.texts)
        return pd.DataFrame({"token": list(counts), "count": list(counts.values())})

    table = cached_table(
        "tokens", count, parts=pool.texts, code=[plain_text, tokens, word_statistics], settings=server.settings()
    )
    return Counter(dict(zip(table["token"], table["count"].tolist(), strict=True)))
