"""Loss and accuracy of each epoch, as they are trained. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import altair as alt
import pandas as pd

from core.experiment.arms import arm_title, in_order
from core.experiment.events import EpochFinished
from core.formatting import percent
from ui.widgets import chart_marks
from ui.widgets.charts import MODEL_TOOLTIP, accuracy_domain, titled, told

Quantity = Literal["loss", "validation_accuracy"]


@dataclass(frozen=True)
class _Texts:
    title: str
    axis: str
    format: str


_TEXTS: dict[Quantity, _Texts] = {
    "loss": _Texts("Loss of each epoch", "Training loss", "~r"),
    "validation_accuracy": _Texts("Accuracy of each epoch", "Accuracy on validation reviews", ".0%"),
}


def epoch_plot(epochs: Iterable[EpochFinished], quantity: Quantity, *, height: int) -> alt.LayerChart:
    """A line for every model and trial over its epochs.

    Args:
        epochs: At least one.
        quantity: What is drawn.
        height: In pixels.
    """
    rows = epoch_table(epochs)
    arms, texts = in_order(rows["arm"]), _TEXTS[quantity]
    values = rows[quantity]
    is_accuracy = quantity == "validation_accuracy"
    scale = alt.Scale(domain=list(accuracy_domain(values)), nice=False) if is_accuracy else alt.Scale(zero=True)
    base = alt.Chart(told(rows, quantity, write=percent if is_accuracy else "{:.3f}".format)).encode(
        x=alt.X("epoch:Q", axis=alt.Axis(title="Epoch", tickMinStep=1, format="d"), scale=alt.Scale(nice=False)),
        y=alt.Y(f"{quantity}:Q", axis=alt.Axis(title=texts.axis, format=texts.format), scale=scale),
        color=chart_marks.arm_colour(arms),
        detail="trial:N",
    )
    points = base.mark_point(filled=True, size=25, opacity=1).encode(
        shape=chart_marks.arm_shape(arms),
        tooltip=[
            MODEL_TOOLTIP,
            alt.Tooltip("trial:N", title="Trial"),
            alt.Tooltip("epoch:Q", title="Epoch"),
            alt.Tooltip(f"{quantity}_shown:N", title=texts.axis),
        ],
    )
    chart = alt.LayerChart(layer=[base.mark_line(strokeWidth=1.5, opacity=0.7), points])
    return titled(chart, texts.title, describe_epochs(rows, quantity), height=height)


def epoch_table(epochs: Iterable[EpochFinished]) -> pd.DataFrame:
    """A row per epoch: arm, trial counting from 1, epoch, loss and validation_accuracy (0-1)."""
    return pd.DataFrame(
        [
            {
                "arm": epoch.arm,
                "trial": epoch.trial + 1,
                "epoch": epoch.epoch,
                "loss": epoch.loss,
                "validation_accuracy": epoch.validation_accuracy,
            }
            for epoch in epochs
        ]
    )


def describe_epochs(rows: pd.DataFrame, quantity: Quantity) -> str:
    """The alt text of `epoch_plot`: where each model stands at the end of its latest trial."""
    write = percent if quantity == "validation_accuracy" else "{:.3f}".format
    latest = rows.sort_values(["trial", "epoch"]).groupby("arm", sort=False).last()
    told_of = [
        f"{arm_title(str(arm))} {write(row[quantity])} in epoch {row['epoch']:.0f} of trial {row['trial']:.0f}"
        for arm, row in latest.iterrows()
    ]
    return f"{_TEXTS[quantity].axis} by epoch: {'; '.join(told_of)}."
