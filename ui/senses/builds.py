"""Indices of the words in reviews, made in the background, one at a time, once per server, whoever looks."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import streamlit as st

from core.embedders.base import Embedder
from core.neighbours import Embedded, NeighbourIndex, build_index, open_index
from core.reviews import ReviewPool

_turn = threading.Lock()  # two at once would only slow each other down


class Build:
    """One index: not begun, going on, failed, or there.

    Args:
        path: Where it is kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread: threading.Thread | None = None
        self._cancelled = threading.Event()
        self._first: Embedded | None = None  # from where the speed is measured: before it, sentences are chosen and ELMo warms up
        self._first_at_s = 0.0
        self._progress: Embedded | None = None
        self.index: NeighbourIndex | None = open_index(path)
        self.error: Exception | None = None

    @property
    def is_going_on(self) -> bool:
        """Whether it is being made."""
        return self._thread is not None and self._thread.is_alive() and not self._cancelled.is_set()

    @property
    def fraction(self) -> float:
        """How much of it is done, 0-1."""
        return self._progress.num_done / self._progress.num_tokens if self._progress else 0.0

    @property
    def remaining_s(self) -> float | None:
        """Seconds it will take from here at the speed so far; None before the second slice of sentences."""
        first, latest = self._first, self._progress
        if not first or not latest or latest.num_done == first.num_done:
            return None
        per_token_s = (time.monotonic() - self._first_at_s) / (latest.num_done - first.num_done)
        return per_token_s * (latest.num_tokens - latest.num_done)

    def start(self, pool: ReviewPool, elmo: Embedder, word: str) -> None:
        """Begin, or begin again, in the background; nothing if it goes on already."""
        if self.is_going_on:
            return
        self._cancelled = threading.Event()  # of its own, so that a cancelled attempt on its way out stays cancelled
        self._first, self._progress, self.error = None, None, None
        self._thread = threading.Thread(
            target=self._run, args=(pool, elmo, word, self._cancelled), name="neighbours", daemon=True
        )
        self._thread.start()

    def cancel(self) -> None:
        """Stop after the sentences in hand; nothing is kept."""
        self._cancelled.set()

    def _run(self, pool: ReviewPool, elmo: Embedder, word: str, cancelled: threading.Event) -> None:
        try:
            with _turn:
                for event in build_index(pool, elmo, word, self._path):
                    if cancelled.is_set():
                        return
                    if isinstance(event, Embedded):
                        if not self._first:
                            self._first, self._first_at_s = event, time.monotonic()
                        self._progress = event
                    else:
                        self.index = event
        except Exception as error:  # noqa: BLE001 - the page that follows it says what happened
            if not cancelled.is_set():
                self.error = error


def build(path: Path) -> Build:
    """The index that is kept in a file, or will be."""
    return _build(str(path))


@st.cache_resource(show_spinner=False, max_entries=8)
def _build(path: str) -> Build:
    return Build(Path(path))
