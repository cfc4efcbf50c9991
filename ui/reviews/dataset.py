"""Which dataset the page shows; adding one and deleting it again."""

from __future__ import annotations

import streamlit as st

from core.data import datasets
from core.data.review_pool import ReviewPool
from core.data.search import ReviewIndex
from core.errors import UserError
from core.experiment.config import DATASET_TITLES
from core.formatting import percent
from ui.app import server
from ui.app.errors import errors_shown, show_error
from ui.text import escape
from ui.widgets import undo_bar, upload_dialog

# Keys of widgets and, as Streamlit binds them, parameters of the URL.
CHOSEN = "reviews_data"
PAGE = "reviews_page"


def choose() -> ReviewPool:
    """Widgets for the dataset; loads it.

    Raises:
        UserError: Its file is missing or damaged.
    """
    names = datasets.list_datasets(server.settings())
    if added := upload_dialog.take_added():
        st.session_state[CHOSEN] = added
        show_first_page()
    _say_if_unknown([_title(name) for name in names])
    with st.container(horizontal=True, vertical_alignment="bottom", key="dataset_row"):
        name: str = st.selectbox(
            "Reviews",
            names,
            format_func=_title,
            key=CHOSEN,
            bind="query-params",
            on_change=show_first_page,
            width=320,
            help="Every dataset is split once and for all: four fifths to train on, one fifth to test on.",
        )
        if st.button("Use your own reviews (CSV)", icon=":material/upload_file:", key="open_upload"):
            upload_dialog.dialog()
        if name not in datasets.BUILT_IN:
            with st.popover("Delete", icon=":material/delete:", key="dataset_menu"):
                _show_deletion(name)
    undo_bar.show("dataset", _restore)
    return datasets.load_pool(name, server.settings())


def show_first_page() -> None:
    """Of the reviews that fit; for callbacks of everything that changes which those are."""
    st.session_state[PAGE] = 1


def show_summary(pool: ReviewPool) -> None:
    """The numbers that everybody asks for first."""
    its = index(pool)
    num_reviews = len(pool.ids)
    facts = (
        ("Reviews", f"{num_reviews:,}", None),
        ("To train on", f"{len(pool.train):,}", "Trials draw their reviews from these."),
        ("To test on", f"{len(pool.test):,}", "Nothing ever learns from these."),
        ("Positive", percent(float(its.labels.mean()), 0), "The rest is negative."),
        ("Usual length", f"{its.median_length:,.0f}", "In words: half of the reviews are shorter, half are longer."),
    )
    with st.container(horizontal=True, gap="small", key="dataset_facts"):
        for label, value, note in facts:
            st.metric(label, value, border=True, help=note, width=165)
    if left_out := upload_dialog.left_out(pool):
        st.caption(left_out)


def index(pool: ReviewPool) -> ReviewIndex:
    """The reviews of a pool as columns, built once per server."""
    return _index(pool)


def content_key(pool: ReviewPool) -> tuple[str, int, int]:
    """What Streamlit's caches know a pool by: another text or label gives another key."""
    return pool.name, hash(pool.ids), hash(pool.labels.tobytes())


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs={ReviewPool: content_key})
def _index(pool: ReviewPool) -> ReviewIndex:
    return ReviewIndex(pool)


def _title(name: str) -> str:
    return DATASET_TITLES.get(name, name)


def _say_if_unknown(titles: list[str]) -> None:
    """A link to a dataset that is gone: Streamlit would show the first one without a word."""
    asked = st.query_params.get(CHOSEN)
    if asked and CHOSEN not in st.session_state and asked not in titles:
        show_error(UserError(f'There is no dataset "{asked}"; choose one of {", ".join(titles)}.'))


@errors_shown()
def _show_deletion(name: str) -> None:
    st.markdown(f"Runs that used **{escape(name)}** keep their results, but cannot be resumed without it.")
    st.button(
        "Delete these reviews",
        key="delete_dataset",
        icon=":material/delete:",
        on_click=_delete,
        args=(name,),
        help="You can undo this for a day.",
    )


@errors_shown()
def _delete(name: str) -> None:
    datasets.delete_dataset(name, server.settings())
    st.session_state[CHOSEN] = datasets.BUILT_IN[0]
    show_first_page()
    undo_bar.offer("dataset", name, name)


def _restore(name: str) -> None:
    datasets.restore_dataset(name, server.settings())
    st.session_state[CHOSEN] = name
    show_first_page()
