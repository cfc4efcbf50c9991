"""The steps from one model to another as an Altair chart. Nothing in here knows Streamlit."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.analysis.staircase import Staircase
from core.experiment.arms import arm_title
from core.formatting import percent, signed
from ui.arm_style import ARM_LABELS
from ui.widgets.charts import (
    INTERVAL_TOOLTIP,
    MODEL_TOOLTIP,
    PAIR_LINE,
    TEXT,
    accuracy_domain,
    arm_colour,
    arm_shape,
    titled,
    told,
)

_HEIGHT = 360
_BAR_WIDTH = 46


def steps_plot(stairs: Staircase) -> alt.LayerChart:
    """A point per model at its accuracy, and a bar from the one before, with the 95 % interval of the step.

    Args:
        stairs: Of a run.
    """
    models = pd.DataFrame([{"arm": arm, "accuracy": each.mean} for arm, each in stairs.accuracies.items()])
    before = {step.end: stairs.accuracies[step.start].mean for step in stairs.steps}
    steps = pd.DataFrame(
        [
            {
                "arm": step.end,
                "before": before[step.end],
                "after": before[step.end] + step.gain.mean,
                "lowest": max(before[step.end] + step.gain.interval[0], 0.0),
                "highest": min(before[step.end] + step.gain.interval[1], 1.0),
                "gain": f"{signed(step.gain.mean)}",
                "low_shown": signed(step.gain.interval[0]),
                "high_shown": signed(step.gain.interval[1]),
            }
            for step in stairs.steps
        ]
    )
    domain = accuracy_domain(pd.concat([models["accuracy"], steps["lowest"], steps["highest"]]))
    scale = alt.Scale(domain=list(domain), nice=False)
    axis = alt.Axis(labelExpr=ARM_LABELS, labelAngle=0, labelFontSize=14, title=None)
    x = alt.X("arm:N", sort=list(stairs.accuracies), axis=axis, scale=alt.Scale(domain=list(stairs.accuracies), padding=0.4))
    colour, shape = arm_colour(stairs.accuracies), arm_shape(stairs.accuracies)
    of_steps = alt.Chart(steps).encode(x=x, tooltip=[alt.Tooltip("gain:N", title="Step in points"), *INTERVAL_TOOLTIP])
    bars = of_steps.mark_bar(width=_BAR_WIDTH, opacity=0.35).encode(
        y=alt.Y("before:Q", scale=scale, axis=alt.Axis(format=".0%", title="Test accuracy")), y2="after:Q", color=colour
    )
    spans = of_steps.mark_rule(color=PAIR_LINE, strokeWidth=2.5).encode(y=alt.Y("lowest:Q", scale=scale), y2="highest:Q")
    labels = of_steps.mark_text(dy=-9, fontSize=14, fontWeight="bold", color=TEXT).encode(
        y=alt.Y("highest:Q", scale=scale), text="gain:N"
    )
    points = (
        alt.Chart(told(models, "accuracy"))
        .mark_point(filled=True, size=120, opacity=1)
        .encode(
            x=x,
            y=alt.Y("accuracy:Q", scale=scale),
            color=colour,
            shape=shape,
            tooltip=[MODEL_TOOLTIP, alt.Tooltip("accuracy_shown:N", title="Mean accuracy")],
        )
    )
    chart = alt.LayerChart(layer=[bars, spans, points, labels])
    return titled(chart, "From one model to the next, one change at a time", describe(stairs), height=_HEIGHT)


def describe(stairs: Staircase) -> str:
    """The alt text of `steps_plot`."""
    first, *_ = stairs.accuracies
    told_steps = [
        f"{arm_title(step.end)} {percent(stairs.accuracies[step.end].mean)}, {signed(step.gain.mean)} points"
        for step in stairs.steps
    ]
    return f"Steps of accuracy: {arm_title(first)} {percent(stairs.accuracies[first].mean)}; {'; '.join(told_steps)}."
