"""Spaces: a random key in the browser tells what is somebody's own, without an account.

The server keeps a digest of the key only. Where people sign in (`st.login`), their identity takes the place of the key.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

COOKIE = "elmo_lens_space"
PAGE, FRAGMENT = "space", "space"  # of a link to a space: .../space#space=KEY; no browser sends what stands behind the sign
_KEEPER = "space_keeper"
_KEY, _IS_NEW, _OFFERED = "space_key", "space_is_new", "space_offered"
_KEY_BYTES = 24
_IS_KEY = re.compile(r"[\w-]{32}", re.ASCII).fullmatch
_SOURCE = Path(__file__)


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., Any]:
    """Registered once per server."""
    return st.components.v2.component("elmo_lens_space", js=_SOURCE.with_suffix(".js").read_text(encoding="utf-8"))


def keep() -> None:
    """Have the browser keep the key of its space; drawn once, on every page."""
    if not is_signed_in():
        data = {"key": key(), "is_new": st.session_state[_IS_NEW]}
        with st.container(key="off_page"):
            _component()(key=_KEEPER, data=data, on_kept_change=_take_kept, on_link_change=_note_link)


def owner_id() -> str:
    """A digest of the space of this visitor, 128 bits in hexadecimal digits: what the store knows of people."""
    who = f"user\n{st.user.get('iss', '')}\n{st.user.get('sub') or st.user.get('email', '')}" if is_signed_in() else key()
    return digest(who)


def digest(its_key: str) -> str:
    """What the store has in place of the key of a space."""
    return hashlib.sha256(its_key.encode()).hexdigest()[:32]


def key() -> str:
    """The secret that makes a space one's own: from the cookie of the browser, or a new one, which the browser then keeps."""
    if _KEY not in st.session_state:
        kept = str(st.context.cookies.get(COOKIE, ""))
        st.session_state[_IS_NEW] = not _IS_KEY(kept)
        st.session_state[_KEY] = secrets.token_urlsafe(_KEY_BYTES) if st.session_state[_IS_NEW] else kept
    its_key: str = st.session_state[_KEY]
    return its_key


def take(its_key: str) -> None:
    """Make another space that of this browser."""
    if _IS_KEY(its_key):
        st.session_state[_KEY] = its_key
        st.session_state[_IS_NEW] = False
    st.session_state.pop(_OFFERED, None)


def offered_key() -> str:
    """The key of the link that was opened in this tab, until it is taken or refused; empty without one."""
    offered: str = st.session_state.get(_OFFERED, "")
    return offered


def refuse() -> None:
    """Forget the link that was opened."""
    st.session_state.pop(_OFFERED, None)


def can_sign_in() -> bool:
    """Whether this server knows a provider of identities."""
    return "is_logged_in" in st.user


def is_signed_in() -> bool:
    """Whether one has said who this visitor is."""
    return bool(st.user.get("is_logged_in", False))


def _take_kept() -> None:
    if found := st.session_state[_KEEPER].kept:
        take(found)


def _note_link() -> None:
    found = st.session_state[_KEEPER].link or ""
    if _IS_KEY(found):
        st.session_state[_OFFERED] = found
