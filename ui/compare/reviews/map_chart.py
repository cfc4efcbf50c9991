"""Every review by what both models say, as an Altair chart whose points can be clicked. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from core.experiment.arms import PAIR, arm_title
from ui.compare.error_analysis import groups
from ui.text import count
from ui.widgets import chart_marks
from ui.widgets.charts import REFERENCE_LINE, titled, told

_MAP_HEIGHT = 480
_LABEL_COLOURS = {"negative": "#CC79A7", "positive": "#009E73"}  # Okabe and Ito's, away from those of the arms
_LABEL_SHAPES = {"negative": "triangle-down", "positive": "triangle-up"}


def probability_map(
    basic: npt.NDArray[np.float64],
    elmo: npt.NDArray[np.float64],
    *,
    models: tuple[str, str] = PAIR,
    labels: npt.NDArray[np.int8],
    ids: Sequence[str],
    chosen: str = "",
) -> alt.LayerChart:
    """A point per review: what the first model says from left to right, what the second says from bottom to top.

    Args:
        basic: Probability of "positive" averaged over the trials, (num_tests,).
        elmo: The same of the second arm.
        models: Names of the two arms.
        labels: 0 negative, 1 positive, (num_tests,).
        ids: Of the reviews.
        chosen: Key of the group that is read now; if it is one review, its point is big.
    """
    first, second = map(arm_title, models)
    points = pd.DataFrame(
        {
            "basic": basic,
            "elmo": elmo,
            "truth": [groups.ANSWERS[label] for label in labels],
            chart_marks.SELECTION: [groups.key("review", review_id) for review_id in ids],
        }
    )
    points = told(points, "basic", "elmo")
    is_chosen = points[chart_marks.SELECTION] == chosen
    size: Any = alt.value(45)
    opacity: Any = alt.value(0.65)
    if is_chosen.any():  # otherwise the browser would ask every point for nothing
        points = points.assign(chosen=is_chosen).sort_values("chosen", kind="stable")  # the big one on top
        size = alt.condition("datum.chosen", alt.value(300), size)
        opacity = alt.condition("datum.chosen", alt.value(1), opacity)
    share = alt.Scale(domain=[0, 1])
    ticks = [0, 0.25, 0.5, 0.75, 1]
    x = alt.X("basic:Q", scale=share, axis=alt.Axis(format=".0%", values=ticks, title=f"{first}: chance that it is positive"))
    y = alt.Y("elmo:Q", scale=share, axis=alt.Axis(format=".0%", values=ticks, title=f"{second}: chance that it is positive"))
    middle = pd.DataFrame({"middle": [0.5]})
    across = alt.Chart(middle).mark_rule(**REFERENCE_LINE).encode(x=alt.X("middle:Q", scale=share))
    along = alt.Chart(middle).mark_rule(**REFERENCE_LINE).encode(y=alt.Y("middle:Q", scale=share))
    domain = list(groups.ANSWERS)
    legend = alt.Legend(title="The review is", orient="top")
    dots = (
        alt.Chart(points)
        .mark_point(filled=True, cursor="pointer")
        .encode(
            x=x,
            y=y,
            color=alt.Color("truth:N", scale=alt.Scale(domain=domain, range=list(_LABEL_COLOURS.values())), legend=legend),
            shape=alt.Shape("truth:N", scale=alt.Scale(domain=domain, range=list(_LABEL_SHAPES.values())), legend=legend),
            size=size,
            opacity=opacity,
            tooltip=[
                alt.Tooltip("truth:N", title="The review is"),
                alt.Tooltip("basic_shown:N", title=f"{first} says positive"),
                alt.Tooltip("elmo_shown:N", title=f"{second} says positive"),
            ],
        )
        .add_params(chart_marks.selection())
    )
    num_apart = int(((basic > 0.5) != (elmo > 0.5)).sum())
    description = (
        f"Scatter plot of {count(len(ids), 'test review')}: averaged over the trials, {first} and {second} give different "
        f"answers to {num_apart:,} of them."
    )
    chart = alt.LayerChart(layer=[across, along, dots])
    return titled(chart, "What both models say about every review", description, height=_MAP_HEIGHT)
