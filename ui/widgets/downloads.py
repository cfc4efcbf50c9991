"""Buttons that download files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import streamlit as st

_MIME = {
    "csv": "text/csv",
    "json": "application/json",
    "html": "text/html",
    "zip": "application/zip",
    "png": "image/png",
    "svg": "image/svg+xml",
}


def button(
    label: str, make: Callable[[], str | bytes], file_name: str, *, key: str, icon: str = ":material/download:", **options: Any
) -> None:
    """A button that downloads a file; the file is made when it is pressed, not with every rerun.

    Args:
        label: On the button.
        make: Gives the content of the file.
        file_name: Its ending says what it is.
        key: Of the button.
        icon: On the button.
        **options: For `st.download_button`.
    """
    mime = _MIME[PurePath(file_name).suffix[1:]]
    st.download_button(label, data=make, file_name=file_name, mime=mime, key=key, icon=icon, on_click="ignore", **options)
