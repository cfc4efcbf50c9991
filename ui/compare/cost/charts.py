"""Accuracy against what it costs, as an Altair chart. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from core.analysis.cost import ArmCost
from core.experiment.arms import ARM_TITLES, arm_title
from core.formatting import percent
from ui.widgets import chart_marks
from ui.widgets.charts import MODEL_TOOLTIP, PAIR_LINE, titled, told

_HEIGHT = 380
_MARGIN = 1.4  # of the log axis on both sides


def cost_plot(costs: Sequence[tuple[str, ArmCost]], *, title: str = "Accuracy and seconds of one model") -> alt.LayerChart:
    """A point per run and arm: how long it takes from labelled reviews to a tested head, and what that reaches.

    Args:
        costs: Name of the run and cost of an arm; at least one whose seconds are known.
        title: Above the chart.
    """
    rows = pd.DataFrame(
        [
            {
                "run": name,
                "arm": cost.arm,
                "accuracy": cost.accuracy,
                "seconds": cost.total_s,
                "embed": cost.embed_s,
                "train": cost.train_s,
            }
            for name, cost in costs
            if cost.total_s is not None
        ]
    )
    arms = [arm for arm in ARM_TITLES if arm in set(rows["arm"])]
    domain = [float(rows["seconds"].min()) / _MARGIN, float(rows["seconds"].max()) * _MARGIN]
    x = alt.X(
        "seconds:Q",
        scale=alt.Scale(type="log", domain=domain, nice=False),
        axis=alt.Axis(title="Seconds to read reviews and train", format="~g", labelOverlap=True, grid=False),
    )
    y = alt.Y("accuracy:Q", scale=alt.Scale(zero=False, padding=20), axis=alt.Axis(format=".0%", title="Test accuracy"))
    lines = alt.Chart(rows).mark_line(color=PAIR_LINE, strokeWidth=1.5, opacity=0.8).encode(x=x, y=y, detail="run:N")
    marks = (
        alt.Chart(told(rows, "accuracy"))
        .mark_point(filled=True, size=110, opacity=1)
        .encode(
            x=x,
            y=y,
            color=chart_marks.arm_colour(arms),
            shape=chart_marks.arm_shape(arms),
            tooltip=[
                alt.Tooltip("run:N", title="Run"),
                MODEL_TOOLTIP,
                alt.Tooltip("accuracy_shown:N", title="Mean accuracy"),
                alt.Tooltip("embed:Q", format=",.1f", title="Seconds to read"),
                alt.Tooltip("train:Q", format=",.1f", title="Seconds to train"),
            ],
        )
    )
    return titled(alt.LayerChart(layer=[lines, marks]), title, describe(costs), height=_HEIGHT)


def describe(costs: Sequence[tuple[str, ArmCost]]) -> str:
    """The alt text of `cost_plot`."""
    said = [
        f"{arm_title(cost.arm)} of {name} takes {cost.total_s:,.1f} s and reaches {percent(cost.accuracy)}"
        for name, cost in costs
        if cost.total_s is not None
    ]
    return f"Cost beside accuracy: {'; '.join(said)}."
