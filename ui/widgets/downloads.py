"""Buttons that download files, and tables as CSV that a spreadsheet may open without harm."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import pandas as pd
import streamlit as st

_MIME = {
    "csv": "text/csv",
    "json": "application/json",
    "html": "text/html",
    "zip": "application/zip",
    "png": "image/png",
    "svg": "image/svg+xml",
}
# What separates cells in another setting of a spreadsheet may come before, and full-width signs count as the usual ones.
_FORMULA = re.compile(r"[\t\r\n]|[\s\x00-\x1f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\"',;]*[=+\-@＝＋－＠]")


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


def to_csv(frame: pd.DataFrame) -> str:
    """The table without its index; a text that a spreadsheet would take for a formula begins with an apostrophe.

    Reviews and names come from people, and `=HYPERLINK(…)` in one of them would be run where the file is opened; some
    spreadsheets drop blanks and signs that cannot be seen before they look. Numbers are written as they are. Lines end as
    RFC 4180 has it; so a carriage return in a text is quoted too.

    Reference: OWASP, CSV injection.
    """
    guarded = frame.map(_guarded)
    return guarded.set_axis([_guarded(column) for column in frame], axis="columns").to_csv(index=False, lineterminator="\r\n")


def _guarded(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
