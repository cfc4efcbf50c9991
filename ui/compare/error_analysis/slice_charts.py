"""Accuracy on slices of the test reviews, as an Altair chart whose rows can be clicked. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from core.analysis.error_analysis import AccuracySlice
from core.formatting import percent
from ui.arm_style import look_of
from ui.compare.error_analysis import groups
from ui.widgets import chart_marks
from ui.widgets.charts import INTERVAL_TOOLTIP, titled, told

_ROW_HEIGHT = 46
_AROUND_HEIGHT = 180  # title, legend and axis
_MARGIN = 0.02


@dataclass(frozen=True)
class NamedLook:
    """How a model is drawn: what it is called, its colour and its shape."""

    title: str
    colour: str
    shape: str


def named_look(arm: str, title: str) -> NamedLook:
    """The look of an arm, under that title."""
    look = look_of(arm)
    return NamedLook(title, look.colour, look.shape)


def slice_chart(
    name: str, slices: Sequence[AccuracySlice], looks: Mapping[str, NamedLook], *, chosen: str = ""
) -> alt.LayerChart:
    """A row per slice with the accuracy of each model and its 95 % interval; a row can be clicked.

    Args:
        name: What the slices are by.
        slices: From top to bottom.
        looks: Of the models, by arm.
        chosen: Key of the group that is read now; its row is tinted.
    """
    order = [each.title for each in slices]
    backs = pd.DataFrame(
        [
            {
                "slice": each.title,
                "reviews": len(each.reviews),
                chart_marks.SELECTION: groups.slice_key(name, number),
                "chosen": groups.slice_key(name, number) == chosen,
            }
            for number, each in enumerate(slices)
        ]
    )
    points = pd.DataFrame(
        [
            {
                "slice": each.title,
                "reviews": len(each.reviews),
                "model": looks[arm].title,
                "accuracy": accuracy.mean,
                "low": accuracy.interval[0],
                "high": accuracy.interval[1],
            }
            for each in slices
            for arm, accuracy in each.accuracies.items()
        ]
    )
    domain = [max(0.0, points["low"].min() - _MARGIN), min(1.0, points["high"].max() + _MARGIN)]
    scale = alt.Scale(domain=domain, nice=False)
    x_axis = alt.Axis(format=".0%", title="Test accuracy", tickCount=8, tickMinStep=0.01)
    y = alt.Y("slice:N", sort=order, axis=alt.Axis(title=None, ticks=False, labelLimit=150), scale=alt.Scale(domain=order))
    models = [look.title for look in looks.values()]
    offset = alt.YOffset("model:N", sort=models, scale=alt.Scale(domain=models, paddingOuter=0.8))
    legend = alt.Legend(title=None, orient="top", symbolOpacity=1)
    colour = alt.Color("model:N", scale=alt.Scale(domain=models, range=[look.colour for look in looks.values()]), legend=legend)
    shape = alt.Shape("model:N", scale=alt.Scale(domain=models, range=[look.shape for look in looks.values()]), legend=legend)
    rows = (
        alt.Chart(backs)
        .mark_rect(color=chart_marks.BOTH_ARMS, cursor="pointer")
        .encode(
            y=y,
            opacity=alt.condition("datum.chosen", alt.value(0.35), alt.value(0.08)),
            tooltip=[alt.Tooltip("slice:N", title=name), alt.Tooltip("reviews:Q", format=",", title="Reviews")],
        )
        .add_params(chart_marks.selection())
    )
    base = alt.Chart(told(points, "accuracy", "low", "high"))
    spans = base.mark_rule(strokeWidth=2).encode(
        y=y, yOffset=offset, x=alt.X("low:Q", scale=scale, axis=x_axis), x2="high:Q", color=colour
    )
    dots = base.mark_point(filled=True, size=100, opacity=1).encode(
        y=y,
        yOffset=offset,
        x=alt.X("accuracy:Q", scale=scale, axis=x_axis),
        color=colour,
        shape=shape,
        tooltip=[
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("slice:N", title=name),
            alt.Tooltip("reviews:Q", format=",", title="Reviews"),
            alt.Tooltip("accuracy_shown:N", title="Accuracy"),
            *INTERVAL_TOOLTIP,
        ],
    )
    said = "; ".join(
        f"{each.title}: " + ", ".join(f"{looks[arm].title} {percent(accuracy.mean)}" for arm, accuracy in each.accuracies.items())
        for each in slices
    )
    chart = alt.LayerChart(layer=[rows, spans, dots])
    height = _AROUND_HEIGHT + _ROW_HEIGHT * len(slices)
    return titled(chart, f"Accuracy by {name}", f"Accuracy by {name} with 95 % intervals. {said}.", height=height)
