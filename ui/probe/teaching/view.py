"""The tab Teach: what the lessons of a taught run have changed, and the lessons that may come next."""

from __future__ import annotations

import streamlit as st

from core.store.run import Run
from ui.app.errors import errors_shown
from ui.probe.teaching import effects, lesson_fields, wording


@st.fragment
@errors_shown()
def show(run: Run) -> None:
    """What the lessons of the run have changed, if it was taught, and the lessons for its models."""
    if run.config.lessons and run.is_finished:
        effects.show(run)
        st.divider()
    st.markdown(wording.INTRO)
    lesson_fields.show(run)
