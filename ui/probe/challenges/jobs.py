"""Challenges put to runs in the background: one at a time, and once per server. The answers are cached on disk."""

from __future__ import annotations

import threading
from collections.abc import Generator
from concurrent.futures import Future
from functools import partial

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

ChallengeJob = BackgroundJob[[Future[Predictor]], Report]


def challenge_job(run: Run, suite: Suite) -> ChallengeJob:
    """The job that puts a suite to the models of a run, another one after every trial; finished if the answers are cached.

    Its steps are pairs.
    """
    vectors = server.provenance(run.config).vectors
    made = f"{run.id}-{run.created_at:%Y%m%d%H%M%S}"  # the example keeps its id when another one is shipped
    return _challenge_job(made, server.store().trials.num_finished(run), suite.fingerprint, vectors, _suite=suite)


@st.cache_resource(show_spinner=False, max_entries=16)
def _challenge_job(
    run_id: str,
    num_heads: int,
    fingerprint: str,  # noqa: ARG001 - of the key
    vectors: str,
    *,
    _suite: Suite,
) -> ChallengeJob:
    cache = AnswerCache(_suite, run_id, num_heads, vectors, server.settings())
    return BackgroundJob("challenges", _turn, partial(_put_to_models, cache), result=cache.load())


def _put_to_models(cache: AnswerCache, loading: Future[Predictor]) -> Generator[Step, None, Report]:
    results: list[PairResult] = []
    predictor = loading.result()
    yield Step(0, cache.suite.num_pairs)
    for progress in run_suite(cache.suite, predictor):
        results.append(progress.result)
        yield Step(progress.num_done, progress.num_pairs)
    report = Report(cache.suite, tuple(results))
    cache.save(report)
    return report
