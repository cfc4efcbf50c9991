"""A toggle that a link switches on: the URL says how it stands, so that a shared link or a reload brings it along."""

from __future__ import annotations

import streamlit as st

_ON = "1"


def show(label: str, *, key: str, parameter: str, help: str) -> bool:
    """Draws the toggle, which stays as it is on the way through other pages; whether it is on.

    Args:
        label: Beside the toggle.
        key: Of the widget.
        parameter: Of the URL; 1 switches it on.
        help: What it is for.
    """
    if st.query_params.get(parameter) == _ON and key not in st.session_state:
        st.session_state[key] = True
    is_on: bool = st.toggle(label, key=key, persist_state="session", help=help)
    if is_on and st.query_params.get(parameter) != _ON:
        st.query_params[parameter] = _ON
    elif not is_on and parameter in st.query_params:
        del st.query_params[parameter]
    return is_on
