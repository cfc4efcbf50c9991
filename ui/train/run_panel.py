"""The panel of a run: what it does now, how far each model is, what it found so far."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.experiment.config import ARM_TITLES
from core.experiment.events import EpochFinished, Progress
from core.formatting import percent
from core.store.run import Run
from ui.app import server
from ui.app.url_state import RUNS
from ui.text import count
from ui.train import panel, run_results
from ui.train.panel import Panel, time_left


def follow(run: Run) -> None:
    """Show a run and keep showing it until it ends."""
    panel.follow(partial(load, run.id), is_active=run.is_active)


def load(run_id: str) -> Panel:
    """The panel as the run stands now."""
    run = server.store().get_run(run_id)
    return Panel(
        kind=RUNS,
        stored=run,
        state=run,
        show_progress=lambda: _show_progress(server.engine().progress(run_id)),
        resume_note="Finished trials are kept. A resumed run gives the same numbers as one that was never stopped.",
        show_results=lambda: run_results.show(run),
    )


def _show_progress(progress: Progress | None) -> None:
    """How far a run is; if another program drives it, maybe after this one did, the store knows only the results."""
    if progress is None or progress.outcome != "running":
        st.info("Another program trains this run; trials appear here as they finish.", icon=":material/sync:")
    else:
        st.progress(min(1.0, progress.fraction), text=_headline(progress))
        _show_embedding(progress)
        _show_training(progress)


def _headline(progress: Progress) -> str:
    phase = (progress.phase or "waiting").capitalize()
    return f"{phase} · {time_left(progress.remaining_s)}"


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
