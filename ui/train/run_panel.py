"""The panel that follows a run: what it does now, how far it is, what it found so far, and the buttons that steer it."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from core.experiment.config import ARM_TITLES
from core.experiment.events import EpochFinished, Progress
from core.formatting import percent
from core.store.run import Run, Status
from ui.app import server, url_state
from ui.app.errors import errors_shown
from ui.text import count, duration, escape
from ui.train import run_results
from ui.widgets import run_menu

POLL_S = 1.0
Colour = Literal["gray", "violet", "green", "orange", "red"]
BADGES: dict[Status, tuple[str, str, Colour]] = {
    "queued": ("waiting", ":material/hourglass:", "gray"),
    "running": ("running", ":material/play_circle:", "violet"),
    "finished": ("finished", ":material/check_circle:", "green"),
    "cancelled": ("cancelled", ":material/cancel:", "orange"),
    "interrupted": ("interrupted", ":material/pause_circle:", "orange"),
    "failed": ("failed", ":material/error:", "red"),
}


def follow(run: Run) -> None:
    """Show a run and keep showing it until it ends, every second anew while it runs."""
    st.fragment(_panel, run_every=POLL_S if run.is_active else None)(run.id, was_active=run.is_active)


@errors_shown()
def _panel(run_id: str, *, was_active: bool) -> None:
    run = server.store().get_run(run_id)
    if run.is_active != was_active:
        st.rerun()  # the page sets or clears the timer
    _show_header(run)
    if run.is_active:
        _show_progress(run, server.engine().progress(run_id))
    elif run.can_resume:
        _show_resume(run)
    run_results.show(run)


def _show_header(run: Run) -> None:
    label, icon, colour = BADGES[run.status]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(escape(run.name), anchor=False, width="stretch")
        st.badge(label, icon=icon, color=colour, width="content")
        run_menu.show(run, after_deletion=url_state.close_run)


def _show_progress(run: Run, progress: Progress | None) -> None:
    """How far a run is; of one that another program drives, maybe after this one did, the store tells only the results."""
    with st.container(border=True, key="progress_panel"):
        if progress is None or progress.outcome != "running":
            st.info("Another program trains this run; trials appear here as they finish.", icon=":material/sync:")
        else:
            st.progress(min(1.0, progress.fraction), text=_headline(progress))
            _show_embedding(progress)
            _show_training(progress)
        if st.button("Cancel", key="cancel", icon=":material/stop:"):
            server.engine().cancel(run.id)
            st.caption("Cancelling; finished trials are kept.")


def _headline(progress: Progress) -> str:
    phase = (progress.phase or "waiting").capitalize()
    left = progress.remaining_s
    return f"{phase} · {'time left: about ' + duration(left) if left else 'working out how long it takes'}"


def _show_embedding(progress: Progress) -> None:
    if not progress.num_reviews:
        return
    parts = [f"{progress.num_embedded:,} of {count(progress.num_reviews, 'review')} read by ELMo"]
    if progress.reviews_per_s:
        parts.append(f"{progress.reviews_per_s:.0f} per second")
    if progress.num_reused:
        parts.append(f"{progress.num_reused:,} known from before")
    st.caption(" · ".join(parts))


def _show_training(progress: Progress) -> None:
    columns = st.columns(max(1, len(progress.arms)))
    for column, arm in zip(columns, progress.arms, strict=False):
        num_finished = sum(finished.arm == arm for finished in progress.finished)
        lines = [f"**{ARM_TITLES[arm]}**: {num_finished} of {count(progress.num_trials, 'trial')} finished"]
        lines += [_epoch_line(epoch) for (_, its_arm), epoch in sorted(progress.epochs.items()) if its_arm == arm]
        column.markdown("  \n".join(lines))


def _epoch_line(epoch: EpochFinished) -> str:
    return (
        f"Trial {epoch.trial + 1}, epoch {epoch.epoch} of at most {epoch.num_epochs}, "
        f"{percent(epoch.validation_accuracy)} on validation reviews"
    )


def _show_resume(run: Run) -> None:
    if run.message:
        st.warning(escape(run.message), icon=":material/warning:")
    st.caption("What is finished is kept. Resumed, the run ends with the same numbers as if nothing had happened.")
    if st.button("Resume", key="resume", type="primary", icon=":material/resume:"):
        server.engine().resume(run.id)
        st.rerun()
