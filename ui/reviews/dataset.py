"""The dataset that the page shows: choosing, adding and deleting it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import streamlit as st

from core.data import datasets, deleted_datasets
from core.data.review_pool import ReviewPool
from core.data.search import ReviewIndex
from core.deleted import Deleted
from core.errors import UserError
from core.experiment.config import dataset_title
from core.formatting import percent
from core.settings import Settings
from ui.app import access, server
from ui.app.errors import errors_shown, show_error
from ui.reviews import wording
from ui.text import escape
from ui.widgets import upload_dialog
from ui.widgets.deleting import deleted_list, undo_bar
from ui.widgets.deleting.deletable import Deletable
from ui.widgets.pickers import choices

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
    _show_if_unknown([dataset_title(name) for name in names])
    with st.container(horizontal=True, vertical_alignment="bottom", key="dataset_row"):
        name = choices.selectbox(
            "Reviews",
            {name: dataset_title(name) for name in names},
            key=CHOSEN,
            bind="query-params",
            on_change=lambda _: show_first_page(),
            width=320,
            help=wording.DATASET_HELP,
        )
        if st.button("Use your own reviews", icon=":material/upload_file:", key="open_upload"):
            upload_dialog.dialog()
        if name not in datasets.BUILT_IN and access.may_change(access.dataset_key(name)):
            with st.popover("Delete", icon=":material/delete:", key="dataset_menu"):
                _show_deletion(name)
    _show_deleted()
    return datasets.load_pool(name, server.settings())


def show_first_page() -> None:
    """Go back to the first page of reviews; for callbacks of everything that changes which reviews match."""
    st.session_state[PAGE] = 1


def show_summary(pool: ReviewPool) -> None:
    """The numbers that everybody asks for first."""
    index = review_index(pool)
    facts = (
        ("Reviews", f"{len(pool.ids):,}", None),
        ("For training", f"{len(pool.train):,}", wording.TRAIN_HELP),
        ("For testing", f"{len(pool.test):,}", wording.TEST_HELP),
        ("Positive", percent(float(index.labels.mean()), 0), wording.POSITIVE_HELP),
        ("Typical length", f"{index.median_length:,.0f}", wording.LENGTH_HELP),
    )
    show_facts(facts, key="dataset_facts", width=165)
    record = datasets.import_record(pool.name, server.settings())
    if record.left_out_sentence:
        st.caption(escape(record.left_out_sentence))
    if record.file:
        with st.expander(wording.FROM_FILE, icon=":material/description:", key="dataset_record"):
            st.markdown("\n".join(f"- {escape(sentence)}" for sentence in (record.file, *record.sentences())))


def show_facts(facts: Iterable[tuple[str, str, str | None]], *, key: str, width: int) -> None:
    """A row of numbers.

    Args:
        facts: Label, number and help of each.
        key: Of the row.
        width: Of each number, in pixels.
    """
    with st.container(horizontal=True, gap="small", key=key):
        for label, value, note in facts:
            st.metric(label, value, border=True, help=note, width=width)


def content_key(pool: ReviewPool) -> tuple[str, str]:
    """The key of a pool in Streamlit's caches; another text or label gives another key."""
    return pool.name, pool.digest


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs={ReviewPool: content_key})
def review_index(pool: ReviewPool) -> ReviewIndex:
    """The reviews of a pool as columns, built once per server."""
    return ReviewIndex(pool)


def _show_if_unknown(titles: list[str]) -> None:
    """Report a link to a dataset that is gone: Streamlit would silently show the first one."""
    linked = st.query_params.get(CHOSEN)
    if linked and CHOSEN not in st.session_state and linked not in titles:
        show_error(
            UserError(
                f'There is no dataset "{linked}"; add the same file again, restore it if it was deleted, or choose one of '
                f"{', '.join(titles)}.",
                code="dataset-unknown",
            )
        )


@errors_shown()
def _show_deletion(name: str) -> None:
    st.markdown(wording.deletion(name))
    st.button(
        "Delete these reviews",
        key="delete_dataset",
        icon=":material/delete:",
        on_click=_delete,
        args=(name,),
        help=wording.DELETE_HELP,
    )


@errors_shown()
def _delete(name: str) -> None:
    access.require_may_change(access.dataset_key(name))
    deletion_id = deleted_datasets.delete_dataset(name, server.settings())
    access.release_ownership(access.dataset_key(name))
    access.take_ownership(deletion_id)
    st.session_state[CHOSEN] = datasets.BUILT_IN[0]
    show_first_page()
    undo_bar.offer("dataset", name, "dataset", [deletion_id])


def _show_deleted() -> None:
    settings = server.settings()
    kind = Deletable("dataset", partial(_deleted, settings), _restore, _purge)
    undo_bar.show("dataset", [kind])
    deleted_list.show("dataset", [kind])


def _deleted(settings: Settings) -> list[Deleted]:
    found = deleted_datasets.list_deleted(settings)
    may_be_restored = access.changeable([deleted.id for deleted in found])
    return [deleted for deleted in found if deleted.id in may_be_restored]


def _restore(deletion_ids: Sequence[str]) -> None:
    for deletion_id in deletion_ids:
        access.require_may_change(deletion_id)
        name = deleted_datasets.restore_dataset(deletion_id, server.settings())
        access.take_ownership(access.dataset_key(name))
        st.session_state[CHOSEN] = name
    show_first_page()


def _purge(deletion_ids: Sequence[str]) -> None:
    for deletion_id in deletion_ids:
        access.require_may_change(deletion_id)
        deleted_datasets.purge_dataset(deletion_id, server.settings())
