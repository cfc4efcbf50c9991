"""The accuracies of a run, trial by trial: what they say, both charts, the table."""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from core.analysis import verdicts
from core.experiment.arms import BAG_OF_WORDS, MODEL_TITLES, pair_of
from ui.text import escape
from ui.widgets import charts
from ui.widgets.tables import Kind, Table


def show_verdict(sentence: str, *, num_trials: int, more: str = "", level: int = 2) -> None:
    """The sentence about a run as a heading.

    Args:
        sentence: Plain text.
        num_trials: That it is about; the sentence of a single trial explains its interval itself.
        more: Said after it.
        level: Of the heading, 1-6.
    """
    st.markdown(f"{'#' * level} {escape(sentence)}{more}", help=verdicts.INTERVAL_HELP if num_trials > 1 else None)


def accuracy_charts(
    accuracies: pd.DataFrame,
    reference: pd.Series | None = None,
    *,
    heights: tuple[int, int] = (charts.PLOT_HEIGHT, charts.PLOT_HEIGHT),
) -> dict[str, alt.LayerChart]:
    """Pair plot and box plot, by the names of their files, with their heights in pixels."""
    return {
        "pairs": charts.pair_plot(accuracies, reference, height=heights[0]),
        "boxes": charts.box_plot(accuracies, reference, height=heights[1]),
    }


def trials_table(accuracies: pd.DataFrame, reference: pd.Series | None = None) -> Table:
    """A row per trial, which count from 1; a column per arm, the difference, and the bag of words if there is one."""
    frame = accuracies.set_axis(accuracies.index + 1).rename_axis("trial")
    kinds: dict[str, Kind] = {str(arm): "percent" for arm in frame}
    if pair := pair_of(frame):
        frame["difference"] = frame[pair[1]] - frame[pair[0]]
        kinds["difference"] = "points"
    if reference is not None and not reference.empty:
        frame[BAG_OF_WORDS] = reference.set_axis(reference.index + 1)
        kinds[BAG_OF_WORDS] = "percent"
    return Table("trials", "Accuracy of each trial", frame, {"trial": "count", **kinds}, MODEL_TITLES)
