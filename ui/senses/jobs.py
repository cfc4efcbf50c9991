"""Indices of the words in reviews, made in the background, one at a time, once per server, whoever looks."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import streamlit as st

from core.data.review_pool import ReviewPool
from core.embedders.base import Embedder
from core.senses.neighbour_index import Embedded, NeighbourIndex, build_index, open_index
from core.settings import Settings
from ui.app import server
from ui.widgets.background_job import BackgroundJob, Step

_turn = threading.Lock()  # two at once would only slow each other down


class IndexJob(BackgroundJob):
    """One index; its steps are tokens that ELMo has read.

    Args:
        name: See `index_name`; an index that is on the disk is finished.
        settings: Where the data folder is.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        super().__init__("neighbours", _turn)
        self._settings = settings
        self.index: NeighbourIndex | None = open_index(name, settings)

    def start(self, pool: ReviewPool, elmo: Embedder, word: str) -> None:
        """Begin; nothing if it goes on already."""
        self.begin(lambda: self._build(pool, elmo, word))

    def _build(self, pool: ReviewPool, elmo: Embedder, word: str) -> Iterator[Step]:
        for event in build_index(pool, elmo, word, self._settings):
            if isinstance(event, Embedded):
                yield Step(event.num_done, event.num_tokens)
            else:
                self.index = event


@st.cache_resource(show_spinner=False, max_entries=8)
def build(name: str) -> IndexJob:
    """The index that is kept under a name, or will be."""
    return IndexJob(name, server.settings())
