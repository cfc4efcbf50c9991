"""Numbers on the map of a word's uses can be read."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ui.senses.label_placement import POINT_RADIUS, Box, offsets, text_box

PLACES = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=40)


def boxes(points: np.ndarray, *, first: int) -> list[Box | None]:
    """What the number of each point takes."""
    texts = [str(number) for number in range(1, len(points) + 1)]
    places = offsets(points, texts, first=first)
    return [
        text_box(x + place[0], y + place[1], text) if place else None
        for (x, y), place, text in zip(points, places, texts, strict=True)
    ]


@given(PLACES)
def test_no_number_lies_on_another_or_on_a_point(places: list[tuple[int, int]]) -> None:
    points = np.array(places, dtype=np.float64)
    shown = [box for box in boxes(points, first=0) if box]
    assert not any(one.overlaps(other) for one, other in combinations(shown, 2))
    inner = POINT_RADIUS / 2
    assert not any(box.overlaps(Box(x - inner, y - inner, x + inner, y + inner)) for box in shown for x, y in points)


def test_points_far_apart_all_have_their_number_at_the_same_side() -> None:
    points = np.array([(50.0 * column, 50.0 * row) for row in range(5) for column in range(5)])
    assert len(set(offsets(points, ["1"] * 25, first=3))) == 1


def test_two_neighbours_have_their_numbers_on_different_sides() -> None:
    first, second = offsets(np.array([(100.0, 100.0), (108.0, 96.0)]), ["1", "2"], first=0)
    assert first
    assert second
    assert first != second


def test_in_a_crowd_the_chosen_point_keeps_its_number_and_others_go_without() -> None:
    crowd = np.random.default_rng(0).normal(100, 12, (40, 2))
    crowd[17] = (100, 140)
    found = boxes(crowd, first=17)
    assert found[17]
    assert None in found
