"""Indexes of the words in reviews, built in the background: one at a time, and once per server."""

from __future__ import annotations

import threading
from collections.abc import Generator
from functools import partial

import streamlit as st

from core.data.review_pool import ReviewPool
from core.embedders.base import Embedder
from core.senses.neighbour_index import IndexProgress, NeighbourIndex, build_index, open_index
from core.settings import Settings
from ui.app import server
from ui.widgets.background_job import BackgroundJob, Step

_turn = threading.Lock()  # two at once would only slow each other down

IndexJob = BackgroundJob[[ReviewPool, Embedder, str], NeighbourIndex]


@st.cache_resource(show_spinner=False, max_entries=8)
def index_job(name: str) -> IndexJob:
    """The job that builds the index of this name, finished if it is on disk. Its steps are tokens that ELMo has read."""
    settings = server.settings()
    return BackgroundJob("neighbours", _turn, partial(_build, settings), result=open_index(name, settings))


def _build(settings: Settings, pool: ReviewPool, elmo: Embedder, word: str) -> Generator[Step, None, NeighbourIndex]:
    for event in build_index(pool, elmo, word, settings):
        if not isinstance(event, IndexProgress):
            return event
        yield Step(event.num_done, event.num_tokens)
    raise AssertionError("the last event is the index")
