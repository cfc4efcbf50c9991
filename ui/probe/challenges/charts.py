"""Scores of challenges as charts. Nothing in here knows Streamlit."""

from __future__ import annotations

from functools import partial
from typing import Literal

import altair as alt
import pandas as pd

from core.experiment.arms import arm_title
from core.formatting import percent
from ui.arm_style import look_of
from ui.widgets.charts import MODEL_TOOLTIP, told

Measure = Literal["pass", "flip"]

FAMILY_ROW_HEIGHT = 34
_whole_percent = partial(percent, decimals=0)
_MEASURED = {"pass": "pairs passed", "flip": "pairs flipped"}


def rate_plot(scores: pd.DataFrame, measure: Measure, *, title: str) -> alt.LayerChart:
    """A row per family; in it, for each arm, the rate as a point on its 95 % interval.

    Args:
        scores: Rows of `core.challenges.export.scores_table` with a family.
        measure: Which rate.
        title: Above the chart.
    """
    arms = list(dict.fromkeys(scores["arm"]))
    rates = scores[["family", "arm", "num_pairs"]].assign(
        rate=scores[f"{measure}_rate"],
        low=scores[f"{measure}_low"],
        high=scores[f"{measure}_high"],
    )
    rates = told(rates, "rate", "low", "high", write=_whole_percent)
    titles = [arm_title(arm) for arm in arms]
    legend = alt.Legend(title=None, orient="top", symbolSize=110, symbolOpacity=1)
    colour = alt.Color("model:N", scale=alt.Scale(domain=titles, range=[look_of(arm).colour for arm in arms]), legend=legend)
    shape = alt.Shape("model:N", scale=alt.Scale(domain=titles, range=[look_of(arm).shape for arm in arms]), legend=legend)
    base = alt.Chart(rates).encode(
        y=alt.Y(
            "family:N",
            sort=list(dict.fromkeys(scores["family"])),
            axis=alt.Axis(title=None, labelFontSize=13, labelLimit=190, grid=True, tickBand="extent", ticks=False),
        ),
        yOffset=alt.YOffset("model:N", sort=titles, scale=alt.Scale(paddingOuter=0.5)),
        tooltip=[
            alt.Tooltip("family:N", title="Family"),
            MODEL_TOOLTIP,
            alt.Tooltip("rate_shown:N", title=_MEASURED[measure].capitalize()),
            alt.Tooltip("low_shown:N", title="95 % interval from"),
            alt.Tooltip("high_shown:N", title="to"),
            alt.Tooltip("num_pairs:Q", title="Pairs"),
        ],
    )
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], title=f"Share of {_MEASURED[measure]}")
    scale = alt.Scale(domain=[0, 1])
    intervals = base.mark_rule(strokeWidth=3, opacity=0.45).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", color=colour
    )
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=alt.X("rate:Q", scale=scale, axis=axis), color=colour, shape=shape
    )
    return alt.LayerChart(layer=[intervals, points]).properties(
        title=alt.Title(title, anchor="start", fontSize=13),
        description=describe_rates(rates, measure),
        height=FAMILY_ROW_HEIGHT * rates["family"].nunique(),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )


def describe_rates(rates: pd.DataFrame, measure: Measure) -> str:
    """The alt text of `rate_plot`: every rate in words."""
    families = []
    for family, rows in rates.groupby("family", sort=False):
        parts = [f"{model} {rate}" for model, rate in zip(rows["model"], rows["rate_shown"], strict=True)]
        families.append(f"{family}: {', '.join(parts)}")
    return f"Share of {_MEASURED[measure]}. {'; '.join(families)}."
