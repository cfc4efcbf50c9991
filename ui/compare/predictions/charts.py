"""Accuracy and calibration of two models by any names, as Altair charts. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from core.analysis.error_analysis import ReliabilityBin
from core.analysis.intervals import Estimate
from core.formatting import percent
from ui.compare.error_analysis.slice_charts import NamedLook
from ui.widgets import chart_marks
from ui.widgets.charts import INTERVAL_TOOLTIP, REFERENCE_LINE, titled, told

_ROW_HEIGHT = 56
_AROUND_HEIGHT = 110  # title and axis
_MARGIN = 0.02
_DASHES = ([1, 0], [7, 3])


def accuracy_chart(accuracies: Mapping[str, Estimate], looks: Mapping[str, NamedLook]) -> alt.LayerChart:
    """A row per model with its accuracy and the 95 % interval."""
    points = pd.DataFrame(
        [
            {"model": name, "accuracy": each.mean, "low": each.interval[0], "high": each.interval[1]}
            for name, each in accuracies.items()
        ]
    )
    domain = [max(0.0, points["low"].min() - _MARGIN), min(1.0, points["high"].max() + _MARGIN)]
    scale, axis = (
        alt.Scale(domain=domain, nice=False),
        alt.Axis(format=".0%", title="Test accuracy", tickCount=8, tickMinStep=0.01),
    )
    y = alt.Y("model:N", sort=list(accuracies), axis=alt.Axis(title=None, ticks=False, labelLimit=150))
    base = alt.Chart(told(points, "accuracy", "low", "high"))
    spans = base.mark_rule(strokeWidth=3).encode(
        y=y, x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", color=_colour(looks, legend=None)
    )
    dots = base.mark_point(filled=True, size=160, opacity=1).encode(
        y=y,
        x=alt.X("accuracy:Q", scale=scale, axis=axis),
        color=_colour(looks, legend=None),
        shape=_shape(looks, legend=None),
        tooltip=[
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("accuracy_shown:N", title="Accuracy"),
            *INTERVAL_TOOLTIP,
        ],
    )
    said = ", ".join(f"{name} {percent(each.mean)}" for name, each in accuracies.items())
    chart = alt.LayerChart(layer=[spans, dots])
    height = _AROUND_HEIGHT + _ROW_HEIGHT * len(accuracies)
    return titled(chart, "Accuracy with its 95 % interval", f"Accuracy with 95 % intervals: {said}.", height=height)


def reliability_chart(bins: Mapping[str, Sequence[ReliabilityBin]], looks: Mapping[str, NamedLook]) -> alt.LayerChart:
    """A point per bin of probabilities: what was said against what came true, with the 95 % interval."""
    share = alt.Scale(domain=[0, 1])
    x = alt.X("said:Q", scale=share, axis=alt.Axis(format=".0%", title="Predicted chance that a review is positive"))
    y = alt.Y("true:Q", scale=share, axis=alt.Axis(format=".0%", title="Share of them that are positive"))
    ends = pd.DataFrame({"said": [0.0, 1.0], "true": [0.0, 1.0]})
    layers = [alt.Chart(ends).mark_line(**REFERENCE_LINE, strokeWidth=1.5).encode(x=x, y=y)]
    legend = alt.Legend(title=None, orient="top", symbolOpacity=1)
    drawn = {name: looks[name] for name in bins}
    for dash, (name, found) in zip(_DASHES, bins.items(), strict=False):
        points = pd.DataFrame(
            [
                {
                    "model": name,
                    "said": each.mean_prob,
                    "true": each.share_positive,
                    "low": each.interval[0],
                    "high": each.interval[1],
                    "predictions": each.num_predictions,
                }
                for each in found
            ]
        )
        base = alt.Chart(told(points, "said", "true", "low", "high"))
        span = base.mark_rule(strokeWidth=1.5, color=looks[name].colour)
        line = base.mark_line(strokeWidth=1.5, color=looks[name].colour, strokeDash=dash)
        dots = base.mark_point(filled=True, opacity=1, size=90).encode(
            x=x,
            y=y,
            color=_colour(drawn, legend=legend),
            shape=_shape(drawn, legend=legend),
            tooltip=[
                alt.Tooltip("model:N", title="Model"),
                alt.Tooltip("said_shown:N", title="Predicted"),
                alt.Tooltip("true_shown:N", title="Positive in fact"),
                *INTERVAL_TOOLTIP,
                alt.Tooltip("predictions:Q", format=",", title="Predictions"),
            ],
        )
        layers += [span.encode(x=x, y=alt.Y("low:Q", scale=share), y2="high:Q"), line.encode(x=x, y=y), dots]
    said = " ".join(
        f"Where {name} says {percent(found[-1].mean_prob)} positive on average, {percent(found[-1].share_positive)} are positive."
        for name, found in bins.items()
    )
    return titled(
        alt.LayerChart(layer=layers),
        "Reliability: predicted against true",
        f"Reliability diagram. {said}",
        height=chart_marks.PLOT_HEIGHT,
    )


def _colour(looks: Mapping[str, NamedLook], *, legend: alt.Legend | None) -> alt.Color:
    scale = alt.Scale(domain=list(looks), range=[look.colour for look in looks.values()])
    return alt.Color("model:N", scale=scale, legend=legend)


def _shape(looks: Mapping[str, NamedLook], *, legend: alt.Legend | None) -> alt.Shape:
    scale = alt.Scale(domain=list(looks), range=[look.shape for look in looks.values()])
    return alt.Shape("model:N", scale=scale, legend=legend)
