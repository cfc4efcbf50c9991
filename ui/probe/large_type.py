"""Large type for projectors: a toggle that a link can switch on."""

from __future__ import annotations

import streamlit as st

from ui.probe import wording

PARAMETER = "large"  # of the URL
_ON = "1"
_KEY = "large_type"


def toggle() -> bool:
    """The toggle; the URL says how it stands, and it stays so on the way through other pages."""
    if st.query_params.get(PARAMETER) == _ON and _KEY not in st.session_state:
        st.session_state[_KEY] = True
    is_large: bool = st.toggle("Large type", key=_KEY, persist_state="session", help=wording.LARGE_HELP)
    if is_large and st.query_params.get(PARAMETER) != _ON:
        st.query_params[PARAMETER] = _ON
    elif not is_large and PARAMETER in st.query_params:
        del st.query_params[PARAMETER]
    return is_large
