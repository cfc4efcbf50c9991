"""The runs of a class as an Altair chart. Nothing in here knows Streamlit."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.experiment.arms import ARM_TITLES
from core.formatting import percent
from ui.classroom.wording import BY_YOU, WALL_CHART
from ui.widgets import chart_marks
from ui.widgets.charts import MODEL_TOOLTIP, TEXT, accuracy_domain, titled, told

_HEIGHT = 400
_MARGIN = 1.25  # of the log axis on both sides
_OWN_SIZE, _SIZE = 190, 70
_OTHERS_OPACITY = 0.6
_STATUS_SHOWN = {"queued": "waiting"}


def wall_chart(runs: pd.DataFrame) -> alt.LayerChart:
    """A point per run and model: training size and mean accuracy of the trials so far; one's own are large and outlined.

    Args:
        runs: The columns of `RunStore.overview` and `by`, who has made each; at least one accuracy.
    """
    arms = [arm for arm in ARM_TITLES if f"mean_{arm}" in runs and runs[f"mean_{arm}"].notna().any()]
    points = pd.concat([runs.assign(arm=arm, accuracy=runs[f"mean_{arm}"]) for arm in arms]).dropna(subset="accuracy")
    points = points[["name", "by", "status", "train_size", "arm", "accuracy"]].assign(
        is_own=points["by"] == BY_YOU, status=points["status"].replace(_STATUS_SHOWN)
    )
    sizes = points["train_size"]
    x = alt.X(
        "train_size:Q",
        scale=alt.Scale(type="log", domain=[float(sizes.min()) / _MARGIN, float(sizes.max()) * _MARGIN], nice=False),
        axis=alt.Axis(
            title="Training reviews", values=sorted(map(int, sizes.unique())), format=",d", labelOverlap=True, grid=False
        ),
    )
    y = alt.Y(
        "accuracy:Q",
        scale=alt.Scale(domain=list(accuracy_domain(points["accuracy"])), nice=False),
        axis=alt.Axis(format=".0%", title="Mean test accuracy"),
    )
    marks = (
        alt.Chart(told(points, "accuracy"))
        .mark_point(filled=True)
        .encode(
            x=x,
            y=y,
            color=chart_marks.arm_colour(arms),
            shape=chart_marks.arm_shape(arms),
            size=alt.condition("datum.is_own", alt.value(_OWN_SIZE), alt.value(_SIZE)),
            opacity=alt.condition("datum.is_own", alt.value(1), alt.value(_OTHERS_OPACITY)),
            stroke=alt.condition("datum.is_own", alt.value(TEXT), alt.value(None)),
            strokeWidth=alt.condition("datum.is_own", alt.value(2), alt.value(0)),
            order="is_own:N",
            tooltip=[
                alt.Tooltip("name:N", title="Run"),
                alt.Tooltip("by:N", title="By"),
                MODEL_TOOLTIP,
                alt.Tooltip("accuracy_shown:N", title="Mean accuracy"),
                alt.Tooltip("status:N", title="Status"),
            ],
        )
    )
    return titled(alt.LayerChart(layer=[marks]), WALL_CHART, describe(points), height=_HEIGHT)


def describe(points: pd.DataFrame) -> str:
    """The alt text of `wall_chart`, of its points."""
    said = [
        f"{ARM_TITLES[str(arm)]} from {percent(of_arm['accuracy'].min())} to {percent(of_arm['accuracy'].max())}"
        for arm, of_arm in points.groupby("arm", sort=False)
    ]
    smallest, largest = points["train_size"].min(), points["train_size"].max()
    return (
        f"Accuracy of all runs of the class by training size, from {smallest:,} to {largest:,} reviews: {'; '.join(said)}. "
        "The table has every run."
    )
