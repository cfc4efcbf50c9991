"""Ranking and calibration as Altair charts. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from core.analysis.error_analysis import ReliabilityBin, Roc
from core.experiment.arms import arm_title
from core.formatting import percent
from ui.arm_style import look_of
from ui.compare.error_analysis import groups
from ui.widgets import chart_marks
from ui.widgets.charts import INTERVAL_TOOLTIP, MODEL_TOOLTIP, REFERENCE_LINE, titled, told


def roc_chart(rocs: Mapping[str, Roc]) -> alt.LayerChart:
    """A curve per arm, the mean of the trials, with a band from the lowest to the highest trial."""
    curves = pd.concat(
        [
            pd.DataFrame(
                {
                    "arm": arm,
                    "false": roc.false_positive_rates,
                    "true": roc.true_positive_rates,
                    "low": roc.lowest,
                    "high": roc.highest,
                }
            )
            for arm, roc in rocs.items()
        ]
    )
    share = alt.Scale(domain=[0, 1])
    x = alt.X("false:Q", scale=share, axis=alt.Axis(format=".0%", title="Negative reviews mistaken for positive"))
    y = alt.Y("true:Q", scale=share, axis=alt.Axis(format=".0%", title="Positive reviews found"))
    base = alt.Chart(told(curves, "false", "true"))
    # Bands have no channel for their colour: with one, the legend would show it as faint as they are, and not the lines.
    bands = [
        base.transform_filter(f"datum.arm == '{arm}'")
        .mark_area(opacity=0.15, color=look_of(arm).colour)
        .encode(x=x, y=alt.Y("low:Q", scale=share), y2="high:Q")
        for arm in rocs
    ]
    lines = base.mark_line(strokeWidth=2.5).encode(
        x=x,
        y=y,
        color=chart_marks.arm_colour(list(rocs)),
        strokeDash=chart_marks.arm_dash(list(rocs)),
        tooltip=[
            MODEL_TOOLTIP,
            alt.Tooltip("false_shown:N", title="Negative mistaken for positive"),
            alt.Tooltip("true_shown:N", title="Positive found"),
        ],
    )
    areas = "; ".join(f"{arm_title(arm)} {roc.aucs.mean():.3f}" for arm, roc in rocs.items())
    return titled(
        alt.LayerChart(layer=[_diagonal("false", "true"), *bands, lines]),
        "ROC: reviews found against false alarms",
        f"ROC curves, mean of the trials. Area under the curve: {areas}. Guessing has 0.5.",
        height=chart_marks.PLOT_HEIGHT,
    )


def reliability_chart(reliabilities: Mapping[str, Sequence[ReliabilityBin]], *, chosen: str = "") -> alt.LayerChart:
    """A point per bin of probabilities: what was said against what came true, with the 95 % interval."""
    points = pd.DataFrame(
        [
            {
                "arm": arm,
                "said": each.mean_prob,
                "true": each.share_positive,
                "low": each.interval[0],
                "high": each.interval[1],
                "predictions": each.num_predictions,
                chart_marks.SELECTION: groups.reliability_key(arm, each.low),
                "chosen": groups.reliability_key(arm, each.low) == chosen,
            }
            for arm, bins in reliabilities.items()
            for each in bins
        ]
    )
    arms = list(reliabilities)
    share = alt.Scale(domain=[0, 1])
    x = alt.X("said:Q", scale=share, axis=alt.Axis(format=".0%", title="Predicted chance that a review is positive"))
    y = alt.Y("true:Q", scale=share, axis=alt.Axis(format=".0%", title="Share of them that are positive"))
    base = alt.Chart(told(points, "said", "true", "low", "high"))
    drawn = []
    for arm in arms:  # no channel for the colour, as in `roc_chart`
        of_arm = base.transform_filter(f"datum.arm == '{arm}'")
        span = of_arm.mark_rule(strokeWidth=1.5, color=look_of(arm).colour)
        line = of_arm.mark_line(strokeWidth=1.5, color=look_of(arm).colour, strokeDash=look_of(arm).dash)
        drawn += [span.encode(x=x, y=alt.Y("low:Q", scale=share), y2="high:Q"), line.encode(x=x, y=y)]
    dots = (
        base.mark_point(filled=True, opacity=1, cursor="pointer")
        .encode(
            x=x,
            y=y,
            color=chart_marks.arm_colour(arms),
            shape=chart_marks.arm_shape(arms),
            size=alt.condition("datum.chosen", alt.value(260), alt.value(90)),
            tooltip=[
                MODEL_TOOLTIP,
                alt.Tooltip("said_shown:N", title="Predicted"),
                alt.Tooltip("true_shown:N", title="Positive in fact"),
                *INTERVAL_TOOLTIP,
                alt.Tooltip("predictions:Q", format=",", title="Predictions, all trials"),
            ],
        )
        .add_params(chart_marks.selection())
    )
    return titled(
        alt.LayerChart(layer=[_diagonal("said", "true"), *drawn, dots]),
        "Reliability: predicted against true",
        f"Reliability diagram. {_describe_reliability(reliabilities)}",
        height=chart_marks.PLOT_HEIGHT,
    )


def _diagonal(x: str, y: str) -> alt.Chart:
    ends = pd.DataFrame({x: [0.0, 1.0], y: [0.0, 1.0]})
    line: alt.Chart = alt.Chart(ends).mark_line(**REFERENCE_LINE, strokeWidth=1.5).encode(x=f"{x}:Q", y=f"{y}:Q")
    return line


def _describe_reliability(reliabilities: Mapping[str, Sequence[ReliabilityBin]]) -> str:
    """The surest bin of each arm in words."""
    said = [
        f"Where {arm_title(arm)} says {percent(bins[-1].mean_prob)} positive on average, "
        f"{percent(bins[-1].share_positive)} are positive."
        for arm, bins in reliabilities.items()
    ]
    return " ".join(said)
