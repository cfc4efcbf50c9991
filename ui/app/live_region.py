"""What screen readers say when something on the page changes by itself, and where the focus goes then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

KEY = "live_region"
_SOURCE = Path(__file__)


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., Any]:
    """Registered once per server."""
    html, css, js = (_SOURCE.with_suffix(suffix).read_text(encoding="utf-8") for suffix in (".html", ".css", ".js"))
    return st.components.v2.component("elmo_lens_live_region", html=html, css=css, js=js)


def show(text: str, *, focus: str = "") -> None:
    """Say a text as soon as it is another one than before; a page draws it once, always at the same place.

    Args:
        text: Plain text, which changes a few times a minute at most: all of it is read out.
        focus: Key of a widget or container. When it changes, and the element that had the focus is gone, this one gets it: where
            a button takes itself off the page, the keyboard would otherwise start again from the top.
    """
    _component()(key=KEY, data={"text": text, "focus": focus})
