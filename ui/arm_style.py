"""Colours, shapes and dashes of the arms and, in grey, of the bag of words, and their titles in Vega."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache

from core.experiment.arms import BAG_OF_WORDS, MODEL_TITLES


@dataclass(frozen=True)
class Look:
    """How an arm is drawn.

    Attributes:
        colour: Such as "#0072B2".
        shape: Of points, as Vega calls it.
        dash: Of lines: pixels drawn and left out, in turns.
    """

    colour: str
    shape: str
    dash: tuple[int, ...]


# Okabe and Ito's palette tells apart under every common colour blindness; the shapes tell the arms apart without any colour.
LOOKS = {
    "basic": Look("#0072B2", "circle", (1, 0)),
    "elmo": Look("#D55E00", "square", (7, 3)),
    "elmo-alone": Look("#009E73", "diamond", (2, 2)),
    "letters": Look("#CC79A7", "cross", (9, 3, 2, 3)),
    "shuffled": Look("#56B4E9", "triangle-down", (4, 2)),
    BAG_OF_WORDS: Look("#8A9099", "triangle-up", (1, 0)),
}
_OF_ONES_OWN = (
    Look("#7B61C9", "triangle-right", (5, 2, 1, 2)),
    Look("#9A7400", "triangle-left", (3, 3)),
    Look("#0F8B8D", "wedge", (8, 2)),
    Look("#B0457B", "arrow", (1, 2)),
)
ARM_LABELS = " : ".join(f"datum.value == '{arm}' ? '{title}'" for arm, title in MODEL_TITLES.items()) + " : datum.value"


def look_of(arm: str) -> Look:
    """How an arm is drawn, on every page and in every file."""
    return LOOKS.get(arm) or _own_look(arm)


@lru_cache
def _own_look(arm: str) -> Look:
    """The look of somebody's own arm: one that no other name has taken on this server, as long as there is one."""
    start = zlib.crc32(arm.encode()) % len(_OF_ONES_OWN)
    in_turn = [*_OF_ONES_OWN[start:], *_OF_ONES_OWN[:start]]
    look = next((look for look in in_turn if look not in _taken), in_turn[0])
    _taken.append(look)
    return look


_taken: list[Look] = []
