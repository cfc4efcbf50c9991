"""Live predictions: a text, the answers of both models side by side, why, examples, and what else can be done with it."""

from __future__ import annotations

from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.predict.occlusion import Attribution
from core.predict.predictor import Prediction, Predictor
from core.store.run import Run
from ui.app import models
from ui.app.errors import errors_shown
from ui.app.navigation import PROBE_TAB, TRANSPLANT
from ui.app.url_state import RUNS
from ui.probe import duel, examples, history, next_steps, sentence, what_if, why, wording
from ui.probe.challenges import view as challenges
from ui.probe.teaching import lesson_fields
from ui.probe.teaching import view as teaching
from ui.probe.teaching import wording as teaching_wording
from ui.probe.transplant import view as transplant
from ui.widgets import waiting

WHAT_IF, NUMBERS, HISTORY, CHALLENGES, TEACH = ("What if", "Numbers", "History", "Challenges", "Teach")
TABS = (WHAT_IF, NUMBERS, TRANSPLANT, HISTORY, CHALLENGES, TEACH)
TAB = PROBE_TAB  # key of the tabs and, as Streamlit binds it, of the URL


@st.fragment
@errors_shown()
def live(run: Run, *, is_large: bool) -> None:
    """The text and everything about it, drawn again at every pause in typing; the quickest first.

    Everything has its place and its height before it is there, so that nothing moves while somebody types.
    """
    if RUNS.deleted():
        st.rerun()  # by somebody else; the page says which one is gone
    with st.container(key="probe_live"):
        text = sentence.field()
        examples_place, answers_place, why_place, next_place = map(_place, ("examples", "answers", "why", "next"))
        with answers_place:
            predictor = waiting.wait_or_retry(models.predictor(run), key="load_again", forget=models.forget_predictors)
            if predictor is None:
                return
            prediction = predictor.predict(text) if text.strip() else None
            duel.show(run.config.arms, prediction, text, is_large=is_large)
        chosen = examples.groups(run)
        is_chosen = chosen.done()
        if is_chosen:
            _show_examples(examples_place, next_place, run, text)
        with why_place:
            attribution = None
            if prediction and prediction.probs:
                history.save(run, text, prediction)
                attribution = why.show(predictor, prediction, is_large=is_large)
            else:
                st.caption(wording.EMPTY)
        _show_tabs(run, predictor, prediction, attribution, text)
        if not is_chosen:
            waiting.wait_unseen(chosen)
            _show_examples(examples_place, next_place, run, text)


def _place(name: str) -> DeltaGenerator:
    """A place on the page with a height of its own, see `page.css`; Streamlit does not draw one that is quite empty."""
    place = st.container(key=f"probe_{name}", gap=None)
    place.html("<i></i>")
    return place


def _show_examples(place: DeltaGenerator, next_place: DeltaGenerator, run: Run, text: str) -> None:
    chosen = examples.groups(run).result()
    with place:
        examples.show(chosen, text)
    with next_place:
        next_steps.show(run, text, chosen, on_teach=_teach)


def _teach(text: str, label: Literal[0, 1]) -> None:
    lesson_fields.add([(text.strip(), label)])
    st.session_state[TAB] = TEACH
    st.toast(teaching_wording.ADDED, icon=":material/school:")


def _show_tabs(run: Run, predictor: Predictor, prediction: Prediction | None, attribution: Attribution | None, text: str) -> None:
    """What is open is drawn; the rest is neither made nor sent."""
    for name, tab in zip(TABS, st.tabs(TABS, key=TAB, bind="query-params"), strict=True):
        if not tab.open:
            continue
        with tab:
            if name == HISTORY:
                history.show(run)
            elif name == CHALLENGES:
                challenges.show(run)
            elif name == TEACH:
                teaching.show(run)
            elif name == TRANSPLANT:
                transplant.show(run, predictor, prediction, text)
            elif attribution is None:
                st.caption(wording.NOTHING_TO_CHANGE)
            elif name == NUMBERS:
                why.show_numbers(attribution)
            else:
                what_if.show(run, predictor, attribution.prediction, text)
