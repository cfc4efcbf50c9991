"""The panel that follows a run or a learning curve: how it stands, the buttons that steer it, what it found so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.deleted import DeletedError
from core.engine.sweep_progress import SweepProgress
from core.store.run import Run, Sweep
from ui.app import access, live_region
from ui.app.errors import errors_shown
from ui.app.url_state import Kind
from ui.text import escape
from ui.train import form, wording
from ui.widgets import run_menu, status_badge

_POLL_S = 1.0
_PROGRESS_KEY = "progress_panel"


@dataclass(frozen=True)
class Panel:
    """What is shown of a run or a learning curve.

    Attributes:
        kind: Which of the two.
        stored: As in the store.
        state: How it stands now; a run says so itself.
        news: How far it is while it is running or waiting, for screen readers: changes a few times a minute at most.
        show_progress: Draws how far it is while it is running or waiting.
        resume_note: What resuming does, beside the button.
        show_results: Draws what it found so far.
    """

    kind: Kind[Any]
    stored: Run | Sweep
    state: Run | SweepProgress
    news: str
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
    _announce(panel)
    if panel.state.is_active:
        _show_progress(panel)
    _show_header(panel)
    if panel.state.can_resume:
        _show_resume(panel)
    panel.show_results()


def _announce(panel: Panel) -> None:
    """What screen readers say, and where the focus goes when *Train both*, *Cancel* or *Resume* has gone from the page."""
    if panel.state.is_active:
        live_region.show(panel.news, focus=_PROGRESS_KEY)
    else:
        told = wording.ended(panel.kind.noun, panel.state.status)
        live_region.show(told, focus="resume" if panel.state.can_resume else "verdict")


def _show_progress(panel: Panel) -> None:
    """In the place of the strip."""
    with st.container(border=True, key=_PROGRESS_KEY, gap="small"), st.container(horizontal=True, vertical_alignment="top"):
        with st.container(width="stretch", gap="xsmall"):
            panel.show_progress()
        with st.container(width="content", gap="xsmall"):
            if access.may_change(panel.stored.id) and st.button("Cancel", key="cancel", icon=":material/stop:", width="stretch"):
                panel.kind.cancel(panel.stored.id)
                st.caption(wording.CANCELLING)
            if not form.is_wanted(panel.stored) and st.button("New experiment", key="new_experiment", type="tertiary"):
                form.want(panel.stored.id)
                st.rerun()


def _show_header(panel: Panel) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="run_header"):
        st.header(escape(panel.stored.name), anchor=False, width="stretch")
        status_badge.show(panel.state.status, is_example=panel.stored.is_example)
        again = st.button(
            "The same again, with …",
            key="same_again",
            icon=":material/replay:",
            type="tertiary",
            help=wording.SAME_AGAIN_UNTAUGHT_HELP if panel.stored.config.lessons else wording.SAME_AGAIN_HELP,
            on_click=_repeat,
            args=(panel.stored,),
        )
        run_menu.show(panel.kind, panel.stored, after_deletion=panel.kind.close)
    if again:
        st.rerun()


def _repeat(stored: Run | Sweep) -> None:
    form.fill(stored.config)
    form.want(stored.id)


def _show_resume(panel: Panel) -> None:
    if panel.state.message:
        st.warning(escape(panel.state.message), icon=":material/warning:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Resume", key="resume", type="primary", icon=":material/resume:"):
            panel.kind.resume(panel.stored.id)
            st.rerun()
        st.caption(panel.resume_note)
