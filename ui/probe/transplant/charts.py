"""Answers before and after a transplant as a chart. Nothing in here knows Streamlit."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.experiment.arms import arm_title
from ui.arm_style import look_of
from ui.widgets.charts import MODEL_TOOLTIP, REFERENCE_LINE, told

_ROW_HEIGHT = 44


def answer_plot(answers: pd.DataFrame, *, title: str) -> alt.LayerChart:
    """A row for each transplant; in it, for each arm, the mean answer as a point on the spread of the heads.

    Args:
        answers: Rows with `what` (of the row), `arm`, `mean`, `low` and `high` (probabilities of "positive").
        title: Above the chart.
    """
    arms = list(dict.fromkeys(answers["arm"]))
    rows = told(answers, "mean", "low", "high")
    titles = [arm_title(arm) for arm in arms]
    legend = alt.Legend(title=None, orient="top", symbolSize=110, symbolOpacity=1)
    colour = alt.Color("model:N", scale=alt.Scale(domain=titles, range=[look_of(arm).colour for arm in arms]), legend=legend)
    shape = alt.Shape("model:N", scale=alt.Scale(domain=titles, range=[look_of(arm).shape for arm in arms]), legend=legend)
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], title="Chance that it is positive")
    base = alt.Chart(rows).encode(
        y=alt.Y(
            "what:N",
            sort=list(dict.fromkeys(answers["what"])),
            axis=alt.Axis(title=None, labelFontSize=13, labelLimit=150, grid=True, tickBand="extent", ticks=False),
        ),
        yOffset=alt.YOffset("model:N", sort=titles, scale=alt.Scale(paddingOuter=0.5)),
        tooltip=[
            alt.Tooltip("what:N", title="Moved"),
            MODEL_TOOLTIP,
            alt.Tooltip("mean_shown:N", title="Mean"),
            alt.Tooltip("low_shown:N", title="Lowest trial"),
            alt.Tooltip("high_shown:N", title="Highest trial"),
        ],
    )
    middle = (
        alt.Chart(pd.DataFrame({"mean": [0.5]})).mark_rule(**REFERENCE_LINE).encode(x=alt.X("mean:Q", scale=scale, axis=axis))
    )
    spreads = base.mark_rule(strokeWidth=5, opacity=0.35, strokeCap="round").encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", color=colour
    )
    points = base.mark_point(filled=True, size=130, opacity=1).encode(
        x=alt.X("mean:Q", scale=scale, axis=axis), color=colour, shape=shape
    )
    return alt.LayerChart(layer=[middle, spreads, points]).properties(
        title=alt.Title(title, anchor="start", fontSize=13),
        description=describe_answers(rows, title),
        height=_ROW_HEIGHT * rows["what"].nunique(),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )


def describe_answers(rows: pd.DataFrame, title: str) -> str:
    """The alt text of `answer_plot`: every mean in words."""
    parts = []
    for what, its in rows.groupby("what", sort=False):
        answers = ", ".join(f"{model} {mean}" for model, mean in zip(its["model"], its["mean_shown"], strict=True))
        parts.append(f"{what}: {answers}")
    return f"{title}. {'; '.join(parts)}."
