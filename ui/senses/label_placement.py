"""Placement of numbers beside the points of a map, so that none covers another or a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

POINT_RADIUS, RING_RADIUS = 8.0, 14.0
FONT_SIZE = 13
_DIGIT_WIDTH, _TEXT_HEIGHT = 8.0, 12.0
_DIRECTIONS = ((14, -10), (-14, -10), (14, 11), (-14, 11), (18, 0), (-18, 0), (0, -16), (0, 16))  # the best first


@dataclass(frozen=True)
class Box:
    """A rectangle on the screen, in pixels; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom


def offsets(points: npt.NDArray[np.float64], texts: Sequence[str], *, first: int) -> list[tuple[float, float] | None]:
    """Offsets from each point to the middle of its text.

    Args:
        points: (n, 2) in pixels, y downwards, on a plot no larger than the one they are drawn on.
        texts: One for each point.
        first: The point with a ring, whose text is placed first; the others follow in order.

    Returns:
        (right, down) in pixels for each point, or None where there is no room.
    """
    marks = [_around(x, y, RING_RADIUS if i == first else POINT_RADIUS) for i, (x, y) in enumerate(points)]
    placed: list[Box] = []
    found: list[tuple[float, float] | None] = [None] * len(texts)
    for i in sorted(range(len(texts)), key=lambda i: (i != first, i)):
        others = [*placed, *marks[:i], *marks[i + 1 :]]
        for right, down in _DIRECTIONS:
            box = text_box(points[i, 0] + right, points[i, 1] + down, texts[i])
            if not any(box.overlaps(other) for other in others):
                placed.append(box)
                found[i] = (right, down)
                break
    return found


def text_box(x: float, y: float, text: str) -> Box:
    """The space of a text whose middle is at (x, y)."""
    half = len(text) * _DIGIT_WIDTH / 2
    return Box(x - half, y - _TEXT_HEIGHT / 2, x + half, y + _TEXT_HEIGHT / 2)


def _around(x: float, y: float, radius: float) -> Box:
    return Box(x - radius, y - radius, x + radius, y + radius)
