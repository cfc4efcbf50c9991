"""The uses of a word as heat maps of their similarities and as a map. Nothing in here knows Streamlit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from core.arrays import DoubleArray
from core.senses.similarity import TIE_DECIMALS, Projection
from core.senses.word_uses import Layer, WordUse
from ui.senses import label_placement, wording
from ui.senses.sense_style import sense_colours, sense_shapes
from ui.senses.wording import LAYER_NOTES, LAYER_TITLES
from ui.widgets.charts import LABEL_OPACITY, TEXT

SELECTION = "number"  # the name of the map's selection and of the field that it selects by: the sentence's number, from 1

_HEAT_HEIGHT = 340
_MAP_HEIGHT = 430
_LEAST_MAP_PX = (300, 280)  # width and height without title, legend and axes, on a phone
_PALE, _STRONG = "#F1ECF9", "#4A2C82"
_DARK_TEXT, _LIGHT_TEXT = "#000000", "#FFFFFF"
_LIGHT_FROM = 0.67  # of the way from pale to strong, where black and white text both have a contrast of 4.6:1
_BOUNDARY = "#E69F00"
_MOST_CELLS_WITH_TEXT = 12
_SENTENCE_CHARS = 90


def lowest_similarity(similarities: Mapping[Layer, DoubleArray]) -> float:
    """Where the colours of all layers begin: the lowest similarity in any layer, rounded down."""
    lowest = min((float(np.nanmin(matrix)) for matrix in similarities.values() if not np.isnan(matrix).all()), default=0.0)
    return min(0.9, math.floor(lowest * 10) / 10)


def heat_map(similarities: DoubleArray, uses: Sequence[WordUse], layer: Layer, *, lowest: float) -> alt.LayerChart:
    """A row and a column for every use; the darker the cell, the more similar the two vectors.

    Args:
        similarities: (n, n), NaN where a vector is zero.
        uses: The n uses of the word.
        layer: For the title.
        lowest: The similarity with the palest colour; 1 has the strongest.
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
                "shown": _cell_text(similarities[row, column]),
                "first": _labelled(uses, row),
                "second": _labelled(uses, column),
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
        alt.Tooltip("first:N", title="Sentence"),
        alt.Tooltip("second:N", title="Other sentence"),
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
        description=wording.heat_map_alt(similarities, layer),
        height=_HEAT_HEIGHT,
    )


def sense_map(projection: Projection, uses: Sequence[WordUse], layer: Layer, *, chosen: int) -> alt.LayerChart:
    """The uses as points, close together where their vectors are; a click chooses one. Numbers stand where there is room.

    Args:
        projection: Of the layer's vectors.
        uses: The uses of the word.
        layer: For the title.
        chosen: Index of the use with a ring.
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
    scale = alt.Scale(domain=[-reach, reach], nice=False)  # the same on both axes: distances compare
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
        title=alt.Title(f"{LAYER_TITLES[layer]}: map of the {len(uses)} sentences", anchor="start"),
        description=wording.map_alt(projection, layer),
        height=_MAP_HEIGHT,
    )


def _cell_text(similarity: float) -> str:
    """Two decimals, which fit into a cell; "1" is reserved for equal vectors."""
    if similarity > 1 - 10.0**-TIE_DECIMALS:
        return "1"
    if similarity > 0.99:
        return ">.99"
    return f"{similarity:.2f}".replace("0.", ".")


def _labelled(uses: Sequence[WordUse], index: int) -> str:
    use = uses[index]
    return f"{index + 1}{f', {use.sense}' if use.sense else ''}: {_cut(use.text)}"


def _cut(text: str) -> str:
    return text if len(text) <= _SENTENCE_CHARS else f"{text[:_SENTENCE_CHARS]} …"
