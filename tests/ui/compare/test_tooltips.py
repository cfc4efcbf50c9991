"""What tooltips say: numbers as sentences and tables write them, and the models by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest

from core.analysis.cost import ArmCost
from core.analysis.curves.learning_curve import CurvePoint, LabelSaving
from core.analysis.error_analysis import Confusion, ReliabilityBin, Roc
from ui.compare.accuracy import charts as accuracy_charts
from ui.compare.cost import charts as cost_charts
from ui.compare.error_analysis import calibration_charts, confusion_charts
from ui.widgets import learning_curve_chart as curve_charts

HALF, HALF_TEXT = 0.7355, "73.6 %"  # as a binary number it is less than a half: D3 would say 73.5
POINTS, POINTS_TEXT = 0.0735, "+7.4"  # and +7.3
NONE = np.array([], dtype=np.intp)
REACHED = np.array([0.0, HALF, 1.0])


def roc_chart() -> alt.LayerChart:
    return calibration_charts.roc_chart({"elmo": Roc(REACHED, REACHED, REACHED, REACHED, np.array([0.8]))})


def reliability_chart() -> alt.LayerChart:
    bins = [ReliabilityBin(0.7, 0.8, 200, HALF, HALF, (HALF, HALF), NONE)]
    return calibration_charts.reliability_chart({"elmo": bins})


def confusion_chart() -> alt.LayerChart:
    counts = np.array([[1471.0, 529.0], [529.0, 1471.0]])
    cells = {(label, prediction): NONE for label in (0, 1) for prediction in (0, 1)}
    numbers = {f"confusion.elmo.{label}.{prediction}": 1 for label, prediction in cells}
    return confusion_charts.confusion_chart(Confusion(counts, cells), "elmo", num_reviews=numbers)


def points() -> list[CurvePoint]:
    return [CurvePoint(100, 3, {"elmo": HALF}, {"elmo": (HALF, HALF)}, POINTS, (POINTS, POINTS), 0.5)]


def curve_chart() -> alt.LayerChart:
    return curve_charts.curve_plot(points(), LabelSaving())


def differences_over_sizes() -> alt.LayerChart:
    return curve_charts.difference_plot(points())


def differences_of_trials() -> alt.LayerChart:
    return accuracy_charts.difference_plot(pd.Series([POINTS]), POINTS, (POINTS, POINTS))


def cost_chart() -> alt.LayerChart:
    return cost_charts.cost_plot([("A run", ArmCost("elmo", HALF, 1.0, 1.0, 306, 1000))])


def tooltips(chart: alt.LayerChart) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Every tooltip of a chart with the rows that it is about."""
    spec = chart.to_dict()
    for layer in spec["layer"]:
        rows = spec["datasets"][layer.get("data", spec.get("data"))["name"]]
        for tooltip in layer["encoding"].get("tooltip", []):
            yield tooltip, rows


@pytest.mark.parametrize(
    ("chart", "text"),
    [
        (roc_chart, HALF_TEXT),
        (reliability_chart, HALF_TEXT),
        (confusion_chart, HALF_TEXT),
        (curve_chart, HALF_TEXT),
        (cost_chart, HALF_TEXT),
        (differences_over_sizes, POINTS_TEXT),
        (differences_of_trials, POINTS_TEXT),
    ],
    ids=["roc", "reliability", "confusion", "curve", "cost", "differences over sizes", "differences of trials"],
)
def test_a_half_is_rounded_as_everywhere(chart: Callable[[], alt.LayerChart], text: str) -> None:
    found = list(tooltips(chart()))
    told = [(tooltip, rows) for tooltip, rows in found if tooltip["field"].endswith("_shown")]
    assert told
    assert all(text in [row[tooltip["field"]] for row in rows] for tooltip, rows in told)
    assert not any({"%", "+"} & set(tooltip.get("format", "")) for tooltip, _ in found)  # D3 rounds nothing of this kind


@pytest.mark.parametrize("chart", [roc_chart, reliability_chart, curve_chart, cost_chart])
def test_a_model_has_its_name(chart: Callable[[], alt.LayerChart]) -> None:
    names = [rows[0][tooltip["field"]] for tooltip, rows in tooltips(chart()) if tooltip.get("title") == "Model"]
    assert names
    assert set(names) == {"ELMo"}
