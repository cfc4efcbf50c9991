"""The text field: live, filled by links and examples, with an undo."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from ui.app.url_state import RUN_PARAMETER
from ui.probe import wording

KEY = "text"  # of the field and, as Streamlit binds it, of the URL
_PAUSE = "100ms"  # of typing, after which both models answer
_MAX_UNDO = 100
_UNDO_KEY = "earlier_texts"
_UNDO_BUTTON_KEY = "undo_text"
_SHOWN_KEY = "shown_text"  # what the field held last, also while other pages are open


def link(run_id: str, text: str) -> str:
    """The address under which anybody who reaches this server sees a text with the models of a run."""
    return f"{st.context.url or ''}?{urlencode({RUN_PARAMETER: run_id, KEY: text})}"


def field() -> str:
    """The text in the field, up to date at every pause in typing; it stands in the URL as well."""
    is_page_new = _UNDO_BUTTON_KEY not in st.session_state
    with st.container(horizontal=True, vertical_alignment="center", key="probe_field"):
        text = st.text_input(
            "Sentence",
            key=KEY,
            live=_PAUSE,
            bind="query-params",
            persist_state="session",
            placeholder=wording.PLACEHOLDER,
            label_visibility="collapsed",
        )
        _keep_for_undo(text or "", is_page_new=is_page_new)
        st.button(
            "Undo",
            key=_UNDO_BUTTON_KEY,
            icon=":material/undo:",
            on_click=_undo,
            help=wording.UNDO_HELP,
            disabled=not _earlier_texts(),  # always there, so that the field keeps its width
        )
    return text or ""


def _keep_for_undo(text: str, *, is_page_new: bool) -> None:
    """Where a link has led from another page to a text, the one before can be restored."""
    shown: str = st.session_state.get(_SHOWN_KEY, "")
    if is_page_new and shown.strip() and text != shown:
        st.session_state[_UNDO_KEY] = [*_earlier_texts(), shown][-_MAX_UNDO:]
    st.session_state[_SHOWN_KEY] = text


def text_in_field() -> str:
    """The text that stands in the field before it is drawn again; for callbacks."""
    return st.session_state.get(KEY) or ""


def put(text: str) -> None:
    """Put a text into the field, with an undo; only in callbacks, before the field is drawn."""
    now = text_in_field()
    if text == now:
        return
    if now.strip():
        st.session_state[_UNDO_KEY] = [*_earlier_texts(), now][-_MAX_UNDO:]
    st.session_state[KEY] = text


def _earlier_texts() -> list[str]:
    earlier: list[str] = st.session_state.get(_UNDO_KEY, [])
    return earlier


def _undo() -> None:
    *earlier, text = _earlier_texts()
    st.session_state[_UNDO_KEY] = earlier
    st.session_state[KEY] = text
