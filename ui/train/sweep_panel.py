"""The panel of a learning curve: one bar over all of its runs, what each size found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.analysis.curves.learning_curve import label_saving, learning_curve
from core.analysis.outcomes import Outcomes
from core.analysis.verdicts import holds_for, label_saving_sentence
from core.engine.sweep_progress import SweepProgress
from core.errors import UserError
from core.experiment.arms import PAIR, arm_title, has_pair
from core.formatting import in_percent
from core.store.run import Sweep, lowest_coverage
from ui.app import models, server
from ui.app.errors import show_error
from ui.app.url_state import SWEEPS
from ui.text import escape
from ui.train import panel, wording
from ui.train.panel import Panel
from ui.widgets import charts, learning_curve_chart
from ui.widgets.status_badge import status_word


def follow(sweep: Sweep) -> None:
    """Show a learning curve and keep it up to date until it ends."""
    panel.follow(partial(load, sweep.id), is_active=server.engine().sweep_progress(sweep.id).is_active)


def load(sweep_id: str) -> Panel:
    """The panel as the learning curve stands now."""
    sweep = SWEEPS.get(sweep_id)
    progress = server.engine().sweep_progress(sweep_id)
    return Panel(
        kind=SWEEPS,
        stored=sweep,
        state=progress,
        news=wording.curve_news(progress),
        show_progress=lambda: _show_progress(progress),
        resume_note=f"{_counts(progress)}. {wording.RESUME_NOTE}",
        show_results=lambda: _show_results(sweep, progress),
    )


def _show_progress(progress: SweepProgress) -> None:
    st.progress(min(1.0, progress.fraction), text=wording.curve_headline(progress))
    st.caption(_counts(progress))


def _counts(progress: SweepProgress) -> str:
    return wording.models_trained(progress.num_finished, progress.num_pairs, progress.num_reused)


def _show_results(sweep: Sweep, progress: SweepProgress) -> None:
    try:
        points = _points(progress)
    except UserError as error:  # what is known without the reviews is shown all the same
        show_error(error)
        points = {}
    if points and not progress.is_active:
        _show_sentence(progress, points)
    if points:
        _show_chart(sweep, list(points.values()))
        st.caption(holds_for(list(points.values())))
    if progress.num_finished:
        _show_way_to_curve(progress)
    _show_sizes(sweep, progress)


def _points(progress: SweepProgress) -> dict[str, tuple[int, Outcomes]]:
    """Of every run with a whole trial: its training size, and what its models predicted."""
    runs = [run for run in progress.runs if run is not None]
    finished = server.store().trials.finished_pairs([run.id for run in runs])
    return {
        run.id: (run.config.train_size, models.outcomes(run))
        for run in runs
        if any(all((trial, arm) in finished[run.id] for arm in run.config.arms) for trial in range(run.config.num_trials))
    }


def _show_sentence(progress: SweepProgress, points: Mapping[str, tuple[int, Outcomes]]) -> None:
    """How many labels ELMo saves, for a curve with both arms."""
    finished = [run for run in progress.runs if run is not None and run.is_finished and run.id in points]
    of_finished = [points[run.id] for run in finished]
    if of_finished and all(has_pair(outcomes.arms) for _, outcomes in of_finished):
        with st.container(key="verdict"):
            st.markdown(f"### {escape(label_saving_sentence(label_saving(of_finished), lowest_coverage(finished)))}")


def _show_chart(sweep: Sweep, points: Sequence[tuple[int, Outcomes]]) -> None:
    """The curve where it is trained, on axes that have room for all of its sizes from the beginning."""
    curve, saving = learning_curve(points), label_saving(points)
    plot = learning_curve_chart.curve_plot(curve, saving, sizes=sweep.train_sizes, height=charts.PLOT_HEIGHT)
    st.altair_chart(plot, key="sweep_chart")  # its description is the alt text, the table is below


def _show_way_to_curve(progress: SweepProgress) -> None:
    run_ids = [run.id for run in progress.runs if run is not None]
    st.page_link(
        "pages/compare.py",
        label="More about this curve on Compare",
        icon=":material/show_chart:",
        query_params={"runs": ",".join(run_ids), "view": "curve"},
    )


def _show_sizes(sweep: Sweep, progress: SweepProgress) -> None:
    """A row per size with the means of its finished trials."""
    overview = server.store().overview().set_index("id")
    rows = []
    for train_size, run in zip(sweep.train_sizes, progress.runs, strict=True):
        row: dict[str, object] = {"reviews": train_size}
        if run is not None and run.id in overview.index:
            of_run = overview.loc[run.id]
            means = {arm: in_percent(of_run[f"mean_{arm}"]) for arm in PAIR if arm in run.config.arms}
            row |= {arm_title(arm): mean for arm, mean in means.items()}
            if len(means) == 2:
                row["difference"] = in_percent(of_run["mean_difference"])
            row["trained"] = of_run["num_pairs"] * len(sweep.train_sizes) / sweep.num_pairs * 100
        rows.append(row | {"state": "deleted" if run is None else status_word(run.status)})
    st.dataframe(
        pd.DataFrame(rows),
        key="sweep_table",
        alt="Mean accuracy of both models at each training size",
        hide_index=True,
        placeholder="…",
        column_config={
            "reviews": st.column_config.NumberColumn("reviews", format="localized", help="Training reviews per trial"),
            "trained": st.column_config.ProgressColumn("trained", format="%.0f %%", min_value=0, max_value=100),
            **{title: st.column_config.NumberColumn(title, format="%.1f %%") for title in map(arm_title, PAIR)},
            "difference": st.column_config.NumberColumn("difference", format="%+.1f points"),
        },
    )
