"""The difference between two texts."""

from __future__ import annotations

from core.challenges.pair_diff import PairDiff, diff_texts


def test_the_difference_is_told_in_tokens() -> None:
    assert diff_texts("The film is good.", "The film isn't bad.") == PairDiff(("good",), ("n't", "bad"))
    assert diff_texts("Good.", "Good.") == PairDiff((), ())
