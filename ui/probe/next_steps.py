"""Where one goes from a text: what stands below the words, in a line that is always there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from core.experiment.config import dataset_title
from core.predict.examples import ExampleGroups
from core.store.run import Run
from ui.probe import wording
from ui.probe.teaching import wording as teaching_wording


def show(run: Run, text: str, examples: ExampleGroups | None, *, on_teach: Callable[[str, Literal[0, 1]], None]) -> None:
    """The ways on from a text.

    Args:
        run: Whose models have answered.
        text: The text in the field.
        examples: Of the run; None before they are known.
        on_teach: Makes a text with its label a lesson; called before the page is drawn again.
    """
    if not text.strip():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="next_steps"):
        for title, label, icon in (("It is positive", 1, ":material/thumb_up:"), ("It is negative", 0, ":material/thumb_down:")):
            st.button(
                title,
                key=f"teach_{label}",
                type="tertiary",
                icon=icon,
                help=teaching_wording.ADD_HELP,
                on_click=on_teach,
                args=(text, label),
            )
        phrases = {candidate.text: candidate.phrase for candidate in (examples.both_fail if examples else ())}
        if phrase := phrases.get(text):
            parameters = {"reviews_data": dataset_title(run.config.dataset), "reviews_search": phrase}
            st.page_link(
                "pages/reviews.py", label=wording.reviews_with(phrase), icon=":material/reviews:", query_params=parameters
            )
