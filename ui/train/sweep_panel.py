"""The panel that follows a learning curve: one bar over all of its runs, what each size found, and the buttons that steer it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.analysis.learning_curve import label_saving
from core.analysis.verdicts import label_saving_sentence
from core.engine.sweep_progress import SweepProgress
from core.errors import UserError
from core.experiment.config import ARM_TITLES, has_pair
from core.formatting import in_percent
from core.store.run import Run, Sweep
from ui.app import models, server, url_state
from ui.app.errors import errors_shown, show_error
from ui.text import count, duration, escape
from ui.train.run_panel import BADGES, POLL_S
from ui.widgets import run_menu


def follow(sweep: Sweep) -> None:
    """Show a sweep and keep showing it until it ends, every second anew while it goes on."""
    is_active = server.engine().sweep_progress(sweep.id).is_active
    st.fragment(_panel, run_every=POLL_S if is_active else None)(sweep.id, was_active=is_active)


@errors_shown()
def _panel(sweep_id: str, *, was_active: bool) -> None:
    sweep = server.store().sweeps.get(sweep_id)
    progress = server.engine().sweep_progress(sweep_id)
    if progress.is_active != was_active:
        st.rerun()  # the page sets or clears the timer
    _show_header(sweep, progress)
    if progress.is_active:
        _show_progress(sweep, progress)
    elif progress.can_resume:
        _show_resume(sweep, progress)
    if progress.num_finished:
        if not progress.is_active:
            _show_sentence(progress)
        _show_way_to_curve(progress)
    _show_sizes(sweep, progress)


def _show_header(sweep: Sweep, progress: SweepProgress) -> None:
    label, icon, colour = BADGES[progress.status]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(escape(sweep.name), anchor=False, width="stretch")
        st.badge(label, icon=icon, color=colour, width="content")
        run_menu.show_sweep(sweep, after_deletion=url_state.close_sweep)


def _show_progress(sweep: Sweep, progress: SweepProgress) -> None:
    with st.container(border=True, key="sweep_panel"):
        st.progress(min(1.0, progress.fraction), text=_headline(progress))
        st.caption(_counts(progress))
        if st.button("Cancel", key="cancel_sweep", icon=":material/stop:"):
            server.engine().cancel_sweep(sweep.id)
            st.caption("Cancelling; finished trials are kept.")


def _headline(progress: SweepProgress) -> str:
    at = f"{progress.current.config.train_size:,} reviews per trial" if progress.current else "Waiting"
    return f"{at} · time left: about {duration(progress.remaining_s or 0)}"


def _counts(progress: SweepProgress) -> str:
    parts = [f"{progress.num_finished:,} of {count(progress.num_pairs, 'model')} trained"]
    if progress.num_reused:
        parts.append(f"{progress.num_reused:,} of them taken over from earlier runs")
    return " · ".join(parts)


def _show_resume(sweep: Sweep, progress: SweepProgress) -> None:
    if progress.message:
        st.warning(escape(progress.message), icon=":material/warning:")
    st.caption(
        f"{_counts(progress)}. What is finished is kept, and the curve ends with the same numbers as if nothing had happened."
    )
    if st.button("Resume", key="resume_sweep", type="primary", icon=":material/resume:"):
        server.engine().resume_sweep(sweep.id)
        st.rerun()


def _show_sentence(progress: SweepProgress) -> None:
    """How many labels ELMo saves; nothing for a curve without both arms."""
    finished = [run for run in progress.runs if run is not None and run.is_finished]
    try:
        points = [(run.config.train_size, models.outcomes(run)) for run in finished]
    except UserError as error:  # what is known without the reviews is shown all the same
        show_error(error)
        return
    if points and all(has_pair(outcomes.arms) for _, outcomes in points):
        st.markdown(f"#### {escape(label_saving_sentence(label_saving(points)))}")


def _show_way_to_curve(progress: SweepProgress) -> None:
    run_ids = [run.id for run in progress.runs if run is not None]
    st.page_link(
        "pages/compare.py",
        label="See the learning curve",
        icon=":material/show_chart:",
        query_params={"runs": ",".join(run_ids), "view": "curve"},
    )


def _show_sizes(sweep: Sweep, progress: SweepProgress) -> None:
    """A row per size, with what its finished trials say so far."""
    overview = server.store().overview().set_index("id")
    rows = []
    for train_size, run in zip(sweep.train_sizes, progress.runs, strict=True):
        row: dict[str, object] = {"reviews": train_size}
        if run is not None and run.id in overview.index:
            of_run = overview.loc[run.id]
            means = {arm: in_percent(of_run[f"mean_{arm}"]) for arm in ("basic", "elmo") if arm in run.config.arms}
            row |= {ARM_TITLES[arm]: mean for arm, mean in means.items()}
            if len(means) == 2:
                row["difference"] = in_percent(of_run["mean_difference"])
            row["trained"] = of_run["num_pairs"] * len(sweep.train_sizes) / sweep.num_pairs * 100
        rows.append(row | {"state": _state(run)})
    st.dataframe(
        pd.DataFrame(rows),
        key="sweep_table",
        alt="Mean accuracy of both models at each training size",
        hide_index=True,
        placeholder="…",
        column_config={
            "reviews": st.column_config.NumberColumn("reviews", format="localized", help="Training reviews per trial"),
            "trained": st.column_config.ProgressColumn("trained", format="%.0f %%", min_value=0, max_value=100),
            **{title: st.column_config.NumberColumn(title, format="%.1f %%") for title in ARM_TITLES.values()},
            "difference": st.column_config.NumberColumn("difference", format="%+.1f points"),
        },
    )


def _state(run: Run | None) -> str:
    return "deleted" if run is None else BADGES[run.status][0]
