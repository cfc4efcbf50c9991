"""The panel that follows a run or a learning curve: how it stands, the buttons that steer it, what it found so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.deleted import DeletedError
from core.engine.sweep_progress import SweepProgress
from core.store.run import Run, Sweep
from ui.app import access
from ui.app.errors import errors_shown
from ui.app.url_state import Kind
from ui.text import escape
from ui.train import wording
from ui.widgets import run_menu, status_badge

_POLL_S = 1.0


@dataclass(frozen=True)
class Panel:
    """What is shown of a run or a learning curve.

    Attributes:
        kind: Which of the two.
        stored: As in the store.
        state: How it stands now; a run says so itself.
        show_progress: Draws how far it is while it is running or waiting.
        resume_note: What resuming does, beside the button.
        show_results: Draws what it found so far.
    """

    kind: Kind[Any]
    stored: Run | Sweep
    state: Run | SweepProgress
    show_progress: Callable[[], None]
    resume_note: str
    show_results: Callable[[], None]


def follow(load: Callable[[], Panel], *, is_active: bool) -> None:
    """Show a panel, and redraw it every second while the run or learning curve is running or waiting."""
    st.fragment(show, run_every=_POLL_S if is_active else None)(load, was_active=is_active)


@errors_shown()
def show(load: Callable[[], Panel], *, was_active: bool) -> None:
    """Show the panel once; the page reruns when the run or learning curve has started or ended meanwhile."""
    try:
        panel = load()
    except DeletedError:
        st.rerun()  # the page says which one is gone
    if panel.state.is_active != was_active:
        st.rerun()  # the page sets or clears the timer
    _show_header(panel)
    if panel.state.is_active:
        _show_progress(panel)
    elif panel.state.can_resume:
        _show_resume(panel)
    panel.show_results()


def _show_header(panel: Panel) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(escape(panel.stored.name), anchor=False, width="stretch")
        status_badge.show(panel.state.status)
        run_menu.show(panel.kind, panel.stored, after_deletion=panel.kind.close)


def _show_progress(panel: Panel) -> None:
    with st.container(border=True, key="progress_panel"):
        panel.show_progress()
        if access.may_change(panel.stored.id) and st.button("Cancel", key="cancel", icon=":material/stop:"):
            panel.kind.cancel(panel.stored.id)
            st.caption(wording.CANCELLING)


def _show_resume(panel: Panel) -> None:
    if panel.state.message:
        st.warning(escape(panel.state.message), icon=":material/warning:")
    st.caption(panel.resume_note)
    if st.button("Resume", key="resume", type="primary", icon=":material/resume:"):
        panel.kind.resume(panel.stored.id)
        st.rerun()
