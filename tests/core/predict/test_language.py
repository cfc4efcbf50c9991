"""Which texts are not in English."""

from __future__ import annotations

import pytest

from core.data.datasets import BUILT_IN, load_pool
from core.predict.examples import load_candidates
from core.predict.language import other_language
from core.settings import Settings


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Dieser Film ist nicht schlecht", "German"),
        ("C'est nul", "French"),
        ("Je n’ai pas aimé ce film", "French"),
        ("Me encanta esta película", "Spanish"),
        ("Questo film è molto bello", "Italian"),
        ("Não gostei do filme", "Portuguese"),
        ("Het was niet goed", "Dutch"),
        ("фильм плохой", "another script"),
        ("فيلم رائع", "another script"),
        ("とても良い映画", "another script"),
    ],
)
def test_other_languages_are_recognised(text: str, language: str) -> None:
    assert other_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!!",
        "❤️",
        "Barbie",
        "lol",
        "Gut wrenching",
        "Amélie is fun",
        "A film noir plus popcorn",
        "Better than Das Boot, and it is short",
    ],
)
def test_english_names_and_signs_are_left_alone(text: str) -> None:
    assert other_language(text) is None


def test_neither_reviews_nor_examples_are_taken_for_another_language() -> None:
    reviews = load_pool(BUILT_IN[0], Settings()).texts[:500]
    assert [text for text in (*reviews, *(candidate.text for candidate in load_candidates())) if other_language(text)] == []
