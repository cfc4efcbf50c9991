"""Learning curves as Altair charts. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from core.analysis.curves.learning_curve import CurvePoint, LabelSaving
from core.analysis.intervals import Estimate
from core.experiment.arms import BAG_OF_WORDS, PAIR, arm_title, pair_of
from core.formatting import percent, signed
from ui.widgets import chart_marks
from ui.widgets.chart_marks import SIGNED, signed_points
from ui.widgets.charts import INTERVAL_TOOLTIP, MODEL_TOOLTIP, PAIR_LINE, REFERENCE_LINE, accuracy_domain, titled, told

_CURVE_HEIGHT = 440
_DIFFERENCE_HEIGHT = 260
_LABELS_WIDTH = 50  # of both charts alike, so that a size is at the same place in both
_MARGIN = 1.25  # of the log axis on both sides, so that the outer points have room


def curve_plot(
    points: Sequence[CurvePoint],
    saving: LabelSaving,
    *,
    title: str = "Accuracy by number of training reviews",
    sizes: Sequence[int] = (),
    height: int = _CURVE_HEIGHT,
) -> alt.LayerChart:
    """A line with a band per model over the training sizes, and how far left ELMo reaches what basic ends with.

    Args:
        points: At least one, ascending.
        saving: Of the same runs; draws a dashed line where ELMo reaches the accuracy of basic with the most reviews.
        title: Above the chart.
        sizes: That the axis has room for; those of the points, if it is empty.
        height: In pixels.
    """
    rows = pd.DataFrame(
        [
            {
                "train_size": point.train_size,
                "arm": model,
                "mean": estimate.mean,
                "low": estimate.interval[0],
                "high": estimate.interval[1],
                "num_trials": point.num_trials,
            }
            for point in points
            for model, estimate in _estimates(point).items()
        ]
    )
    domain = list(accuracy_domain(pd.concat([rows["low"], rows["high"]])))
    arms = list(dict.fromkeys(rows["arm"]))
    scale = alt.Scale(domain=domain, nice=False)
    y = alt.Y("mean:Q", scale=scale, axis=alt.Axis(format=".0%", title="Test accuracy", minExtent=_LABELS_WIDTH))
    x = _size_axis(sizes or _sizes(points))
    base = alt.Chart(told(rows, "mean", "low", "high")).encode(x=x, color=chart_marks.arm_colour(arms))
    bands = base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", scale=scale), y2="high:Q")
    bars = base.mark_rule(strokeWidth=1.5, opacity=0.7).encode(y=alt.Y("low:Q", scale=scale), y2="high:Q")
    lines = base.mark_line(strokeWidth=2).encode(y=y)
    marks = base.mark_point(filled=True, size=90, opacity=1).encode(
        y=y,
        shape=chart_marks.arm_shape(arms),
        tooltip=[
            MODEL_TOOLTIP,
            alt.Tooltip("train_size:Q", format=",", title="Training reviews"),
            alt.Tooltip("mean_shown:N", title="Mean accuracy"),
            *INTERVAL_TOOLTIP,
            alt.Tooltip("num_trials:Q", title="Trials"),
        ],
    )
    layers = [bands, bars, lines, marks]
    if saving.equivalent_size is not None and saving.equivalent_size != saving.reference_size:
        reached = next(point.means[saving.models[0]] for point in points if point.train_size == saving.reference_size)
        span = pd.DataFrame({"from": [saving.equivalent_size], "to": [saving.reference_size], "mean": [reached]})
        rule = alt.Chart(span).mark_rule(**REFERENCE_LINE, strokeWidth=1.5)
        layers.append(rule.encode(x=alt.X("from:Q"), x2="to:Q", y=alt.Y("mean:Q", scale=scale)))
    return titled(alt.LayerChart(layer=layers), title, describe_curve(points), height=height)


def difference_plot(points: Sequence[CurvePoint]) -> alt.LayerChart:
    """The difference of the arms over the training sizes, with its band, on the same axis as `curve_plot`.

    Args:
        points: At least one with two arms, ascending.
    """
    pair = pair_of(points[0].means) or PAIR
    title = " minus ".join(map(arm_title, reversed(pair)))
    rows = pd.DataFrame(
        [
            {
                "train_size": point.train_size,
                "points": point.difference * 100,
                "low": point.difference_interval[0] * 100,
                "high": point.difference_interval[1] * 100,
            }
            for point in points
            if point.difference is not None and point.difference_interval is not None
        ]
    )
    y = alt.Y(
        "points:Q",
        scale=alt.Scale(zero=True),
        axis=alt.Axis(format="~r", labelExpr=SIGNED, title="Points", minExtent=_LABELS_WIDTH),
    )
    base = alt.Chart(told(rows, "points", "low", "high", write=signed_points)).encode(x=_size_axis(_sizes(points)))
    band = base.mark_area(color=PAIR_LINE, opacity=0.25).encode(y=alt.Y("low:Q"), y2="high:Q")
    bars = base.mark_rule(color=PAIR_LINE, strokeWidth=1.5).encode(y=alt.Y("low:Q"), y2="high:Q")
    line = base.mark_line(color=PAIR_LINE, strokeWidth=2).encode(y=y)
    marks = base.mark_point(filled=True, size=90, opacity=1, color=PAIR_LINE, shape="diamond").encode(
        y=y,
        tooltip=[
            alt.Tooltip("train_size:Q", format=",", title="Training reviews"),
            alt.Tooltip("points_shown:N", title="Difference in points"),
            *INTERVAL_TOOLTIP,
        ],
    )
    zero = alt.Chart(pd.DataFrame({"points": [0.0]})).mark_rule(**REFERENCE_LINE).encode(y=y)
    chart = alt.LayerChart(layer=[zero, band, bars, line, marks])
    return titled(chart, title, describe_differences(points, title), height=_DIFFERENCE_HEIGHT)


def describe_curve(points: Sequence[CurvePoint]) -> str:
    """The alt text of `curve_plot`."""
    said = [
        f"with {point.train_size:,} reviews "
        + " and ".join(f"{arm_title(model)} {percent(estimate.mean)}" for model, estimate in _estimates(point).items())
        for point in points
    ]
    return f"Learning curve: {'; '.join(said)}."


def describe_differences(points: Sequence[CurvePoint], title: str) -> str:
    """The alt text of `difference_plot`."""
    said = [
        f"{signed(point.difference)} points with {point.train_size:,} reviews" for point in points if point.difference is not None
    ]
    return f"{title}: {'; '.join(said)}."


def _estimates(point: CurvePoint) -> dict[str, Estimate]:
    """Accuracies at one size with their intervals, those of the bag of words last, if it was trained."""
    of_arms = {arm: Estimate(mean, point.intervals[arm]) for arm, mean in point.means.items()}
    return of_arms | ({BAG_OF_WORDS: point.reference} if point.reference else {})


def _sizes(points: Sequence[CurvePoint]) -> list[int]:
    return [point.train_size for point in points]


def _size_axis(sizes: Sequence[int]) -> alt.X:
    return alt.X(
        "train_size:Q",
        scale=alt.Scale(type="log", domain=[sizes[0] / _MARGIN, sizes[-1] * _MARGIN], nice=False),
        axis=alt.Axis(values=sizes, format=",d", title="Training reviews per trial", labelOverlap=True, grid=False),
    )
