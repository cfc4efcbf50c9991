"""What to look for in each picture of the Senses page, and whether it is there. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.arrays import DoubleArray
from core.senses import similarity
from core.senses.similarity import Projection, Separation
from core.senses.word_uses import LAYERS, READING_LAYERS, Layer
from ui.senses.charts import LAYER_TITLES
from ui.senses.question import Question
from ui.text import escape

_SAME_DECIMALS = 6


def tell_heat_maps(question: Question, similarities: Mapping[Layer, DoubleArray]) -> str:
    """What to look for in the heat maps of all layers, and what is there."""
    word = escape(question.word)
    same = [LAYER_TITLES[layer] for layer in LAYERS if is_same_everywhere(similarities[layer])]
    if len(same) == len(LAYERS):
        return f"To no layer is there any difference: “{word}” stands among the same words each time, in all that a layer reads."
    fixed = "**Look for** an even, dark square in Static and in layer 0: one vector per spelling, similarity exactly 1. "
    found = f"**Here** that is so in {_listed(same)}. " if same else "**Here** no layer has one vector for all places. "
    if not question.has_senses:
        cause = "the sentence" if is_same_everywhere(similarities["0"]) else "the spelling or the sentence"
        return f"{fixed}{found}In layers 1 and 2 paler cells mean that {cause} changed the vector: {_means(similarities)}."
    blocks = "In layers 1 and 2 look for darker blocks between the orange lines: the same sense, more similar vectors. "
    judged = {layer: similarity.separate(similarities[layer], question.senses) for layer in READING_LAYERS}
    told = [
        f"layer {layer} has {separation.within:.2f} on average inside the blocks and {separation.between:.2f} outside"
        for layer, separation in judged.items()
        if separation
    ]
    return fixed + found + blocks + (f"**Here** {', '.join(told)}." if told else "**Here** no sense has two places to compare.")


def tell_layer(question: Question, layer: Layer, similarities: DoubleArray) -> str:
    """What one layer does."""
    word, title = escape(question.word), f"**{LAYER_TITLES[layer]}**"
    num_places = len(question.uses)
    if np.isnan(similarities).all():
        return f"To the static vectors “{word}” is an unknown word."
    if is_same_everywhere(similarities):
        told = f"{title} has the same vector for “{word}” in all {num_places} places"
        if layer in READING_LAYERS:
            return f"{told}: the words around it are the same each time."
        return f"{told}: the sentences around it make no difference."
    if layer not in READING_LAYERS:
        return f"{title} has one vector for each spelling of “{word}”; the sentences around it make no difference."
    others = similarities[~np.eye(num_places, dtype=bool)]
    told = f"{title} makes a new vector in every place: their average similarity is {np.nanmean(others):.2f}. "
    separation = similarity.separate(similarities, question.senses)
    if separation is None:
        return told
    return told + (
        f"{_verdict(separation)}: it is {separation.within:.2f} within a sense and {separation.between:.2f} between senses. "
        f"The most similar other place has the same sense in {number(separation.num_nearest)} of {separation.num_judged} cases; "
        f"guessing would give {number(separation.num_by_chance)}."
    )


def tell_map(projection: Projection, places: Sequence[str]) -> str:
    """What to look for in the map, and what is there.

    Args:
        projection: Of the vectors.
        places: Sense of each place.
    """
    shown = f"The two axes together show {sum(projection.shares) * 100:.0f} % of how the vectors differ."
    away = np.linalg.norm(projection.points[:, None] - projection.points[None], axis=2)  # (n, n)
    separation = similarity.separate(-away, places)
    if separation is None:
        return f"**Look for** points beside each other: there the word got similar vectors. {shown}"
    return (
        f"**Look for** points of one shape side by side, away from the others. **Here** the nearest point has the same shape "
        f"in {number(separation.num_nearest)} of {separation.num_judged} cases; guessing would give "
        f"{number(separation.num_by_chance)}. {shown}"
    )


def is_same_everywhere(similarities: DoubleArray) -> bool:
    """Whether all places have the same vector."""
    return bool((np.round(similarities, _SAME_DECIMALS) == 1).all())


def number(value: float) -> str:
    """Whole numbers without a point."""
    return f"{value:.0f}" if abs(value - round(value)) < 1e-9 else f"{value:.1f}"


def _verdict(separation: Separation) -> str:
    if separation.within <= separation.between or separation.num_nearest <= separation.num_by_chance:
        return "It does not keep the senses apart"
    if separation.skill < 0.75:
        return "It keeps the senses apart in part"
    return "It keeps the senses apart"


def _means(similarities: Mapping[Layer, DoubleArray]) -> str:
    """The average similarity in the layers that read the sentence."""
    others = ~np.eye(len(similarities[READING_LAYERS[0]]), dtype=bool)
    return " and ".join(f"{similarities[layer][others].mean():.2f} on average in layer {layer}" for layer in READING_LAYERS)


def _listed(titles: Sequence[str]) -> str:
    return " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)
