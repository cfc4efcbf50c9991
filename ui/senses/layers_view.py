"""What the layers make of the uses of a word: heat maps of all of them, then one layer as numbers, map and list."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.arrays import DoubleArray, FloatArray
from core.senses import similarity
from core.senses.similarity import Projection, Separation
from core.senses.word_uses import LAYERS, READING_LAYERS, Layer
from ui.senses import charts, findings
from ui.senses.charts import LAYER_NOTES, LAYER_TITLES
from ui.senses.question import Question
from ui.text import escape

LAYER, PLACE = "senses_layer", "senses_place"
_CLICKS = "senses_clicks"


def show(question: Question, vectors: Mapping[Layer, FloatArray]) -> tuple[Layer, int]:
    """The heat maps, and the layer and the use that somebody looks at: returns both, the use as its position."""
    similarities = {layer: similarity.cosine_similarities(vectors[layer]) for layer in LAYERS}
    _show_heat_maps(question, similarities)
    _show_numbers(question, similarities)
    st.subheader("One layer", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="senses_tools"):
        layer = _choose_layer()
        chosen = _choose_use(question)
    st.markdown(findings.tell_layer(question, layer, similarities[layer]))
    left, right = st.columns([1.1, 1], gap="large")
    projection = similarity.project(vectors[layer])
    with left:
        _show_map(question, projection, layer, chosen)
    with right:
        _show_nearest(question, similarities[layer], layer, chosen)
    _show_all_numbers(question, similarities[layer], projection, layer)
    return layer, chosen


def _show_heat_maps(question: Question, similarities: Mapping[Layer, DoubleArray]) -> None:
    st.subheader("How alike are the vectors?", anchor=False)
    st.markdown(findings.tell_heat_maps(question, similarities))
    lowest = charts.lowest_similarity(similarities)
    for column, layer in zip(st.columns(len(LAYERS)), LAYERS, strict=True):
        with column:
            if np.isnan(similarities[layer]).all():
                st.info(
                    f"The static vectors do not know “{escape(question.word)}”: there is nothing to compare.",
                    icon=":material/info:",
                )
            else:
                chart = charts.heat_map(similarities[layer], question.uses, layer, lowest=lowest)
                st.altair_chart(chart, key=f"senses_heat_{layer}")  # its description is the alt text
    st.caption(
        f"How alike the vectors of “{escape(question.word)}” in two sentences are, whose numbers stand at the edge: 1 is the "
        "same direction, 0 a right angle (the measure is the cosine of the angle between them). "
        f"The palest colour is {lowest:.1f} or less, in all four alike."
    )
    spellings = {use.word for use in question.uses}
    if len(spellings) > 1:
        listed = ", ".join(f"“{escape(word)}”" for word in sorted(spellings))
        st.caption(f"The word is written as {listed}: ELMo's layer 0 reads the letters, so these are different words to it.")


def _show_numbers(question: Question, similarities: Mapping[Layer, DoubleArray]) -> None:
    """The heat maps as a table."""
    rows = []
    for layer, matrix in similarities.items():
        others = matrix[~np.eye(len(matrix), dtype=bool)]
        row: dict[str, str] = {"Layer": f"{LAYER_TITLES[layer]}: {LAYER_NOTES[layer]}"}
        is_known = not np.isnan(others).all()
        row["Lowest"], row["Mean"], row["Highest"] = (
            f"{measure(others):.3f}" if is_known else "–" for measure in (np.nanmin, np.nanmean, np.nanmax)
        )
        if question.has_senses:
            row |= _separation_row(similarity.separate(matrix, question.senses))
        rows.append(row)
    st.dataframe(pd.DataFrame(rows), key="senses_table", hide_index=True, alt="Similarities of the word's vectors in each layer")
    if question.has_senses:
        st.caption(
            "**Nearest has the same sense**: for how many sentences the most similar other sentence uses the word in the same "
            "sense. Where all are equally similar, that is what guessing gives."
        )


def _separation_row(separation: Separation | None) -> dict[str, str]:
    if separation is None:
        return dict.fromkeys(("Same sense", "Different senses", "Nearest has the same sense", "By guessing"), "–")
    return {
        "Same sense": f"{separation.within:.3f}",
        "Different senses": f"{separation.between:.3f}",
        "Nearest has the same sense": f"{findings.number(separation.num_nearest)} of {separation.num_judged}",
        "By guessing": f"{findings.number(separation.num_by_chance)} of {separation.num_judged}",
    }


def _choose_layer() -> Layer:
    chosen: Layer = st.segmented_control(
        "Layer",
        LAYERS,
        format_func=LAYER_TITLES.__getitem__,
        default="2",
        required=True,
        key=LAYER,
        bind="query-params",
        wrap=True,
    )
    return chosen


def _choose_use(question: Question) -> int:
    """The position of the use that the lists are about."""
    options = list(range(len(question.uses)))
    if st.session_state.get(PLACE, 0) not in options:
        st.session_state[PLACE] = 0
    chosen: int = st.selectbox(
        "Sentence",
        options,
        format_func=lambda position: f"{position + 1}: {question.uses[position].text}",
        key=PLACE,
        bind="query-params",
        width=520,
        help="Or click on its point in the map.",
    )
    return chosen


def _show_map(question: Question, projection: Projection | None, layer: Layer, chosen: int) -> None:
    if projection is None:
        where_else = "" if layer in READING_LAYERS else " Layers 1 and 2 read the sentence."
        st.info(
            f"All {len(question.uses)} places are one single point here, so there is no map to draw.{where_else}",
            icon=":material/adjust:",
        )
        return
    st.markdown(findings.tell_map(projection, question.senses))
    chart = charts.sense_map(projection, question.uses, layer, chosen=chosen)
    # A chart reports only selections that differ from its last one: with a new key after each click, it has no last one.
    key = f"senses_map_{layer}_{st.session_state.get(_CLICKS, 0)}"
    st.altair_chart(chart, key=key, on_select=partial(_take_click, key), selection_mode=charts.SELECTION)
    st.caption(
        "A flat picture of the vectors, taken from the side from which they differ most (principal component analysis). The axes "
        "have no meaning of their own; what they do not show of the variance is lost in the map, not in the numbers. "
        "Numbers that would overlap are left out: point at a mark for its sentence."
    )


def _take_click(key: str) -> None:
    picked = st.session_state[key].selection.get(charts.SELECTION)
    st.session_state[_CLICKS] = st.session_state.get(_CLICKS, 0) + 1
    if picked:
        st.session_state[PLACE] = int(picked[0][charts.SELECTION]) - 1


def _show_nearest(question: Question, similarities: DoubleArray, layer: Layer, chosen: int) -> None:
    """The other uses, the most similar first."""
    others = [position for position in range(len(question.uses)) if position != chosen]
    table = pd.DataFrame(
        {
            "Number": [position + 1 for position in others],
            "Similarity": similarities[chosen, others],
            **({"Sense": [question.senses[position] for position in others]} if question.has_senses else {}),
            "Sentence": [question.uses[position].text for position in others],
        }
    ).sort_values("Similarity", ascending=False, kind="stable")
    st.markdown(f"**Most similar to sentence {chosen + 1}**")
    st.dataframe(
        table,
        key="senses_nearest",
        hide_index=True,
        height="content" if len(others) <= 11 else 430,
        alt=f"The other sentences by their similarity to sentence {chosen + 1} in {LAYER_TITLES[layer]}, the most similar first",
        column_config={
            "Similarity": st.column_config.NumberColumn(format="%.3f"),
            "Number": st.column_config.NumberColumn("No."),
        },
    )


def _show_all_numbers(question: Question, similarities: DoubleArray, projection: Projection | None, layer: Layer) -> None:
    """What the heat map and the map of one layer show, as a table."""
    components = ("First component", "Second component") if projection else ()
    numbers = [position + 1 for position in range(len(question.uses))]
    columns: dict[str, Any] = {"No.": numbers} | ({"Sense": question.senses} if question.has_senses else {})
    if projection:
        columns |= zip(components, projection.points.T, strict=True)
    columns |= zip(map(str, numbers), similarities.T, strict=True)
    with st.expander("All numbers of this layer", icon=":material/table:", key="senses_all_numbers"):
        st.dataframe(
            pd.DataFrame(columns),
            key="senses_matrix",
            hide_index=True,
            height="content",
            alt=f"Similarity of every two places in {LAYER_TITLES[layer]}, and their coordinates in the map",
            column_config={
                **{name: st.column_config.NumberColumn(format="%.3f") for name in (*components, *map(str, numbers))},
                "No.": st.column_config.NumberColumn(pinned=True),
            },
        )
        st.caption("Columns with a number are the similarity to the place of that number.")
