"""The form in which the operator signs in."""

from __future__ import annotations

import streamlit as st

from core.errors import UserError
from ui.app import access
from ui.app.errors import errors_shown, show_error
from ui.classroom import wording

_KEY, _REFUSED_KEY = "operator_password", "operator_refused"


@errors_shown()
def show() -> None:
    """The form, or a button to sign out."""
    if access.class_rules() is None:
        st.info(wording.NO_CLASS, icon=":material/info:")
        return
    st.markdown(wording.INTRO)
    if access.is_operator():
        st.success(wording.SIGNED_IN, icon=":material/key:")
        st.button("Sign out", key="operator_sign_out", icon=":material/logout:", on_click=access.sign_out)
        return
    with st.form("operator_form", border=False, width=420):
        st.text_input("Password", type="password", key=_KEY, autocomplete="current-password")
        st.form_submit_button("Sign in", key="operator_sign_in", icon=":material/login:", on_click=_sign_in)
    if refused := st.session_state.pop(_REFUSED_KEY, None):
        show_error(refused)


@errors_shown()
def _sign_in() -> None:
    typed = st.session_state[_KEY]
    st.session_state[_KEY] = ""  # nothing of it stays in the session
    try:
        access.sign_in(typed)
    except UserError as error:
        st.session_state[_REFUSED_KEY] = error
