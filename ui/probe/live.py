"""Live predictions: a text, the answers of both models, why, what if, and the history."""

from __future__ import annotations

import streamlit as st

from core.experiment.config import ARMS
from core.formatting import percent
from core.predict.predictor import CANNOT_READ, Prediction, describe_prob
from core.store.run import Run
from ui.app import models
from ui.app.errors import errors_shown
from ui.app.url_state import RUNS
from ui.probe import history, sentence, what_if, why, wording
from ui.widgets import charts, waiting


@st.fragment
@errors_shown()
def live(run: Run) -> None:
    """The text and everything about it, drawn again at every pause in typing; the quickest first."""
    if RUNS.deleted():
        st.rerun()  # by somebody else; the page says which one is gone
    text = sentence.field()
    predictor = waiting.wait_or_retry(models.predictor(run), key="load_again", forget=models.forget_predictors)
    if predictor is None:
        return
    if text.strip():
        prediction = predictor.predict(text)
        _show(prediction)
        if prediction.probs:
            history.save(run, text, prediction)
            why.show(predictor, prediction)
            what_if.show(run, predictor, prediction, text)
    else:
        st.caption(wording.EMPTY)
    history.show(run)


def _show(prediction: Prediction) -> None:
    arms = (*prediction.probs, *prediction.unread)
    for column, arm in zip(st.columns(len(arms)), sorted(arms, key=list(ARMS).index), strict=True):
        with column.container(border=True, key=f"prediction_{arm}"):
            if arm in prediction.unread:
                st.metric(wording.chance(arm), "–")
                st.markdown(f"**{CANNOT_READ.capitalize()}**")
                st.caption(wording.UNREAD)
                continue
            probs = prediction.probs[arm]
            mean = float(probs.mean())
            st.metric(wording.chance(arm), percent(mean))
            st.markdown(f"**{describe_prob(mean).capitalize()}**")
            st.caption(wording.spread(len(probs), float(probs.min()), float(probs.max())))
    if prediction.probs:
        # Its description is the alt text.
        st.altair_chart(charts.probability_plot(prediction.probs), key="probability_chart")
