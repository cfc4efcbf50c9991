"""What reviews are like before any model reads them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.analysis.error_analysis import accuracy_by
from core.analysis.review_traits import LABEL, NEGATIONS, all_slices, count_negations, measure_review_traits, unknown_edges
from core.embedders.static import StaticEmbedder
from tests.core.analysis.crossed import outcomes_of


@pytest.fixture
def static() -> StaticEmbedder:
    words = ["a", "dull", "film", "."]
    return StaticEmbedder(name="tiny", fingerprint="tiny", words=words, vectors=np.eye(4, dtype=np.float32))


def test_the_whole_review_is_counted_and_only_what_is_read_is_looked_up(static: StaticEmbedder) -> None:
    traits = measure_review_traits(["A dull film.", "A blorptastic film. Snargle snargle snargle."], static, max_tokens=4)
    assert traits.num_tokens.tolist() == [4, 8]
    assert traits.unknown_share.tolist() == [0.0, 0.25]


def test_reviews_without_unknown_words_are_a_bin_of_their_own() -> None:
    shares = np.array([0.0, 0.0, 0.0, 0.01, 0.02, 0.03, 0.04, 0.5])
    edges = unknown_edges(shares, num_bins=3)
    bins = np.digitize(shares, edges) - 1
    assert bins.tolist() == [0, 0, 0, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("shares", [[0.0, 0.0], [0.2, 0.2], [0.0, 0.2], [0.1, 0.9]])
def test_every_review_is_in_a_bin_and_none_without_unknown_words_with_one_that_has_some(shares: list[float]) -> None:
    outcomes = outcomes_of([0, 1], {"basic": [[0.1, 0.9]], "elmo": [[0.1, 0.9]]})
    bins = accuracy_by(outcomes, shares, unknown_edges(np.array(shares)))
    assert sorted(row for each in bins for row in each.reviews.tolist()) == [0, 1]
    assert not any(each.low == 0 < each.high for each in bins)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("It isn't bad, and NOT dull.", 2),
        ("Never without a laugh; nobody left.", 3),
        ("I can’t knot a note, notwithstanding.", 1),
    ],
)
def test_words_that_negate_are_counted_whole(text: str, number: int) -> None:
    assert count_negations(text) == number


def test_reviews_that_nearly_all_negate_are_sliced_by_how_often() -> None:
    labels = np.array([0, 1] * 20, np.int8)
    nothing = pd.DataFrame(index=range(40))
    often = all_slices([f"not {'no ' * (row % 4)}" for row in range(40)], labels, nothing)
    assert [each.title for each in often[NEGATIONS]] == ["1", "2", "3", "4"]
    rarely = all_slices(["not" if row % 4 else "fine" for row in range(40)], labels, nothing)
    assert {each.title: len(each.rows) for each in rarely[NEGATIONS]} == {"some": 30, "none": 10}
    assert [each.title for each in rarely[LABEL]] == ["negative", "positive"]
