"""What a link to a space does: it asks whether this browser is to have that space."""

from __future__ import annotations

import streamlit as st

from ui.app import access, server, space
from ui.app.errors import errors_shown
from ui.classroom import wording

_TAKEN_KEY = "space_taken"


@errors_shown()
def show() -> None:
    """The question, where a link was opened; otherwise what a space is and how it moves."""
    if access.class_rules() is None:
        st.info(wording.NO_SPACES, icon=":material/info:")
        return
    st.markdown(wording.SPACE_INTRO)
    if space.can_sign_in():
        _show_signing_in()
    if space.is_signed_in():
        return
    offered = space.offered_key()
    if offered and offered != space.key():
        _ask(offered)
    elif offered or st.session_state.pop(_TAKEN_KEY, False):
        space.refuse()
        st.success(wording.SPACE_TAKEN, icon=":material/check:")
    else:
        st.markdown(wording.SPACE_MOVES)


def _ask(offered: str) -> None:
    st.subheader(wording.SPACE_QUESTION, anchor=False)
    if _has_anything():
        st.warning(wording.SPACE_LEFT_BEHIND, icon=":material/warning:")
    with st.container(horizontal=True):
        st.button("Use that space", key="space_take", type="primary", icon=":material/login:", on_click=_take, args=(offered,))
        st.button("Keep the present one", key="space_refuse", on_click=space.refuse)


def _take(offered: str) -> None:
    space.take(offered)
    st.session_state[_TAKEN_KEY] = True


def _has_anything() -> bool:
    """Whether something in the store belongs to the present space."""
    owner_id, store = space.owner_id(), server.store()
    return store.owners.has_any(owner_id) or bool(store.sentences.find(visitor=owner_id, limit=1))


def _show_signing_in() -> None:
    if space.is_signed_in():
        st.success(wording.signed_in(str(st.user.get("name") or st.user.get("email") or "")), icon=":material/person:")
        st.button("Sign out", key="space_sign_out", icon=":material/logout:", on_click=st.logout)
    else:
        st.markdown(wording.SPACE_SIGN_IN)
        st.button("Sign in", key="space_sign_in", icon=":material/login:", on_click=st.login)
