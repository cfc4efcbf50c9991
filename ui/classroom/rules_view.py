"""The rules of the class, as the server was started with them."""

from __future__ import annotations

import streamlit as st

from ui.app import access
from ui.app.errors import errors_shown
from ui.classroom import wording


@errors_shown()
def show() -> None:
    """The rules as a list; nothing on a server without."""
    if rules := access.class_rules():
        st.header(wording.RULES, anchor=False)
        st.markdown("\n".join(f"- {sentence}" for sentence in wording.rules(rules)))
