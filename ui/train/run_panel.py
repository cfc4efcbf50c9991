"""The panel of a run: what it does now, how far each model is, what it found so far."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.experiment.arms import arm_title
from core.experiment.events import Progress
from core.store.run import Run
from ui.app import server
from ui.app.url_state import RUNS
from ui.text import count
from ui.train import panel, run_results, wording
from ui.train.panel import Panel


def follow(run: Run) -> None:
    """Show a run and keep it up to date until it ends."""
    panel.follow(partial(load, run.id), is_active=run.is_active)


def load(run_id: str) -> Panel:
    """The panel as the run stands now."""
    run = server.store().get_run(run_id)
    progress = server.engine().progress(run_id)
    epochs = [epoch for _, of_pair in sorted(progress.history.items()) for epoch in of_pair] if progress else []
    is_followed = progress is not None and progress.outcome == "running"
    return Panel(
        kind=RUNS,
        stored=run,
        state=run,
        news=wording.news(progress) if progress and is_followed else wording.DRIVEN_ELSEWHERE,
        show_progress=lambda: _show_progress(progress if is_followed else None),
        resume_note=wording.RESUME_NOTE,
        show_results=lambda: run_results.show(run, epochs),
    )


def _show_progress(progress: Progress | None) -> None:
    """How far a run is; if another program drives it, maybe after this one did, the store knows only the results."""
    if progress is None:
        st.info(wording.DRIVEN_ELSEWHERE, icon=":material/sync:")
    else:
        place = server.engine().queue_place(progress.run_id)
        st.progress(min(1.0, progress.fraction), text=wording.place(place) if place else wording.headline(progress))
        if note := wording.embedding(progress):
            st.caption(note)
        _show_training(progress)


def _show_training(progress: Progress) -> None:
    columns = st.columns(max(1, len(progress.arms)))
    for column, arm in zip(columns, progress.arms, strict=False):
        num_finished = sum(finished.arm == arm for finished in progress.finished)
        lines = [f"**{arm_title(arm)}**: {num_finished} of {count(progress.num_trials, 'trial')} finished"]
        lines += [wording.epoch(epoch) for (_, its_arm), epoch in sorted(progress.epochs.items()) if its_arm == arm]
        column.caption("  \n".join(lines))
