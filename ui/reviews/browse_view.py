"""Every review of a dataset, ten at a time, searched and sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.review_pool import ReviewPool
from core.data.search import Order, Split, find_matches
from ui.app.errors import errors_shown
from ui.app.url_state import RUN_PARAMETER, RUNS
from ui.reviews import dataset
from ui.reviews.dataset import PAGE, show_first_page
from ui.text import count
from ui.widgets.highlight import Span, excerpt_span, marked_html

VIEW, TITLE = "reviews_view", "Browse"  # key of the widget that chooses a view, and what it calls this one
PAGE_SIZE = 10
MOST_SENT_UNASKED = 50_000  # characters of a review; a longer one is sent when somebody wants to read it
MOST_MARKED = 1000  # hits in a whole review: a browser takes minutes for hundreds of thousands
SEARCH, WHOLE_WORDS, LABEL, SPLIT, ORDER = (f"reviews_{name}" for name in ("search", "whole_words", "label", "split", "order"))
LABELS: dict[str, int | None] = {"All": None, "Negative": 0, "Positive": 1}
SPLITS: dict[str, Split | None] = {"All": None, "Training": "train", "Test": "test"}
ORDERS: dict[str, Order] = {"Mixed": "mixed", "Shortest first": "shortest", "Longest first": "longest"}
BADGES: tuple[tuple[str, str, Literal["red", "green"]], ...] = (
    ("negative", ":material/thumb_down:", "red"),
    ("positive", ":material/thumb_up:", "green"),
)


@st.fragment
@errors_shown()
def show(pool: ReviewPool) -> None:
    """Filters, the number of reviews that fit, and one page of them."""
    query, whole_words, label, split, order = _filters()
    its = dataset.index(pool)
    found = its.find(query, whole_words=whole_words, label=LABELS[label], split=SPLITS[split], order=ORDERS[order])
    if not len(found):
        st.info("No review fits. Search for fewer words, or choose All above.", icon=":material/search_off:")
        return
    num_positive = int(its.labels[found].sum())
    st.markdown(
        f"**{len(found):,}** of {count(len(pool.ids), 'review')}: "
        f"{len(found) - num_positive:,} negative, {num_positive:,} positive"
    )
    num_pages = -(-len(found) // PAGE_SIZE)
    cards = st.container(key="review_cards")
    page = st.pagination(num_pages, key=PAGE, bind="query-params") if num_pages > 1 else 1
    with cards:
        for position in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE].tolist():
            _show_card(pool, position, query, whole_words=whole_words)


def search_for(word: str, *, split: str = "All") -> None:
    """Show the reviews with this word, of both labels; for callbacks, before the page runs again.

    Args:
        word: A whole word.
        split: A title of `SPLITS`.
    """
    st.session_state.update({VIEW: TITLE, SEARCH: word, WHOLE_WORDS: True, LABEL: "All", SPLIT: split})
    show_first_page()


def _filters() -> tuple[str, bool, str, str, str]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="review_search_row"):
        query = st.text_input(
            "Search",
            key=SEARCH,
            type="search",
            live="300ms",
            max_chars=200,
            placeholder="Words as they stand in the reviews, such as: not bad",
            bind="query-params",
            on_change=show_first_page,
            width=420,
        )
        whole_words = st.checkbox(
            "Whole words",
            key=WHOLE_WORDS,
            bind="query-params",
            on_change=show_first_page,
            help="Then bad does not find badly.",
        )
    with st.container(horizontal=True, vertical_alignment="bottom", key="review_filter_row"):
        label = _choice("Label", LABEL, list(LABELS))
        split = _choice("Part", SPLIT, list(SPLITS))
        order = st.selectbox("Order", list(ORDERS), key=ORDER, bind="query-params", on_change=show_first_page, width=180)
    return query or "", whole_words, label, split, order


def _choice(title: str, key: str, options: list[str]) -> str:
    chosen: str = st.segmented_control(
        title, options, default=options[0], required=True, key=key, bind="query-params", on_change=show_first_page, wrap=True
    )
    return chosen


def _show_card(pool: ReviewPool, position: int, query: str, *, whole_words: bool) -> None:
    text, review_id = pool.texts[position], pool.ids[position]
    its = dataset.index(pool)
    hits = find_matches(text, query, whole_words=whole_words)
    label, icon, colour = BADGES[int(pool.labels[position])]
    with st.container(border=True, key=f"review_{review_id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(label, icon=icon, color=colour, width="content")
            part = "test" if its.is_test[position] else "training"
            st.caption(f"{part} · {count(int(its.num_words[position]), 'word')}", width="stretch")
            if st.button("Open in Probe", key=f"probe_{review_id}", icon=":material/chat:", type="tertiary"):
                _open_in_probe(text)
        span = excerpt_span(text, hits)
        st.html(marked_html(text, hits, span))
        if span != (0, len(text)):
            is_long = len(text) > MOST_SENT_UNASKED
            whole = st.expander(
                "Read all of it", key=f"all_{review_id}", type="compact", on_change="rerun" if is_long else "ignore"
            )
            if whole.open or not is_long:
                _show_whole(whole, text, hits)


def _show_whole(whole: DeltaGenerator, text: str, hits: Sequence[Span]) -> None:
    whole.html(marked_html(text, hits[:MOST_MARKED]))
    if len(hits) > MOST_MARKED:
        whole.caption(f"The first {MOST_MARKED:,} of {len(hits):,} places are marked.")


def _open_in_probe(text: str) -> None:
    run = RUNS.current()
    st.switch_page("pages/probe.py", query_params={"text": text} | ({RUN_PARAMETER: run.id} if run else {}))
