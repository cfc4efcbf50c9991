"""Similarities of a word's uses as heat maps, and the uses on a plane. Nothing in here knows Streamlit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from core.arrays import DoubleArray
from core.senses.similarity import Projection
from core.senses.word_uses import Layer, Use
from ui.senses import label_placement
from ui.senses.sense_marks import sense_colours, sense_shapes
from ui.widgets.charts import LABEL_OPACITY, TEXT

SELECTION = "number"  # name of the map's selection, and of the field that it selects by: the use's number, from 1

LAYER_TITLES: dict[Layer, str] = {"static": "Static", "0": "ELMo, layer 0", "1": "ELMo, layer 1", "2": "ELMo, layer 2"}
LAYER_NOTES: dict[Layer, str] = {
    "static": "one vector per word",
    "0": "sees the letters of the word",
    "1": "reads the sentence",
    "2": "reads what layer 1 says",
}

_HEAT_HEIGHT = 340
_MAP_HEIGHT = 430
_LEAST_MAP_PX = (300, 280)  # across and down, without title, legend and axes, on a phone
_PALE, _STRONG = "#F1ECF9", "#4A2C82"
_DARK_TEXT, _LIGHT_TEXT = "#000000", "#FFFFFF"
_LIGHT_FROM = 0.67  # of the way from pale to strong: black and white text have a contrast of 4.6:1 there
_BOUNDARY = "#E69F00"
_MOST_CELLS_WITH_TEXT = 12
_SENTENCE_CHARS = 90
_EQUAL = 1e-6  # modules of others round a word's vector differently in each batch


def lowest_similarity(similarities: Mapping[Layer, DoubleArray]) -> float:
    """Where the colours begin, in all layers alike: the lowest similarity of any, rounded down."""
    lowest = min((float(np.nanmin(matrix)) for matrix in similarities.values() if not np.isnan(matrix).all()), default=0.0)
    return min(0.9, math.floor(lowest * 10) / 10)


def heat_map(similarities: DoubleArray, uses: Sequence[Use], layer: Layer, *, lowest: float) -> alt.LayerChart:
    """A row and a column for every use; the darker the cell, the more alike the two vectors.

    Args:
        similarities: (n, n), NaN where a vector is zero.
        uses: Of the word.
        layer: For the title.
        lowest: Similarity that has the palest colour; 1 has the strongest.
    """
    number = len(uses)
    cells = pd.DataFrame(
        [
            {
                "left": column + 0.5,
                "right": column + 1.5,
                "top": row + 0.5,
                "bottom": row + 1.5,
                "x": column + 1,
                "y": row + 1,
                "similarity": float(similarities[row, column]),
                "shown": _written(similarities[row, column]),
                "first": _told(uses, row),
                "second": _told(uses, column),
            }
            for row in range(number)
            for column in range(number)
            if not np.isnan(similarities[row, column])
        ]
    )
    axis = alt.Axis(values=list(range(1, number + 1)), format="d", title=None, grid=False, ticks=False, domain=False)
    across = alt.Scale(domain=[0.5, number + 0.5], nice=False)
    down = alt.Scale(domain=[0.5, number + 0.5], nice=False, reverse=True)
    tooltip = [
        alt.Tooltip("similarity:Q", format=".3f", title="Similarity"),
        alt.Tooltip("first:N", title="One"),
        alt.Tooltip("second:N", title="Other"),
    ]
    colour = alt.Color("similarity:Q", scale=alt.Scale(domain=[lowest, 1], range=[_PALE, _STRONG], clamp=True), legend=None)
    layers: list[alt.Chart] = [
        alt.Chart(cells)
        .mark_rect(stroke=_PALE, strokeWidth=0.5)
        .encode(
            x=alt.X("left:Q", scale=across, axis=axis),
            x2="right:Q",
            y=alt.Y("top:Q", scale=down, axis=axis),
            y2="bottom:Q",
            color=colour,
            tooltip=tooltip,
        )
    ]
    if number <= _MOST_CELLS_WITH_TEXT:
        light_from = lowest + (1 - lowest) * _LIGHT_FROM
        layers.append(
            alt.Chart(cells)
            .mark_text(fontSize=10)
            .encode(
                x=alt.X("x:Q", scale=across, axis=axis),
                y=alt.Y("y:Q", scale=down, axis=axis),
                text="shown:N",
                color=alt.condition(f"datum.similarity > {light_from}", alt.value(_LIGHT_TEXT), alt.value(_DARK_TEXT)),
                tooltip=tooltip,
            )
        )
    boundaries = [i + 0.5 for i in range(1, number) if uses[i].sense != uses[i - 1].sense]
    if boundaries:
        lines = pd.DataFrame({"at": boundaries})
        layers += [
            alt.Chart(lines).mark_rule(color=_BOUNDARY, strokeWidth=2).encode(x=alt.X("at:Q", scale=across, axis=axis)),
            alt.Chart(lines).mark_rule(color=_BOUNDARY, strokeWidth=2).encode(y=alt.Y("at:Q", scale=down, axis=axis)),
        ]
    return alt.LayerChart(layer=layers).properties(
        title=alt.Title(LAYER_TITLES[layer], subtitle=LAYER_NOTES[layer], anchor="start"),
        description=describe_similarities(similarities, layer),
        height=_HEAT_HEIGHT,
    )


def sense_map(projection: Projection, uses: Sequence[Use], layer: Layer, *, chosen: int) -> alt.LayerChart:
    """The uses as points, near each other where their vectors are; a click chooses one. Those with room around have a number.

    Args:
        projection: Of the vectors of the layer.
        uses: Of the word.
        layer: For the title.
        chosen: Position of the use that has a ring.
    """
    senses = [use.sense for use in uses]
    points = pd.DataFrame(
        {
            "x": projection.points[:, 0],
            "y": projection.points[:, 1],
            SELECTION: range(1, len(uses) + 1),
            "sense": senses,
            "sentence": [_cut(use.text) for use in uses],
            "chosen": [i == chosen for i in range(len(uses))],
        }
    )
    reach = float(np.abs(projection.points).max()) * 1.2
    places = label_placement.offsets(
        projection.points * [1, -1] * _LEAST_MAP_PX / (2 * reach), [str(number) for number in points[SELECTION]], first=chosen
    )
    points["right"], points["down"] = zip(*(place or (None, None) for place in places), strict=True)
    scale = alt.Scale(domain=[-reach, reach], nice=False)  # the same on both axes, so that distances can be compared
    first, second = (
        alt.Axis(title=f"{name} principal component, {share * 100:.0f} % of the variance", labels=False, ticks=False)
        for name, share in zip(("First", "Second"), projection.shares, strict=True)
    )
    colours, shapes = sense_colours(senses), sense_shapes(senses)
    legend = alt.Legend(title=None, orient="top", symbolSize=110, symbolOpacity=1) if len(colours) > 1 else None
    tooltip = [
        alt.Tooltip(f"{SELECTION}:Q", title="Number"),
        alt.Tooltip("sentence:N", title="Sentence"),
        *([alt.Tooltip("sense:N", title="Sense")] if len(colours) > 1 else []),
    ]
    base = alt.Chart(points).encode(
        x=alt.X("x:Q", scale=scale, axis=first), y=alt.Y("y:Q", scale=scale, axis=second), tooltip=tooltip
    )
    marks = (
        base.mark_point(filled=True, size=170, opacity=1, cursor="pointer")
        .encode(
            color=alt.Color("sense:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=legend),
            shape=alt.Shape("sense:N", scale=alt.Scale(domain=list(shapes), range=list(shapes.values())), legend=legend),
        )
        .add_params(alt.selection_point(name=SELECTION, fields=[SELECTION]))
    )
    ring = base.transform_filter("datum.chosen").mark_point(
        shape="circle", size=520, strokeWidth=2.5, color=_BOUNDARY, filled=False
    )
    numbers = (
        base.transform_filter("isValid(datum.right)")
        .mark_text(
            dx=alt.expr("datum.right"),
            dy=alt.expr("datum.down"),
            fontSize=label_placement.FONT_SIZE,
            fontWeight="bold",
            color=TEXT,
            opacity=LABEL_OPACITY,
        )
        .encode(text=f"{SELECTION}:Q")
    )
    return alt.LayerChart(layer=[ring, marks, numbers]).properties(
        title=alt.Title(f"{LAYER_TITLES[layer]}: the {len(uses)} places on a plane", anchor="start"),
        description=describe_map(projection, uses, layer),
        height=_MAP_HEIGHT,
    )


def describe_similarities(similarities: DoubleArray, layer: Layer) -> str:
    """The alt text of `heat_map`."""
    others = similarities[~np.eye(len(similarities), dtype=bool)]
    return (
        f"Heat map of {LAYER_TITLES[layer]}: similarities of the word's vectors in {len(similarities)} places, "
        f"from {np.nanmin(others):.2f} to {np.nanmax(others):.2f}, mean {np.nanmean(others):.2f}."
    )


def describe_map(projection: Projection, uses: Sequence[Use], layer: Layer) -> str:
    """The alt text of `sense_map`."""
    first, second = projection.shares
    return (
        f"Map of {len(uses)} places of the word by their vectors in {LAYER_TITLES[layer]}; the horizontal axis shows "
        f"{first * 100:.0f} %, the vertical {second * 100:.0f} % of the variance."
    )


def _written(similarity: float) -> str:
    """With two decimals, as they fit into a cell; "1" is kept for equal vectors."""
    if similarity > 1 - _EQUAL:
        return "1"
    if similarity > 0.99:
        return ">.99"
    return f"{similarity:.2f}".replace("0.", ".")


def _told(uses: Sequence[Use], position: int) -> str:
    use = uses[position]
    return f"{position + 1}{f', {use.sense}' if use.sense else ''}: {_cut(use.text)}"


def _cut(text: str) -> str:
    return text if len(text) <= _SENTENCE_CHARS else f"{text[:_SENTENCE_CHARS]} …"
