"""All sentences of the Senses page. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.arrays import DoubleArray
from core.senses import similarity
from core.senses.neighbour_index import NUM_WORD_SENTENCES
from core.senses.similarity import Projection, Separation
from core.senses.word_uses import LAYERS, MAX_TOKENS, MAX_USES, READING_LAYERS, Layer, WordUses
from ui.text import count, escape

TITLE = "Senses: one word, many meanings"
INTRODUCTION = (
    "A **static** vector belongs to a word, whatever the sentence. **ELMo** makes a new vector in every sentence. "
    "Are the vectors alike where the word means the same thing?"
)
LAYER_TITLES: dict[Layer, str] = {"static": "Static", "0": "ELMo, layer 0", "1": "ELMo, layer 1", "2": "ELMo, layer 2"}
LAYER_NOTES: dict[Layer, str] = {
    "static": "one vector per word",
    "0": "reads the letters of the word",
    "1": "reads the sentence",
    "2": "reads the output of layer 1",
}
VECTORS_HELP = "The packaged vectors and those of your runs."
LOADING = "Loading ELMo. This takes a few seconds, but only once."

# The word and its sentences
CHANGE_HELP = "Copies the word and its sentences to “My own”, where you can edit them."
SENTENCES_HELP = (
    "Put an empty line between groups of sentences in which the word means different things. The page then says how well each "
    "layer tells the groups apart."
)
NOTHING_TYPED = "Type a word and at least two sentences that contain it."

# The heat maps and the table below them
SIMILARITY_TITLE = "How similar are the vectors?"
NEAREST_SENSE_HELP = (
    "**Nearest has the same sense** counts the sentences whose most similar sentence uses the word in the same sense. "
    "If all are equally similar, this is what guessing gives."
)

# One layer
LAYER_TITLE = "One layer"
SENTENCE_HELP = "Or click a point on the map."
MAP_CAPTION = (
    "The map is a flat picture of the vectors, seen from the side on which they differ most (principal component analysis). "
    "Its axes have no meaning of their own, and differences that the two axes do not show are missing from the map, but not from "
    "the numbers. Labels that would overlap are left out: point at a mark to read its sentence."
)
TABLE_TITLE = "All numbers of this layer"
TABLE_CAPTION = "The columns 1, 2, 3, … hold the similarity to the sentence with that number."

# The reviews
REVIEWS_TITLE = "Which reviews use the word like this?"
READING = "ELMo is reading sentences from the reviews"
CHOOSING = "choosing the sentences"


def missing_word(word: str, num_found: int) -> str:
    """What to say when too few sentences contain the word."""
    found = "only once" if num_found else "nowhere"
    return f"“{escape(word)}” occurs {found} in these sentences. Comparing takes at least two."


def left_out(word: str, without: Sequence[str]) -> str:
    """What to say of sentences that do not contain the word."""
    return (
        f"Left out: {count(len(without), 'sentence')} without “{escape(word)}” among the first {MAX_TOKENS} words and signs, "
        f"such as “{escape(without[0][:60])}”."
    )


def too_many_uses(num_uses: int) -> str:
    """What to say when a word occurs more often than the charts can show."""
    return f"Only the first {MAX_USES} of {num_uses} occurrences are compared."


def explain_heat_maps(uses: WordUses, similarities: Mapping[Layer, DoubleArray]) -> str:
    """What to look for in the heat maps, and whether it is there.

    Args:
        uses: Of the word, n.
        similarities: (n, n) by layer.
    """
    word = escape(uses.word)
    same = [LAYER_TITLES[layer] for layer in LAYERS if similarity.is_constant(similarities[layer])]
    if len(same) == len(LAYERS):
        return f"In no layer do the vectors differ: the words around “{word}” are the same each time, as far as they are read."
    square = "**Look for** an even, dark square in Static and in layer 0: one vector per spelling, so all similarities are 1. "
    found = f"**Here** you find it in {_listed(same)}. " if same else "**Here** no layer has just one vector. "
    if not uses.has_senses:
        cause = "sentence" if similarity.is_constant(similarities["0"]) else "spelling or the sentence"
        means = " and ".join(f"{_mean(similarities[layer]):.2f} in layer {layer}" for layer in READING_LAYERS)
        return f"{square}{found}In layers 1 and 2, paler cells mean that the {cause} changed the vector. The average is {means}."
    blocks = "In layers 1 and 2, look for darker blocks between the orange lines: same sense, more similar vectors. "
    averages = [
        f"{separation.within:.2f} inside the blocks and {separation.between:.2f} outside in layer {layer}"
        for layer in READING_LAYERS
        if (separation := similarity.separate(similarities[layer], uses.senses))
    ]
    return (
        square
        + found
        + blocks
        + (f"**Here** the average is {', '.join(averages)}." if averages else "**Here** no sense has two sentences.")
    )


def explain_similarity(word: str, lowest: float) -> str:
    """How to read the cells of the heat maps."""
    return (
        f"Each cell compares the vectors of “{escape(word)}” in two sentences, numbered at the edges: 1 means the same "
        "direction, 0 a right angle (the cosine of the angle between them). "
        f"In all four maps the palest colour stands for {lowest:.1f} or less."
    )


def spellings(words: Sequence[str]) -> str:
    """What to say of a word that is spelt in several ways."""
    listed = ", ".join(f"“{escape(word)}”" for word in words)
    return f"The word is spelt {listed}. ELMo's layer 0 reads letters, so to it these are different words."


def unknown_word(word: str) -> str:
    """What to say of a word without a static vector."""
    return f"The static vectors do not know “{escape(word)}”, so there is nothing to compare."


def describe_layer(uses: WordUses, layer: Layer, similarities: DoubleArray) -> str:
    """What one layer does with the word.

    Args:
        uses: Of the word, n.
        layer: The layer.
        similarities: Of its vectors, (n, n).
    """
    word, title = escape(uses.word), f"**{LAYER_TITLES[layer]}**"
    if np.isnan(similarities).all():
        return f"The static vectors do not know “{word}”."
    if similarity.is_constant(similarities):
        reason = "the words around it are the same each time" if layer in READING_LAYERS else "it does not read the sentence"
        return f"{title} gives “{word}” the same vector in all {len(uses.uses)} sentences: {reason}."
    if layer not in READING_LAYERS:
        return f"{title} has one vector for each spelling of “{word}”: it does not read the sentence."
    told = f"{title} makes a new vector in each sentence. Their average similarity is {_mean(similarities):.2f}. "
    separation = similarity.separate(similarities, uses.senses)
    if separation is None:
        return told
    return told + (
        f"It {_verdict(separation)}: the average is {separation.within:.2f} within a sense and {separation.between:.2f} between "
        f"senses. The most similar sentence has the same sense in {_nearest(separation)}."
    )


def no_map(num_uses: int, layer: Layer) -> str:
    """Why a layer has no map."""
    hint = "" if layer in READING_LAYERS else " Try layers 1 and 2: they read the sentence."
    return f"All {num_uses} vectors are the same point here, so there is no map to draw.{hint}"


def explain_map(projection: Projection, senses: Sequence[str]) -> str:
    """What to look for in the map, and whether it is there.

    Args:
        projection: Of the vectors.
        senses: Of each use.
    """
    shown = f"Together the two axes show {sum(projection.shares) * 100:.0f} % of the differences between the vectors."
    distances = np.linalg.norm(projection.points[:, None] - projection.points[None], axis=2)  # (n, n)
    separation = similarity.separate(-distances, senses)
    if separation is None:
        return f"**Look for** points that are close together: there the vectors of the word are similar. {shown}"
    return (
        "**Look for** points of one shape close together and away from the others. "
        f"**Here** the nearest point has the same shape in {_nearest(separation)}. {shown}"
    )


def heat_map_alt(similarities: DoubleArray, layer: Layer) -> str:
    """The heat map of a layer for those who cannot see it."""
    others = _without_diagonal(similarities)
    return (
        f"Heat map of {LAYER_TITLES[layer]}: similarities of the word's vectors in {len(similarities)} sentences, "
        f"from {np.nanmin(others):.2f} to {np.nanmax(others):.2f}, mean {np.nanmean(others):.2f}."
    )


def map_alt(projection: Projection, layer: Layer) -> str:
    """The map of a layer for those who cannot see it."""
    across, down = projection.shares
    return (
        f"Map of the word's vectors in {len(projection.points)} sentences, {LAYER_TITLES[layer]}. The horizontal axis shows "
        f"{across * 100:.0f} % of the variance, the vertical axis {down * 100:.0f} %."
    )


def not_in_this_layer(word: str) -> str:
    """Why no reviews are searched in a layer that does not read the sentence."""
    return f"In this layer every “{escape(word)}” in the reviews is equally similar. Choose layer 1 or 2 above."


def how_much_is_read(word: str, num_sentences: int) -> str:
    """What a search of the reviews will take.

    Args:
        word: The one to look for; empty for all words.
        num_sentences: That will be read if all words are looked for.
    """
    if word:
        return f"ELMo will read up to {NUM_WORD_SENTENCES} sentences with “{escape(word)}”. This takes a few seconds, once."
    return (
        f"ELMo will read {num_sentences:,} sentences drawn at random from the reviews. This takes a minute or two, "
        "but only once for all words."
    )


def no_such_reviews(word: str) -> str:
    """What to say when no review contains the word."""
    return f"No sentence in these reviews contains “{escape(word)}”."


def describe_found(number: int, text: str, layer: Layer, num_words: int) -> str:
    """What the list of found sentences is.

    Args:
        number: Of the chosen sentence, from 1.
        text: The chosen sentence.
        layer: In which words were compared.
        num_words: That were compared with it.
    """
    return (
        f"Most similar to sentence {number}, “{escape(text)}”, in {LAYER_TITLES[layer]}, "
        f"out of {count(num_words, 'word')} in the reviews:"
    )


def decimal(value: float) -> str:
    """One digit after the point, none for a whole number."""
    return f"{value:.0f}" if abs(value - round(value)) < 1e-9 else f"{value:.1f}"


def _verdict(separation: Separation) -> str:
    if separation.within <= separation.between or separation.num_nearest <= separation.num_by_chance:
        return "does not tell the senses apart"
    return "partly tells the senses apart" if separation.skill < 0.75 else "tells the senses apart"


def _nearest(separation: Separation) -> str:
    by_chance = decimal(separation.num_by_chance)
    return f"{decimal(separation.num_nearest)} of {separation.num_judged} cases; guessing would give {by_chance}"


def _mean(similarities: DoubleArray) -> float:
    return float(np.nanmean(_without_diagonal(similarities)))


def _without_diagonal(similarities: DoubleArray) -> DoubleArray:
    return similarities[~np.eye(len(similarities), dtype=bool)]


def _listed(titles: Sequence[str]) -> str:
    return " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)
