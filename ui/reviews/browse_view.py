"""All reviews of a dataset, ten at a time, searched and sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.review_pool import ReviewPool
from core.data.search import Order, Split, find_matches
from ui.app.errors import errors_shown
from ui.app.navigation import probe_parameters
from ui.reviews import dataset, wording
from ui.reviews.dataset import PAGE, show_first_page
from ui.text import count
from ui.widgets.highlight import Span, excerpt_span, marked_html

VIEW = "reviews_view"  # key of the widget that chooses a view
PAGE_SIZE = 10
MAX_SENT_CHARS = 50_000  # of a review; a longer one is sent when somebody opens it
MAX_MARKED = 1000  # hits in a whole review: a browser takes minutes for hundreds of thousands
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
    """Filters, the number of matching reviews, and one page of them."""
    query, whole_words, label, split, order = _filters()
    index = dataset.review_index(pool)
    found = index.find(query, whole_words=whole_words, label=LABELS[label], split=SPLITS[split], order=ORDERS[order])
    if not len(found):
        st.info(wording.NOTHING_FOUND, icon=":material/search_off:")
        return
    st.markdown(wording.describe_found(len(found), int(index.labels[found].sum()), len(pool.ids)))
    num_pages = -(-len(found) // PAGE_SIZE)
    cards = st.container(key="review_cards")
    page = st.pagination(num_pages, key=PAGE, bind="query-params") if num_pages > 1 else 1
    with cards:
        for position in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE].tolist():
            _show_card(pool, position, query, whole_words=whole_words)


def search_for(word: str, *, split: str = "All") -> None:
    """Show the reviews of both labels that use a word; for callbacks.

    Args:
        word: A whole word.
        split: A title of `SPLITS`.
    """
    st.session_state.update({VIEW: wording.BROWSE, SEARCH: word, WHOLE_WORDS: True, LABEL: "All", SPLIT: split})
    show_first_page()


def _filters() -> tuple[str, bool, str, str, str]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="review_search_row"):
        query = st.text_input(
            "Search",
            key=SEARCH,
            type="search",
            live="300ms",
            max_chars=200,
            placeholder=wording.SEARCH_PLACEHOLDER,
            bind="query-params",
            on_change=show_first_page,
            width=420,
        )
        whole_words = st.checkbox(
            "Whole words",
            key=WHOLE_WORDS,
            bind="query-params",
            on_change=show_first_page,
            help=wording.WHOLE_WORDS_HELP,
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
    index = dataset.review_index(pool)
    hits = find_matches(text, query, whole_words=whole_words)
    label, icon, colour = BADGES[int(pool.labels[position])]
    with st.container(border=True, key=f"review_{review_id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(label, icon=icon, color=colour, width="content")
            part = "test" if index.is_test[position] else "training"
            st.caption(f"{part} · {count(int(index.num_words[position]), 'word')}", width="stretch")
            if st.button("Try it", key=f"probe_{review_id}", icon=":material/chat:", type="tertiary"):
                _open_in_probe(text)
        span = excerpt_span(text, hits)
        st.html(marked_html(text, hits, span))
        if span != (0, len(text)):
            is_long = len(text) > MAX_SENT_CHARS
            whole = st.expander(
                "Read the whole review", key=f"all_{review_id}", type="compact", on_change="rerun" if is_long else "ignore"
            )
            if whole.open or not is_long:
                _show_whole(whole, text, hits)


def _show_whole(whole: DeltaGenerator, text: str, hits: Sequence[Span]) -> None:
    whole.html(marked_html(text, hits[:MAX_MARKED]))
    if len(hits) > MAX_MARKED:
        whole.caption(wording.marks_left_out(MAX_MARKED, len(hits)))


def _open_in_probe(text: str) -> None:
    st.switch_page("pages/probe.py", query_params=probe_parameters(text))
