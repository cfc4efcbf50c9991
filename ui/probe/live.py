"""Live predictions: a text, what both models make of it, why, what if, and what was tried before."""

from __future__ import annotations

import streamlit as st

from core.experiment.config import ARM_TITLES
from core.formatting import percent
from core.predict.predictor import Prediction, describe_prob
from core.store.run import Run
from ui.app import models
from ui.app.errors import errors_shown
from ui.probe import history, sentence, what_if, why
from ui.text import count
from ui.widgets import charts, waiting


@st.fragment
@errors_shown()
def live(run: Run) -> None:
    """The text and all that is said about it, anew with every pause in typing; the quickest first."""
    text = sentence.field()
    predictor = waiting.wait_or_retry(
        models.predictor(run),
        "The models are loading; this takes some seconds, once.",
        key="load_again",
        forget=models.forget_predictors,
    )
    if predictor is None:
        return
    if text.strip():
        prediction = predictor.predict(text)
        _show(prediction)
        history.save(run, text, prediction)
        why.show(predictor, prediction)
        what_if.show(run, predictor, prediction, text)
    else:
        st.caption("Type at least one word: what both models make of it, and why, appears here.")
    history.show(run)


def _show(prediction: Prediction) -> None:
    columns = st.columns(len(prediction.probs))
    for column, (arm, probs) in zip(columns, prediction.probs.items(), strict=True):
        with column.container(border=True, key=f"prediction_{arm}"):
            mean = float(probs.mean())
            st.metric(f"{ARM_TITLES[arm]}: chance that it is positive", percent(mean))
            st.markdown(f"**{describe_prob(mean).capitalize()}**")
            st.caption(
                f"{count(len(probs), 'trained model')}, from {percent(float(probs.min()))} to {percent(float(probs.max()))}"
            )
    st.altair_chart(charts.probability_plot(prediction.probs), key="probability_chart")  # its description is the alt text
