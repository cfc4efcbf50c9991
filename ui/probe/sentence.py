"""The text field of the Probe page: live, filled by links, with examples and an undo."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from ui.app.url_state import RUN_PARAMETER
from ui.probe import wording

TEXT_PARAMETER = "text"  # of the URL: a link may bring a text along
KEY = "text"
EXAMPLES = (
    "The film was not bad at all.",
    "I wanted to like it, but it left me cold.",
    "Anything but boring.",
    "A film so bad that it is good.",
)
_PAUSE = "100ms"  # of typing, after which both models answer
_MAX_UNDO = 100
_UNDO_KEY = "earlier_texts"


def take_from_link() -> None:
    """Move the text of the URL into the field; before it is drawn, and not in its fragment, where the URL may be an older one.

    It cannot stay in the URL: it would not follow the typing, and whoever copied the address would share the wrong text.
    """
    if TEXT_PARAMETER in st.query_params:
        put(st.query_params[TEXT_PARAMETER])
        del st.query_params[TEXT_PARAMETER]


def link(run_id: str, text: str) -> str:
    """The address under which anybody who reaches this server sees a text with the models of a run."""
    return f"{st.context.url or ''}?{urlencode({RUN_PARAMETER: run_id, TEXT_PARAMETER: text})}"


def field() -> str:
    """The text in the field, up to date at every pause in typing."""
    text = st.text_input(
        "Sentence",
        key=KEY,
        live=_PAUSE,
        persist_state="session",
        placeholder=wording.PLACEHOLDER,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.pills("Or try one of these", EXAMPLES, key="example", on_change=_take_example, wrap=True)
        if _earlier_texts():
            st.button("Undo", key="undo_text", icon=":material/undo:", on_click=_undo, help=wording.UNDO_HELP)
    return text or ""


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


def _take_example() -> None:
    if st.session_state["example"]:
        put(st.session_state["example"])
    st.session_state["example"] = None


def _undo() -> None:
    *earlier, text = _earlier_texts()
    st.session_state[_UNDO_KEY] = earlier
    st.session_state[KEY] = text
