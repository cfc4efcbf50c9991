"""How each layer represents a word: heat maps of all layers, then one layer as a sentence, a map and a list."""

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
from core.senses.word_uses import LAYERS, Layer, WordUses
from ui.senses import charts, wording
from ui.senses.wording import LAYER_NOTES, LAYER_TITLES
from ui.widgets.pickers import choices

LAYER, SENTENCE = "senses_layer", "senses_place"
_CLICKS = "senses_clicks"


def show(uses: WordUses, vectors: Mapping[Layer, FloatArray]) -> tuple[Layer, int]:
    """The heat maps, then the chosen layer and sentence: returns both, the sentence as the index of its use."""
    similarities = {layer: similarity.cosine_similarities(vectors[layer]) for layer in LAYERS}
    _show_heat_maps(uses, similarities)
    _show_summary(uses, similarities)
    st.header(wording.LAYER_TITLE, anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="senses_tools"):
        layer = _choose_layer()
        chosen = _choose_sentence(uses)
    st.markdown(wording.describe_layer(uses, layer, similarities[layer]))
    left, right = st.columns([1.1, 1], gap="large")
    projection = similarity.project(vectors[layer])
    with left:
        _show_map(uses, projection, layer, chosen)
    with right:
        _show_nearest(uses, similarities[layer], layer, chosen)
    _show_all_numbers(uses, similarities[layer], projection, layer)
    return layer, chosen


def _show_heat_maps(uses: WordUses, similarities: Mapping[Layer, DoubleArray]) -> None:
    st.header(wording.SIMILARITY_TITLE, anchor=False)
    st.markdown(wording.explain_heat_maps(uses, similarities))
    lowest = charts.lowest_similarity(similarities)
    for column, layer in zip(st.columns(len(LAYERS)), LAYERS, strict=True):
        with column:
            if np.isnan(similarities[layer]).all():
                st.info(wording.unknown_word(uses.word), icon=":material/info:")
            else:
                chart = charts.heat_map(similarities[layer], uses.uses, layer, lowest=lowest)
                st.altair_chart(chart, key=f"senses_heat_{layer}")  # its description is the alt text
    st.caption(wording.explain_similarity(uses.word, lowest))
    spellings = sorted({use.word for use in uses.uses})
    if len(spellings) > 1:
        st.caption(wording.spellings(spellings))


def _show_summary(uses: WordUses, similarities: Mapping[Layer, DoubleArray]) -> None:
    """The heat maps as a table."""
    rows = []
    for layer, matrix in similarities.items():
        others = matrix[~np.eye(len(matrix), dtype=bool)]
        row: dict[str, str] = {"Layer": f"{LAYER_TITLES[layer]}: {LAYER_NOTES[layer]}"}
        is_known = not np.isnan(others).all()
        row["Lowest"], row["Mean"], row["Highest"] = (
            f"{measure(others):.3f}" if is_known else "–" for measure in (np.nanmin, np.nanmean, np.nanmax)
        )
        if uses.has_senses:
            row |= _separation_row(similarity.separate(matrix, uses.senses))
        rows.append(row)
    st.dataframe(pd.DataFrame(rows), key="senses_table", hide_index=True, alt="Similarities of the word's vectors in each layer")
    if uses.has_senses:
        st.caption(wording.NEAREST_SENSE_HELP)


def _separation_row(separation: Separation | None) -> dict[str, str]:
    if separation is None:
        return dict.fromkeys(("Same sense", "Different senses", "Nearest has the same sense", "By guessing"), "–")
    return {
        "Same sense": f"{separation.within:.3f}",
        "Different senses": f"{separation.between:.3f}",
        "Nearest has the same sense": f"{wording.decimal(separation.num_nearest)} of {separation.num_judged}",
        "By guessing": f"{wording.decimal(separation.num_by_chance)} of {separation.num_judged}",
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


def _choose_sentence(uses: WordUses) -> int:
    """The index of the use in the sentence that the lists are about."""
    titles = {index: f"{index + 1}: {use.text}" for index, use in enumerate(uses.uses)}
    if st.session_state.get(SENTENCE, 0) not in titles:
        st.session_state[SENTENCE] = 0
    return choices.selectbox("Sentence", titles, key=SENTENCE, bind="query-params", width=520, help=wording.SENTENCE_HELP)


def _show_map(uses: WordUses, projection: Projection | None, layer: Layer, chosen: int) -> None:
    if projection is None:
        st.info(wording.no_map(len(uses.uses), layer), icon=":material/adjust:")
        return
    st.markdown(wording.explain_map(projection, uses.senses))
    chart = charts.sense_map(projection, uses.uses, layer, chosen=chosen)
    # A chart reports only selections that differ from its last one: with a new key after each click, it has no last one.
    key = f"senses_map_{layer}_{st.session_state.get(_CLICKS, 0)}"
    st.altair_chart(chart, key=key, on_select=partial(_take_click, key), selection_mode=charts.SELECTION)
    st.caption(wording.MAP_CAPTION)


def _take_click(key: str) -> None:
    picked = st.session_state[key].selection.get(charts.SELECTION)
    st.session_state[_CLICKS] = st.session_state.get(_CLICKS, 0) + 1
    if picked:
        st.session_state[SENTENCE] = int(picked[0][charts.SELECTION]) - 1


def _show_nearest(uses: WordUses, similarities: DoubleArray, layer: Layer, chosen: int) -> None:
    """The other sentences, the most similar first."""
    others = [index for index in range(len(uses.uses)) if index != chosen]
    table = pd.DataFrame(
        {
            "Number": [index + 1 for index in others],
            "Similarity": similarities[chosen, others],
            **({"Sense": [uses.senses[index] for index in others]} if uses.has_senses else {}),
            "Sentence": [uses.uses[index].text for index in others],
        }
    ).sort_values("Similarity", ascending=False, kind="stable")
    st.markdown(f"**Most similar to sentence {chosen + 1}**")
    st.dataframe(
        table,
        key="senses_nearest",
        hide_index=True,
        height="content" if len(others) <= 11 else 430,
        alt=f"The other sentences by their similarity to sentence {chosen + 1} in {LAYER_TITLES[layer]}, most similar first",
        column_config={
            "Similarity": st.column_config.NumberColumn(format="%.3f"),
            "Number": st.column_config.NumberColumn("No."),
        },
    )


def _show_all_numbers(uses: WordUses, similarities: DoubleArray, projection: Projection | None, layer: Layer) -> None:
    """The heat map and the map of one layer as a table."""
    components = ("First component", "Second component") if projection else ()
    numbers = [index + 1 for index in range(len(uses.uses))]
    columns: dict[str, Any] = {"No.": numbers} | ({"Sense": uses.senses} if uses.has_senses else {})
    if projection:
        columns |= zip(components, projection.points.T, strict=True)
    columns |= zip(map(str, numbers), similarities.T, strict=True)
    with st.expander(wording.TABLE_TITLE, icon=":material/table:", key="senses_all_numbers"):
        st.dataframe(
            pd.DataFrame(columns),
            key="senses_matrix",
            hide_index=True,
            height="content",
            alt=f"Similarity of any two sentences in {LAYER_TITLES[layer]}, and their coordinates on the map",
            column_config={
                **{name: st.column_config.NumberColumn(format="%.3f") for name in (*components, *map(str, numbers))},
                "No.": st.column_config.NumberColumn(pinned=True),
            },
        )
        st.caption(wording.TABLE_CAPTION)
