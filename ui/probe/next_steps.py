"""Where one goes from a text: what stands below the words, in a line that is always there."""

from __future__ import annotations

import streamlit as st

from core.experiment.config import dataset_title
from core.predict.examples import ExampleGroups
from core.store.run import Run
from ui.probe import wording


def show(run: Run, text: str, examples: ExampleGroups | None) -> None:
    """The ways on from a text.

    Args:
        run: Whose models have answered.
        text: The text in the field.
        examples: Of the run; None before they are known.
    """
    phrases = {candidate.text: candidate.phrase for candidate in (examples.both_fail if examples else ())}
    if phrase := phrases.get(text):
        parameters = {"reviews_data": dataset_title(run.config.dataset), "reviews_search": phrase}
        st.page_link("pages/reviews.py", label=wording.reviews_with(phrase), icon=":material/reviews:", query_params=parameters)
