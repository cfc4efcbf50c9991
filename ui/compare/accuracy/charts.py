"""The differences of the pairs of a run as an Altair chart. Nothing in here knows Streamlit."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.analysis.verdicts import in_sentence
from core.experiment.arms import PAIR
from core.formatting import signed
from ui.arm_style import look_of
from ui.widgets.chart_marks import SIGNED, signed_points
from ui.widgets.charts import INTERVAL_TOOLTIP, PAIR_LINE, PLOT_HEIGHT, REFERENCE_LINE, titled, told

_ROW_HEIGHT = 20
_MOST_ROWS = 25  # more trials than that share the height of so many
_AROUND_HEIGHT = 120  # title, legend and axis
_TIE_SHAPE = "diamond"
_MEAN_ROW = "Mean"


def difference_plot(
    differences: pd.Series,
    mean: float,
    interval: tuple[float, float] | None,
    *,
    models: tuple[str, str] = PAIR,
) -> alt.LayerChart:
    """A row per trial with its difference as a point, and a last row with the mean and its 95 % interval.

    Args:
        differences: Accuracy of the second model minus that of the first as fractions; the index is the trial, from 0.
        mean: Of the differences.
        interval: Of the mean; None draws no line.
        models: Their arms.
    """
    first, second = map(in_sentence, models)
    leaders = (f"{first} better", "equal", f"{second} better")
    colours = (look_of(models[0]).colour, PAIR_LINE, look_of(models[1]).colour)
    shapes = (look_of(models[0]).shape, _TIE_SHAPE, look_of(models[1]).shape)
    points = pd.DataFrame(
        {
            "row": [f"Trial {trial + 1}" for trial in differences.index],
            "points": (differences * 100).round(9).to_numpy(),
        }
    )
    points["leader"] = [leaders[1 + (value > 0) - (value < 0)] for value in points["points"]]
    means = pd.DataFrame({"row": [_MEAN_ROW], "points": [mean * 100]})
    if interval:
        means[["low", "high"]] = [bound * 100 for bound in interval]
    means = told(means, *means.columns.drop("row"), write=signed_points)
    num_rows = min(len(points), _MOST_ROWS) + 1
    rows = [*points["row"], _MEAN_ROW]
    y = alt.Y("row:N", sort=rows, axis=alt.Axis(title=None, labelOverlap=True, ticks=False), scale=alt.Scale(domain=rows))
    x = alt.X(
        "points:Q",
        scale=alt.Scale(zero=True),
        axis=alt.Axis(title="Difference in percentage points", format="~r", labelExpr=SIGNED),
    )
    zero = alt.Chart(pd.DataFrame({"points": [0.0]})).mark_rule(**REFERENCE_LINE).encode(x=x)
    dots = (
        alt.Chart(told(points, "points", write=signed_points))
        .mark_point(filled=True, size=80, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "leader:N",
                scale=alt.Scale(domain=list(leaders), range=list(colours)),
                legend=alt.Legend(title=None, orient="top"),
            ),
            shape=alt.Shape("leader:N", scale=alt.Scale(domain=list(leaders), range=list(shapes))),
            tooltip=[
                alt.Tooltip("row:N", title="Pair"),
                alt.Tooltip("points_shown:N", title="Difference in points"),
                alt.Tooltip("leader:N", title="Who won"),
            ],
        )
    )
    layers = [zero, dots]
    mean_tooltip = [alt.Tooltip("points_shown:N", title="Mean difference in points")]
    if interval:
        mean_tooltip += INTERVAL_TOOLTIP
        span = alt.Chart(means).mark_rule(color=PAIR_LINE, strokeWidth=5, strokeCap="round")
        layers.append(span.encode(x=alt.X("low:Q"), x2="high:Q", y=y, tooltip=mean_tooltip))
    mark = alt.Chart(means).mark_tick(color=PAIR_LINE, orient="vertical", thickness=4, size=20)
    layers.append(mark.encode(x=x, y=y, tooltip=mean_tooltip))
    height = max(PLOT_HEIGHT, _AROUND_HEIGHT + num_rows * _ROW_HEIGHT)
    minus = f"{second} minus {first}"
    description = describe(differences, mean, interval, minus)
    return titled(alt.LayerChart(layer=layers), f"{_begun(minus)} in each trial", description, height=height)


def _begun(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def describe(differences: pd.Series, mean: float, interval: tuple[float, float] | None, minus: str) -> str:
    """The alt text of `difference_plot`; `minus` says which model's accuracy is taken from which."""
    num_trials = len(differences)
    said = (
        f"Dot plot of {minus} in {num_trials} {'trial' if num_trials == 1 else 'trials'}: "
        f"from {signed(differences.min())} to {signed(differences.max())} points, mean {signed(mean)}"
    )
    return said + (f", 95 % interval {signed(interval[0])} to {signed(interval[1])}." if interval else ".")
