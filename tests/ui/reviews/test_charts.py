"""Charts of a dataset: what they draw, and what they say to those who cannot see them."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import altair as alt
import pandas as pd
import vl_convert

from ui.reviews import charts

SIZES = pd.DataFrame({"negative": [30, 10], "positive": [20, 5]}, index=["training", "test"])
HISTOGRAM = pd.DataFrame({"start": [1, 11], "end": [10, 20], "negative": [3, 9], "positive": [7, 1]})
WORDS = pd.DataFrame(
    {"word": ["worst", "a", "dull"], "num_negative": [9, 8, 7], "num_positive": [1, 2, 3], "z": [-9.0, -8.0, -7.0]}
)


def drawn(chart: alt.Chart) -> ET.Element:
    return ET.fromstring(vl_convert.vegalite_to_svg(chart.to_json()))


def marks(chart: alt.Chart, role: str) -> list[ET.Element]:
    return [path for path in drawn(chart).iter("{http://www.w3.org/2000/svg}path") if path.get("aria-roledescription") == role]


def labels(chart: alt.Chart) -> list[str]:
    return [text.text or "" for text in drawn(chart).iter("{http://www.w3.org/2000/svg}text")]


def test_both_parts_have_a_bar_for_each_class() -> None:
    chart = charts.balance_plot(SIZES)
    assert len(marks(chart, "bar")) == 4
    assert "training: 30 negative, 20 positive; test: 10 negative, 5 positive" in chart.to_dict()["description"]


def test_the_lengths_of_a_class_are_one_line_that_reaches_the_end_of_the_last_bin() -> None:
    chart = charts.length_plot(HISTOGRAM)
    assert len(marks(chart, "line mark")) == 2
    [rows] = chart.to_dict()["datasets"].values()
    assert max(row["start"] for row in rows) == 21
    assert "most negative ones have 11 to 20 words and most positive ones have 1 to 10 words" in chart.to_dict()["description"]


def test_the_classes_differ_by_more_than_colour() -> None:
    dashes = {line.get("stroke-dasharray") for line in marks(charts.length_plot(HISTOGRAM), "line mark")}
    assert len(dashes) == 2


def test_words_stand_in_the_order_given_and_can_be_chosen() -> None:
    chart = charts.word_plot(WORDS, "negative", strongest=9.0)
    assert [label for label in labels(chart) if label in set(WORDS["word"])] == ["worst", "a", "dull"]
    assert chart.to_dict()["params"][0]["name"] == charts.WORD
    assert "worst, a, dull" in chart.to_dict()["description"]


def test_bars_of_both_classes_have_one_scale() -> None:
    axis = charts.word_plot(WORDS, "negative", strongest=87.0).to_dict()["encoding"]["x"]
    assert axis["scale"]["domain"] == [0, 87]


def test_tokens_that_look_like_markup_are_drawn_as_they_are() -> None:
    chart = charts.unknown_plot(pd.DataFrame({"token": ["<b>", "it`s"], "count": [12000, 3]}))
    assert {"<b>", "it`s"} <= set(labels(chart))
    assert "<b> 12,000, it`s 3" in chart.to_dict()["description"]
