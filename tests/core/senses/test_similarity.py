"""Vectors compared: cosine similarities, the plane in which they differ, and how well senses are told apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.senses.similarity import cosine_similarities, project, separate


@given(arrays(np.float32, (3, 7), elements=st.floats(-100, 100, width=32)).filter(lambda rows: (rows != 0).any(axis=1).all()))
def test_equal_vectors_are_alike_by_exactly_one_and_no_two_by_more(rows: np.ndarray) -> None:
    similarities = cosine_similarities(np.concatenate([rows, rows]))
    assert (np.diag(similarities) == 1).all()
    assert (np.diag(similarities, k=3) == 1).all()
    assert (np.abs(similarities) <= 1).all()
    np.testing.assert_array_equal(similarities, similarities.T)


def test_similarity_is_the_cosine_of_the_angle() -> None:
    similarities = cosine_similarities(np.array([[1, 0], [1, 1], [0, 2], [-3, 0]], np.float32))
    np.testing.assert_allclose(similarities[0], [1, np.sqrt(0.5), 0, -1], atol=1e-12)


def test_the_plane_shows_all_of_what_differs_in_two_directions_only() -> None:
    rng = np.random.default_rng(0)
    flat, directions = rng.normal(size=(9, 2)) * [3, 1], np.linalg.qr(rng.normal(size=(20, 2)))[0].T
    projection = project((flat @ directions + 5).astype(np.float32))
    assert projection
    assert sum(projection.shares) == pytest.approx(1)
    assert projection.shares[0] > projection.shares[1]

    def distances(points: np.ndarray) -> np.ndarray:
        return np.asarray(np.linalg.norm(points[:, None] - points[None], axis=-1))

    np.testing.assert_allclose(distances(projection.points), distances(flat), atol=1e-4)


def test_equal_vectors_have_no_plane() -> None:
    assert project(np.ones((5, 8), np.float32)) is None


def test_two_vectors_lie_on_one_axis() -> None:
    projection = project(np.array([[0, 0, 1], [0, 1, 0]], np.float32))
    assert projection
    assert projection.shares == pytest.approx((1, 0))


def test_senses_that_are_far_apart_are_told_apart() -> None:
    vectors = np.array([[1, 0.1], [1, 0], [0, 1], [0.1, 1]], np.float32)
    found = separate(cosine_similarities(vectors), ["a", "a", "b", "b"])
    assert found
    assert found.within > 0.9
    assert found.between < 0.3
    assert (found.num_nearest, found.num_judged) == (4, 4)
    assert found.num_by_chance == pytest.approx(4 / 3)


def test_equal_vectors_tell_senses_apart_as_well_as_guessing() -> None:
    found = separate(np.ones((5, 5)), ["a", "a", "a", "b", "b"])
    assert found
    assert found.num_nearest == pytest.approx(found.num_by_chance)


def test_a_use_without_another_of_its_sense_is_not_judged() -> None:
    found = separate(np.ones((3, 3)), ["a", "a", "b"])
    assert found
    assert found.num_judged == 2


@pytest.mark.parametrize("senses", [["", "", ""], ["a", "b", "c"]])
def test_without_both_kinds_of_pairs_nothing_is_compared(senses: list[str]) -> None:
    assert separate(np.ones((3, 3)), senses) is None
