"""What the Senses page says about its pictures."""

from __future__ import annotations

import numpy as np
import pytest

from core.arrays import DoubleArray
from core.senses.lessons import LabelledSentence
from core.senses.similarity import Projection
from core.senses.word_uses import Layer, WordUses, find_uses
from ui.senses import wording

SENTENCES = ("The plot thickens.", "I lost the plot.", "A plot of land.", "They bought a plot.")
SENSES = ("story", "story", "land", "land")
ONES = np.ones((4, 4))


def plot(*senses: str) -> WordUses:
    labelled = [LabelledSentence(text, sense) for text, sense in zip(SENTENCES, senses or [""] * 4, strict=True)]
    return WordUses("plot", tuple(find_uses("plot", labelled)))


def in_blocks(within: float, between: float) -> DoubleArray:
    similarities = np.full((4, 4), between)
    similarities[:2, :2] = similarities[2:, 2:] = within
    np.fill_diagonal(similarities, 1)
    return similarities


def of_layers(upper: DoubleArray) -> dict[Layer, DoubleArray]:
    return {"static": ONES, "0": ONES, "1": upper, "2": upper}


def test_the_heat_maps_are_explained_by_the_averages_inside_and_outside_the_blocks() -> None:
    explained = wording.explain_heat_maps(plot(*SENSES), of_layers(in_blocks(0.8, 0.3)))
    assert "Static and ELMo, layer 0" in explained
    assert "0.80 inside the blocks and 0.30 outside in layer 2" in explained


def test_without_senses_the_paler_cells_are_explained() -> None:
    explained = wording.explain_heat_maps(plot(), of_layers(in_blocks(0.5, 0.5)))
    assert "the sentence changed the vector" in explained
    assert "0.50 in layer 1" in explained


def test_identical_sentences_are_not_taken_for_a_layer_that_does_not_read() -> None:
    assert "the same each time" in wording.explain_heat_maps(plot(), of_layers(ONES))
    assert "the same each time" in wording.describe_layer(plot(), "2", ONES)
    assert "does not read the sentence" in wording.describe_layer(plot(), "0", ONES)


def test_a_layer_of_letters_that_tells_spellings_apart_is_not_said_to_read_the_sentence() -> None:
    assert "one vector for each spelling" in wording.describe_layer(plot(), "0", in_blocks(1, 0.5))


@pytest.mark.parametrize(
    ("within", "between", "verdict"), [(0.8, 0.3, "It tells the senses apart:"), (0.3, 0.8, "It does not tell the senses apart:")]
)
def test_the_verdict_on_a_layer_follows_the_numbers(within: float, between: float, verdict: str) -> None:
    assert verdict in wording.describe_layer(plot(*SENSES), "2", in_blocks(within, between))


def test_the_map_is_judged_by_the_nearest_points() -> None:
    points = np.array([[0, 0], [0, 1], [9, 0], [9, 1]], dtype=float)
    assert "4 of 4 cases; guessing would give 1.3" in wording.explain_map(Projection(points, (0.5, 0.25)), SENSES)
    assert "4 of 4" not in wording.explain_map(Projection(points[[0, 2, 1, 3]], (0.5, 0.25)), SENSES)
    assert "75 %" in wording.explain_map(Projection(points, (0.5, 0.25)), [""] * 4)
