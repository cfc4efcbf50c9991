"""How a run or a learning curve stands: one word, one icon, one colour."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from core.store.run import Status

Badge = tuple[str, str, Literal["gray", "violet", "green", "orange", "red"]]  # word, icon, colour

_BADGES: dict[Status, Badge] = {
    "queued": ("waiting", ":material/hourglass:", "gray"),
    "running": ("running", ":material/play_circle:", "violet"),
    "finished": ("finished", ":material/check_circle:", "green"),
    "cancelled": ("cancelled", ":material/cancel:", "orange"),
    "interrupted": ("interrupted", ":material/pause_circle:", "orange"),
    "failed": ("failed", ":material/error:", "red"),
}
_EXAMPLE: Badge = ("comes with ELMo Lens", ":material/package_2:", "violet")


def show(status: Status, *, is_example: bool = False) -> None:
    """The badge; the example says in place of its status that it was shipped."""
    word, icon, colour = _EXAMPLE if is_example else _BADGES[status]
    st.badge(word, icon=icon, color=colour, width="content")


def status_word(status: Status) -> str:
    """The status as people read it."""
    return _BADGES[status][0]
