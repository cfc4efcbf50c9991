"""What a reader of the charts sees, read from the Vega-Lite that Altair writes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.experiment.arms import ARM_TITLES, ARMS, BAG_OF_WORDS, MODEL_TITLES
from ui.arm_style import LOOKS
from ui.compare.chart_specs import to_spec
from ui.widgets import charts

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def accuracies() -> pd.DataFrame:
    """Three finished trials and one whose ELMo half is still training."""
    return pd.DataFrame(
        {"basic": [0.70, 0.72, 0.68, 0.69], "elmo": [0.78, 0.77, 0.79, np.nan]}, index=pd.RangeIndex(4, name="trial")
    )


def rows(chart: alt.LayerChart, layer: int) -> list[dict[str, Any]]:
    spec = chart.to_dict()
    data = spec["layer"][layer].get("data", spec.get("data"))
    found: list[dict[str, Any]] = spec["datasets"][data["name"]]
    return found


def layer_with(chart: alt.LayerChart, mark: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [layer for layer in chart.to_dict()["layer"] if layer["mark"]["type"] == mark]
    assert len(found) == 1
    return found[0]


def drawn(chart: alt.LayerChart) -> ET.Element:
    """The chart as it is really drawn."""
    return ET.fromstring(charts.to_svg(chart))


def marks(svg: ET.Element, role: str) -> list[ET.Element]:
    return [path for path in svg.iter("{http://www.w3.org/2000/svg}path") if path.get("aria-roledescription") == role]


def test_every_finished_half_is_a_point_and_every_whole_pair_a_line(accuracies: pd.DataFrame) -> None:
    svg = drawn(charts.pair_plot(accuracies))
    assert len(marks(svg, "point")) == 7
    assert len(marks(svg, "line mark")) == 3


def test_a_run_of_one_arm_has_points_but_no_lines(accuracies: pd.DataFrame) -> None:
    svg = drawn(charts.pair_plot(accuracies[["basic"]]))
    assert len(marks(svg, "point")) == 4
    assert not marks(svg, "line mark")


def test_arms_differ_in_colour_and_in_shape(accuracies: pd.DataFrame) -> None:
    for chart in (charts.pair_plot(accuracies), charts.box_plot(accuracies)):
        encoding = layer_with(chart, "point")["encoding"]
        colours, shapes = (encoding[channel]["scale"] for channel in ("color", "shape"))
        colour_of = dict(zip(colours["domain"], colours["range"], strict=True))
        shape_of = dict(zip(shapes["domain"], shapes["range"], strict=True))
        assert (colour_of["basic"], colour_of["elmo"]) == ("#0072B2", "#D55E00")
        assert (shape_of["basic"], shape_of["elmo"]) == ("circle", "square")


def test_the_accuracy_axis_is_percent_and_zoomed_to_the_data(accuracies: pd.DataFrame) -> None:
    y = layer_with(charts.pair_plot(accuracies), "point")["encoding"]["y"]
    assert y["axis"]["format"].endswith("%")
    low, high = y["scale"]["domain"]
    assert 0.6 < low < 0.68
    assert 0.79 < high < 0.85


def test_equal_accuracies_still_have_an_axis() -> None:
    same = pd.DataFrame({"basic": [1.0], "elmo": [1.0]}, index=pd.RangeIndex(1, name="trial"))
    low, high = layer_with(charts.pair_plot(same), "point")["encoding"]["y"]["scale"]["domain"]
    assert low < high <= 1.0


def test_a_point_tells_its_trial_counted_from_one_and_the_difference_of_its_pair(accuracies: pd.DataFrame) -> None:
    chart = charts.pair_plot(accuracies)
    tooltips = {tooltip["field"] for tooltip in layer_with(chart, "point")["encoding"]["tooltip"]}
    assert {"model", "trial", "accuracy_shown", "difference"} <= tooltips
    first = next(row for row in rows(chart, 1) if row["trial"] == 1 and row["arm"] == "elmo")
    assert first["difference"] == "+8.0 points"
    half = next(row for row in rows(chart, 1) if row["trial"] == 4)
    assert half["difference"] == ""


def test_a_box_has_a_median_and_every_trial(accuracies: pd.DataFrame) -> None:
    chart = charts.box_plot(accuracies)
    assert layer_with(chart, "boxplot")["mark"]["extent"] == "min-max"
    assert rows(chart, 1)[0]["accuracy"] == pytest.approx(accuracies["basic"].median())
    assert len(marks(drawn(chart), "point")) == 7


def test_every_chart_has_a_title_and_says_in_words_what_it_shows(accuracies: pd.DataFrame) -> None:
    probs = {"basic": np.array([0.2, 0.4]), "elmo": np.array([0.9, 0.8])}
    for chart in (charts.pair_plot(accuracies), charts.box_plot(accuracies), charts.probability_plot(probs)):
        spec = chart.to_dict()
        assert spec["title"]["text"]
        assert "Basic" in spec["description"]
        assert "ELMo" in spec["description"]
    assert charts.describe_probabilities(probs) == (
        "Probability that the sentence is positive: Basic 30.0 %, heads from 20.0 % to 40.0 %; "
        "ELMo 85.0 %, heads from 80.0 % to 90.0 %."
    )


def test_each_head_is_a_tick_and_each_arm_a_mark_at_their_mean() -> None:
    svg = drawn(charts.probability_plot({"basic": np.array([0.2, 0.4]), "elmo": np.array([0.9, 0.8, 0.7])}))
    assert len([mark for mark in svg.iter() if mark.get("aria-roledescription") == "tick"]) == 5
    assert len(marks(svg, "point")) == 2


def test_an_axis_of_probability_goes_from_none_to_all() -> None:
    chart = charts.probability_plot({"basic": np.array([0.49, 0.51])})
    assert layer_with(chart, "tick")["encoding"]["x"]["scale"]["domain"] == [0, 1]


def test_files_are_png_and_svg_with_the_title_in_them(accuracies: pd.DataFrame) -> None:
    chart = charts.pair_plot(accuracies, title="IMDB, 500 reviews, 4 trials")
    assert charts.to_png(chart).startswith(PNG_SIGNATURE)
    assert "IMDB, 500 reviews, 4 trials" in "".join(drawn(chart).itertext())


def test_labels_take_the_colour_of_the_page_and_percentages_have_their_space(accuracies: pd.DataFrame) -> None:
    written = [text for text in drawn(charts.pair_plot(accuracies)).iter() if (text.text or "").endswith("%")]
    assert written
    assert {text.get("fill") for text in written} == {"currentColor"}
    assert all((text.text or "").endswith(" %") for text in written)


def test_a_chart_of_many_marks_is_svg_too_as_a_canvas_does_not_know_the_colour_of_the_page(accuracies: pd.DataFrame) -> None:
    for spec in (charts.pair_plot(accuracies).to_dict(), to_spec(charts.pair_plot(accuracies))):
        assert spec["usermeta"]["embedOptions"]["renderer"] == "svg"


def test_a_tooltip_rounds_as_the_table_does() -> None:
    halves = pd.DataFrame({"basic": [0.7355], "elmo": [0.7]}, index=pd.RangeIndex(1, name="trial"))
    told = [(row["model"], row["accuracy_shown"], row["difference"]) for row in rows(charts.pair_plot(halves), 1)]
    assert told == [("Basic", "73.6 %", "−3.6 points"), ("ELMo", "70.0 %", "−3.6 points")]


def test_every_arm_has_a_title_a_colour_and_a_shape_of_its_own() -> None:
    assert set(ARM_TITLES) == set(ARMS)
    assert set(MODEL_TITLES) == set(LOOKS) == {*ARMS, BAG_OF_WORDS}
    for values in (MODEL_TITLES.values(), [look.colour for look in LOOKS.values()], [look.shape for look in LOOKS.values()]):
        assert len(set(values)) == len(LOOKS)


def test_a_bag_of_words_has_a_column_of_its_own_that_no_line_joins(accuracies: pd.DataFrame) -> None:
    reference = pd.Series(0.5, index=accuracies.index)
    for plot in (charts.pair_plot, charts.box_plot):
        chart = plot(accuracies, reference)
        encoding = layer_with(chart, "point")["encoding"]
        assert encoding["x"]["scale"]["domain"] == [*accuracies, BAG_OF_WORDS]
        assert encoding["y"]["scale"]["domain"][0] < 0.5
        assert f"{MODEL_TITLES[BAG_OF_WORDS]} 50.0 %" in chart.to_dict()["description"]
    told = charts.pair_plot(accuracies, reference).to_dict()["datasets"].values()
    points = [row for table in told for row in table if row["arm"] == BAG_OF_WORDS and "trial" in row]
    assert [row["paired"] for row in points] == [False] * len(accuracies)


def test_the_column_of_a_bag_of_words_is_free_for_one_that_is_still_trained(accuracies: pd.DataFrame) -> None:
    empty = pd.Series(dtype=float)
    for reference, more in ((empty, [BAG_OF_WORDS]), (None, [])):
        encoding = layer_with(charts.pair_plot(accuracies, reference), "point")["encoding"]
        assert encoding["x"]["scale"]["domain"] == [*accuracies, *more]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_an_axis_of_accuracies_only_ever_widens_and_has_all_of_them(values: list[float]) -> None:
    before = (1.0, 0.0)
    for num in range(1, len(values) + 1):
        so_far = pd.Series(values[:num])
        low, high = charts.accuracy_domain(so_far)
        assert 0 <= low <= min(before[0], so_far.min())
        assert max(before[1], so_far.max()) <= high <= 1
        before = (low, high)


def test_an_axis_of_accuracies_stays_while_trials_are_like_the_first() -> None:
    assert charts.accuracy_domain(pd.Series([0.71, 0.77])) == charts.accuracy_domain(pd.Series([0.71, 0.77, 0.73, 0.79, 0.7101]))
