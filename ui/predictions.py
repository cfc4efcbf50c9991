"""Live predictions: a sentence, what both models make of it, and what was tried before."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.predictor import Prediction, Predictor, verbal
from core.runs import Run
from ui import charts, session
from ui.errors import errors_shown
from ui.words import count, token_html

LOADING_POLL_S = 0.2
MAX_HISTORY = 50
MOMENT_S = 2.0
EXAMPLES = (
    "The film was not bad at all.",
    "I wanted to like it, but it left me cold.",
    "Anything but boring.",
    "A film so bad that it is good.",
)
_HISTORY_KEY = "history"


@st.fragment
@errors_shown()
def live(run: Run) -> None:
    """The sentence and its predictions, anew with every pause in typing."""
    text = st.text_input(
        "Sentence",
        key="sentence",
        live="200ms",
        persist_state="session",
        placeholder="Type here; both models answer while you type",
    )
    st.pills("Or try one of these", EXAMPLES, key="example", on_change=_take_example)
    loading = session.predictor(run)
    if not loading.done():
        _wait_for(loading)
    if error := loading.exception():
        _show_failure(error)
        return
    prediction = loading.result().predict(text) if text and text.strip() else None
    if prediction:
        _show(prediction)
    _show_history(run, text, prediction)


def _wait_for(loading: Future[Predictor]) -> None:
    """Wait for the models, ready to start over when somebody types on.

    A timer would rerun the fragment again and again, and Streamlit collects garbage after every rerun: with TensorFlow's half a
    million objects just arriving, loading would take a minute instead of seconds.
    """
    with st.spinner("The models are loading; this takes some seconds, once."):
        chance_to_rerun = st.empty()
        while not loading.done():
            wait([loading], timeout=LOADING_POLL_S)
            chance_to_rerun.empty()


def _take_example() -> None:
    if st.session_state["example"]:
        st.session_state["sentence"] = st.session_state["example"]
    st.session_state["example"] = None


@errors_shown()
def _say(error: BaseException) -> None:
    raise error


def _show_failure(error: BaseException) -> None:
    _say(error)
    if st.button("Try again", key="load_again", icon=":material/refresh:"):
        session.forget_predictors()
        st.rerun()


def _show(prediction: Prediction) -> None:
    columns = st.columns(len(prediction.probs))
    for column, (arm, probs) in zip(columns, prediction.probs.items(), strict=True):
        with column.container(border=True, key=f"prediction_{arm}"):
            mean = float(probs.mean())
            st.metric(f"{charts.ARM_TITLES[arm]}: chance that it is positive", charts.percent(mean))
            st.markdown(f"**{verbal(mean).capitalize()}**")
            st.caption(
                f"{count(len(probs), 'trained model')}, from {charts.percent(float(probs.min()))} "
                f"to {charts.percent(float(probs.max()))}"
            )
    st.altair_chart(charts.probability_plot(prediction.probs), key="probability_chart")  # its description is the alt text
    _show_tokens(prediction)


def _show_tokens(prediction: Prediction) -> None:
    st.html(token_html([token.text for token in prediction.tokens], prediction.known))
    num_unknown = prediction.known.count(False)
    notes = [f"{count(len(prediction.tokens), 'token')} read"]
    if num_unknown:
        notes.append(f"{num_unknown} in a dashed frame unknown to the static vectors, which see nothing there")
    if prediction.num_cut:
        notes.append(f"{count(prediction.num_cut, 'token')} at the end not read: the run reads that many per review")
    st.caption("; ".join(notes) + ".")


@dataclass(frozen=True)
class Tried:
    """One row of the history.

    Attributes:
        since_s: Clock at which the sentence was first seen.
        means: Mean probability by arm.
    """

    sentence: str
    run: str
    means: Mapping[str, float]
    since_s: float


def remember(history: Sequence[Tried], tried: Tried) -> list[Tried]:
    """The history with one more sentence, the newest first.

    A pause in typing shows a sentence that nobody meant to try. So a sentence that stood only for a moment is replaced by one
    that continues it or is its beginning; one that stood longer stays.
    """
    if history:
        last = history[0]
        if (last.sentence, last.run) == (tried.sentence, tried.run):
            return list(history)
        is_same_typing = tried.sentence.startswith(last.sentence) or last.sentence.startswith(tried.sentence)
        if is_same_typing and tried.since_s - last.since_s < MOMENT_S and last.run == tried.run:
            history = history[1:]
    return [tried, *history][:MAX_HISTORY]


def _show_history(run: Run, text: str, prediction: Prediction | None) -> None:
    history: list[Tried] = st.session_state.get(_HISTORY_KEY, [])
    if prediction:
        means = {arm: float(probs.mean()) for arm, probs in prediction.probs.items()}
        history = remember(history, Tried(text, run.name, means, time.monotonic()))
        st.session_state[_HISTORY_KEY] = history
    if not history:
        return
    st.subheader("What you tried", anchor=False)
    rows = [
        {
            "Sentence": tried.sentence,
            **{charts.ARM_TITLES[arm]: f"{charts.percent(mean)}, {verbal(mean)}" for arm, mean in tried.means.items()},
            "Run": tried.run,
        }
        for tried in history
    ]
    st.dataframe(
        pd.DataFrame(rows),
        key="history_table",
        hide_index=True,
        alt="The sentences you tried, the newest first, with the chance that each is positive",
    )
    st.button("Clear", key="clear_history", icon=":material/delete_sweep:", on_click=_clear_history)


def _clear_history() -> None:
    st.session_state[_HISTORY_KEY] = []
    st.session_state["sentence"] = ""
