"""Accuracy on reviews of a kind, as an Altair chart whose columns can be clicked. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from core.analysis.error_analysis import AccuracyBin
from core.experiment.arms import arm_title
from core.formatting import percent
from ui.compare.error_analysis import groups
from ui.widgets import chart_marks
from ui.widgets.charts import titled


def accuracy_by_chart(trait: str, bins: Sequence[AccuracyBin], *, chosen: str = "") -> alt.LayerChart:
    """Accuracy of each arm on reviews of a kind, with the 95 % interval; a column can be clicked.

    Args:
        trait: "length" or "unknown".
        bins: From the lowest values to the highest.
        chosen: Key of the group that is read now; its column is tinted.
    """
    titles = {"length": "Accuracy by length", "unknown": "Accuracy by share of unknown words"}
    axes = {"length": "Words and signs", "unknown": "Share of words unknown to the static vectors"}
    labels = [groups.bin_label(trait, each) for each in bins]
    arms = list(bins[0].accuracies)
    columns = pd.DataFrame(
        [
            {
                "label": label,
                "reviews": len(each.reviews),
                **{arm_title(arm): percent(accuracy.mean) for arm, accuracy in each.accuracies.items()},
                chart_marks.SELECTION: groups.key(trait, number),
                "chosen": groups.key(trait, number) == chosen,
            }
            for number, (label, each) in enumerate(zip(labels, bins, strict=True))
        ]
    )
    points = pd.DataFrame(
        [
            {
                "label": label,
                "arm": arm,
                "accuracy": accuracy.mean,
                "low": accuracy.interval[0],
                "high": min(1.0, accuracy.interval[1]),
            }
            for label, each in zip(labels, bins, strict=True)
            for arm, accuracy in each.accuracies.items()
        ]
    )
    domain = [max(0.0, points["low"].min() - 0.02), min(1.0, points["high"].max() + 0.02)]
    scale = alt.Scale(domain=domain, nice=False)
    x = alt.X(
        "label:N",
        sort=labels,
        axis=alt.Axis(title=axes[trait], labelAngle=0, labelFlush=False, labelLimit=90),
        scale=alt.Scale(paddingInner=0.08, paddingOuter=0),
    )
    y_axis = alt.Axis(format=".0%", title="Test accuracy")
    backs = (
        alt.Chart(columns)
        .mark_rect(color=chart_marks.BOTH_ARMS, cursor="pointer")
        .encode(
            x=x,
            opacity=alt.condition("datum.chosen", alt.value(0.35), alt.value(0.08)),
            tooltip=[
                alt.Tooltip("label:N", title=axes[trait]),
                alt.Tooltip("reviews:Q", format=",", title="Reviews"),
                *(alt.Tooltip(f"{arm_title(arm)}:N", title=arm_title(arm)) for arm in arms),
            ],
        )
        .add_params(chart_marks.selection())
    )
    base = alt.Chart(points)
    offset = alt.XOffset("arm:N", sort=arms, scale=alt.Scale(paddingOuter=0.8))
    spans = base.mark_rule(strokeWidth=2).encode(
        x=x, xOffset=offset, y=alt.Y("low:Q", scale=scale, axis=y_axis), y2="high:Q", color=chart_marks.arm_colour(arms)
    )
    dots = base.mark_point(filled=True, size=100, opacity=1).encode(
        x=x,
        xOffset=offset,
        y=alt.Y("accuracy:Q", scale=scale, axis=y_axis),
        color=chart_marks.arm_colour(arms),
        shape=chart_marks.arm_shape(arms),
    )
    said = "; ".join(
        f"{label}: " + ", ".join(f"{arm_title(arm)} {percent(accuracy.mean)}" for arm, accuracy in each.accuracies.items())
        for label, each in zip(labels, bins, strict=True)
    )
    description = f"{titles[trait]}, mean of the trials with 95 % intervals. {said}."
    return titled(alt.LayerChart(layer=[backs, spans, dots]), titles[trait], description, height=chart_marks.PLOT_HEIGHT)
