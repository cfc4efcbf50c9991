"""Examples to try, in two groups, chosen by what the models of this very run make of them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import streamlit as st

from core.experiment.arms import PAIR
from core.predict.examples import Candidate, ExampleGroups, choose_examples
from core.store.run import Run
from ui.app import models, server
from ui.probe import sentence, wording
from ui.widgets.pickers import choices

READS_MORE_KEY, BOTH_FAIL_KEY = "example_reads_more", "example_both_fail"


def groups(run: Run) -> Future[ExampleGroups]:
    """The examples of a run, chosen in the background once its models are loaded; another choice after every trial."""
    return _groups(run.id, server.store().trials.num_finished(run), server.provenance(run.config).vectors, run)


def show(chosen: ExampleGroups, text: str) -> None:
    """Both groups, a line for each; nothing for a group that is empty."""
    shown = [
        (wording.READS_MORE, READS_MORE_KEY, chosen.elmo_reads_more),
        (wording.BOTH_FAIL, BOTH_FAIL_KEY, chosen.both_fail),
    ]
    for title, key, candidates in shown:
        if candidates:
            _show_group(title, key, candidates, text)


@st.cache_resource(show_spinner=False)
def _chooser() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="examples")


@st.cache_resource(show_spinner=False, max_entries=64)
def _groups(run_id: str, num_heads: int, vectors: str, _run: Run) -> Future[ExampleGroups]:  # noqa: ARG001  # but for the run, its key
    loading = models.predictor(_run)

    def choose() -> ExampleGroups:
        return choose_examples(loading.result()) if set(PAIR) <= set(_run.config.arms) else ExampleGroups((), ())

    return _chooser().submit(choose)


def _show_group(title: str, key: str, candidates: Sequence[Candidate], text: str) -> None:
    texts = [candidate.text for candidate in candidates]
    st.session_state[key] = text if text in texts else None
    choices.pills(title, {each: each for each in texts}, key=key, on_change=_take, wrap=True)


def _take(text: str | None) -> None:
    if text:
        sentence.put(text)
