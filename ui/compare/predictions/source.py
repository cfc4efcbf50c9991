"""The switch of the Compare page between runs and predictions, which the URL knows."""

from __future__ import annotations

import streamlit as st

from ui.app.url_state import GROUP_PARAMETER

PARAMETER = "predictions"  # of the URL: the id of the table that is open; empty for the newest
FIRST_PARAMETER, SECOND_PARAMETER = "first", "second"  # headings of both models
_KEY = "compare_source"
_TITLES = {"runs": "Runs", "predictions": "Models of your own"}
_ICONS = {"runs": ":material/model_training:", "predictions": ":material/upload_file:"}


def choose() -> bool:
    """The switch; whether predictions are to be shown."""
    st.session_state[_KEY] = "predictions" if PARAMETER in st.query_params else "runs"
    st.segmented_control(
        "What to compare",
        list(_TITLES),
        format_func=lambda source: f"{_ICONS[source]} {_TITLES[source]}",
        key=_KEY,
        required=True,
        label_visibility="collapsed",
        width="content",
        on_change=_take,
    )
    return PARAMETER in st.query_params


def _take() -> None:
    st.query_params.pop(GROUP_PARAMETER, None)
    if st.session_state[_KEY] == "predictions":
        st.query_params[PARAMETER] = ""
        return
    for parameter in (PARAMETER, FIRST_PARAMETER, SECOND_PARAMETER):
        st.query_params.pop(parameter, None)
