"""Suites being put to runs in the background, one per server and question, whoever looks; the answers are kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future

import streamlit as st

from core.challenges.answer_cache import AnswerCache
from core.challenges.run_suite import run_suite
from core.challenges.scoring import PairResult, Report
from core.challenges.suite import Suite
from core.predict.predictor import Predictor
from core.store.run import Run
from ui.app import server
from ui.widgets.background_job import BackgroundJob, Step

_turn = threading.Lock()  # two at once would only slow each other, and the live predictions, down


class SuiteJob(BackgroundJob):
    """One suite and the heads of one run; its steps are pairs.

    Args:
        kept: Where the answers to the suite are kept; one that finds them there is finished.
    """

    def __init__(self, kept: AnswerCache) -> None:
        super().__init__("examination", _turn)
        self._kept = kept
        self.report: Report | None = kept.load()

    def start(self, loading: Future[Predictor]) -> None:
        """Begin once the models are loaded; nothing if it goes on already."""
        self.begin(lambda: self._examine(loading))

    def _examine(self, loading: Future[Predictor]) -> Iterator[Step]:
        suite = self._kept.suite
        results: list[PairResult] = []
        predictor = loading.result()
        yield Step(0, suite.num_pairs)
        for event in run_suite(suite, predictor):
            results.append(event.result)
            yield Step(event.num_done, suite.num_pairs)
        self.report = Report(suite, tuple(results))
        self._kept.save(self.report)


def examination(run: Run, suite: Suite) -> SuiteJob:
    """The examination of a run; another one after each finished trial, as its answers would be others."""
    num_heads = server.store().trials.num_finished(run)
    return _examination(run.id, num_heads, suite.fingerprint, _suite=suite)


@st.cache_resource(show_spinner=False, max_entries=16)
def _examination(run_id: str, num_heads: int, fingerprint: str, *, _suite: Suite) -> SuiteJob:  # noqa: ARG001 - of the key
    return SuiteJob(AnswerCache(_suite, run_id, num_heads, server.settings()))
