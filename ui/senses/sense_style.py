"""A colour and a shape for each sense of a word, the same in the list of sentences and in the charts."""

from __future__ import annotations

from collections.abc import Sequence

# None is the colour of an arm. Contrast 3:1 on white and on the dark background; the shapes work without the colours.
_COLOURS = ("#8E63C7", "#B07D12", "#1F9274", "#C9558F", "#5B82B8")
_SHAPES = ("circle", "square", "triangle-up", "diamond")
_GLYPHS = ("●", "■", "▲", "◆")


def sense_colours(senses: Sequence[str]) -> dict[str, str]:
    """The colour of each sense, in order of appearance."""
    return _assigned(senses, _COLOURS)


def sense_shapes(senses: Sequence[str]) -> dict[str, str]:
    """The Vega shape of each sense."""
    return _assigned(senses, _SHAPES)


def sense_glyphs(senses: Sequence[str]) -> dict[str, str]:
    """The shape of each sense as a character."""
    return _assigned(senses, _GLYPHS)


def _assigned(senses: Sequence[str], marks: Sequence[str]) -> dict[str, str]:
    return {sense: marks[i % len(marks)] for i, sense in enumerate(dict.fromkeys(senses))}
