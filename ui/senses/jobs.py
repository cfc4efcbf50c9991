"""Indices of the words in reviews, made in the background, one at a time, once per server, whoever looks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import streamlit as st

from core.data.review_pool import ReviewPool
from core.embedders.base import Embedder
from core.senses.neighbour_index import Embedded, NeighbourIndex, build_index, open_index
from ui.widgets.background_job import BackgroundJob, Step

_turn = threading.Lock()  # two at once would only slow each other down


class IndexJob(BackgroundJob):
    """One index; its steps are tokens that ELMo has read.

    Args:
        path: Where it is kept; one that is there is finished.
    """

    def __init__(self, path: Path) -> None:
        super().__init__("neighbours", _turn)
        self._path = path
        self.index: NeighbourIndex | None = open_index(path)

    def start(self, pool: ReviewPool, elmo: Embedder, word: str) -> None:
        """Begin; nothing if it goes on already."""
        self.begin(lambda: self._build(pool, elmo, word))

    def _build(self, pool: ReviewPool, elmo: Embedder, word: str) -> Iterator[Step]:
        for event in build_index(pool, elmo, word, self._path):
            if isinstance(event, Embedded):
                yield Step(event.num_done, event.num_tokens)
            else:
                self.index = event


def build(path: Path) -> IndexJob:
    """The index that is kept in a file, or will be."""
    return _build(str(path))


@st.cache_resource(show_spinner=False, max_entries=8)
def _build(path: str) -> IndexJob:
    return IndexJob(Path(path))
