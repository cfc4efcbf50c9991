"""Suites being put to runs in the background, one per server and question, whoever looks; the answers are kept."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future

import streamlit as st

from core.challenges.examination import examine
from core.challenges.kept_answers import KeptAnswers
from core.challenges.scoring import JudgedPair, Report
from core.challenges.suite import Suite
from core.predictor import Predictor
from core.records import Run
from ui import session

_turn = threading.Lock()  # two at once would only slow each other, and the live predictions, down


class Examination:
    """One suite and the heads of one run: not begun, going on, failed or finished.

    Args:
        kept: Where the answers to the suite are kept; one that finds them there is finished.
    """

    def __init__(self, kept: KeptAnswers) -> None:
        self._suite = kept.suite
        self._kept = kept
        self._thread: threading.Thread | None = None
        self._cancelled = threading.Event()
        self._began_s = 0.0
        self.num_done = 0
        self.report: Report | None = kept.load()
        self.error: Exception | None = None

    @property
    def is_going_on(self) -> bool:
        """Whether answers are still coming."""
        return self._thread is not None and self._thread.is_alive() and not self._cancelled.is_set()

    @property
    def fraction(self) -> float:
        """How much of it is done, 0-1."""
        return self.num_done / self._suite.num_pairs

    @property
    def remaining_s(self) -> float | None:
        """Seconds it will take from here at the speed so far; None before the first answers."""
        if not self.num_done:
            return None
        return (time.monotonic() - self._began_s) / self.num_done * (self._suite.num_pairs - self.num_done)

    def start(self, loading: Future[Predictor]) -> None:
        """Begin, or begin again, in the background, once the models are loaded; nothing if it goes on already."""
        if self.is_going_on:
            return
        self._cancelled = threading.Event()  # of its own, so that a cancelled attempt on its way out stays cancelled
        self.num_done, self.report, self.error = 0, None, None
        self._thread = threading.Thread(target=self._run, args=(loading, self._cancelled), name="examination", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Stop after the pair in hand and forget the answers."""
        self._cancelled.set()

    def _run(self, loading: Future[Predictor], cancelled: threading.Event) -> None:
        judged: list[JudgedPair] = []
        try:
            with _turn:
                predictor = loading.result()
                self._began_s = time.monotonic()
                for event in examine(self._suite, predictor):
                    if cancelled.is_set():
                        return
                    judged.append(event.judged)
                    self.num_done = event.num_done
            self.report = Report(self._suite, tuple(judged))
            self._kept.save(self.report)
        except Exception as error:  # noqa: BLE001 - the page that follows it says what happened
            if not cancelled.is_set():
                self.error = error


def examination(run: Run, suite: Suite) -> Examination:
    """The examination of a run; another one after each finished trial, as its answers would be others."""
    num_heads = int(session.store().results.accuracies(run.id).count().sum())
    return _examination(run.id, num_heads, suite.fingerprint, _suite=suite)


@st.cache_resource(show_spinner=False, max_entries=16)
def _examination(run_id: str, num_heads: int, fingerprint: str, *, _suite: Suite) -> Examination:  # noqa: ARG001 - of the key
    return Examination(KeptAnswers(_suite, run_id, num_heads, session.settings()))
