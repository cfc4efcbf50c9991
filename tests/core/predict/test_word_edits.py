"""Texts with one word changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.predict.word_edits import (
    build_word_edits,
    delete_token,
    misspell,
    negate,
    parse_replacements,
    replace_token,
    swap_tokens,
)
from core.tokens import tokenise


def at(text: str, word: str) -> int:
    return [token.text for token in tokenise(text)].index(word)


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("A bad film.", "bad", "A not bad film."),
        ("The film was bad.", "was", "The film was not bad."),
        ("It's bad.", "'s", "It's not bad."),
        ("Great film!", "Great", "Not great film!"),
        ("I liked it.", "I", "Not I liked it."),
        ("The film was not bad.", "not", "The film was bad."),
        ("The film wasn't bad.", "n't", "The film was bad."),
        ("The film wasn't bad.", "was", "The film was bad."),
        ("It can't be good.", "n't", "It can be good."),
        ("You won't like it.", "n't", "You will like it."),
        ("Never dull", "Never", "dull"),
    ],
)
def test_negating_a_word_puts_a_not_beside_it_or_takes_it_away(text: str, word: str, expected: str) -> None:
    assert negate(text, tokenise(text), at(text, word)) == expected


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("A bad film.", "bad", "A film."),
        ("A film so bad.", "bad", "A film so."),
        ("Great film", "Great", "film"),
        ("Great film", "film", "Great"),
        ("It is n't", "n't", "It is"),
        ("word", "word", ""),
    ],
)
def test_a_word_is_left_out_with_its_space(text: str, word: str, expected: str) -> None:
    assert delete_token(text, tokenise(text)[at(text, word)]) == expected


@pytest.mark.parametrize(
    ("text", "first", "second", "expected"),
    [
        ("not good, but bad", "good", "bad", "not bad, but good"),
        ("not good, but bad", "bad", "good", "not bad, but good"),
        ("Good films are rare.", "Good", "films", "Films good are rare."),
        ("I love it", "I", "love", "Love I it"),
    ],
)
def test_swapped_words_keep_the_space_and_the_capital_of_the_text(text: str, first: str, second: str, expected: str) -> None:
    tokens = tokenise(text)
    assert swap_tokens(text, tokens[at(text, first)], tokens[at(text, second)]) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [("great", "gerat"), ("bad", "badd"), ("allow", "alolw"), ("goood", "gooodd"), ("I", ""), ("n't", ""), ("3D", "")],
)
def test_a_slip_swaps_two_letters_inside_or_doubles_the_last(word: str, expected: str) -> None:
    assert misspell(word) == expected


@given(st.text(alphabet=st.characters(categories=["Ll"], max_codepoint=0x24F), min_size=2, max_size=12))
def test_a_slip_is_another_word_or_a_doubled_letter(word: str) -> None:
    slip = misspell(word)
    assert slip != word
    assert sorted(slip) == sorted(word) or slip == word + word[-1]


def test_a_replacement_keeps_a_capital() -> None:
    assert replace_token("Great film", tokenise("Great film")[0], "dull") == "Dull film"


def test_all_changes_of_a_word_are_different_texts_with_ones_own_first() -> None:
    text = "A bad film."
    variants = build_word_edits(text, tokenise(text), 1, own=["good", "bad"], neighbours=["good", "awful"])
    assert [variant.change for variant in variants] == [
        "yours: good",
        "left out",
        "negated",
        "swapped with “film”",
        "misspelt",
        "nearest vectors: awful",
    ]


def test_parts_of_a_word_are_not_swapped_misspelt_or_replaced_by_neighbours() -> None:
    text = "It wasn't dull."
    tokens = tokenise(text)
    changes = {
        word: [v.change for v in build_word_edits(text, tokens, at(text, word), neighbours=["x"])] for word in ("was", "n't")
    }
    assert changes == {"was": ["left out", "“not” removed"], "n't": ["left out"]}  # without "n't" is the same text as left out


def test_punctuation_can_only_be_left_out() -> None:
    text = "Dull, slow."
    assert [v.text for v in build_word_edits(text, tokenise(text), 1, neighbours=["x"])] == ["Dull slow."]


def test_typed_replacements_are_separated_by_commas() -> None:
    assert parse_replacements(" great, very  bad ,, great") == ["great", "very bad"]


@given(st.text(max_size=60))
def test_no_text_breaks_the_changes_and_none_repeats_it(text: str) -> None:
    tokens = tokenise(text)
    for position in range(len(tokens)):
        texts = [variant.text for variant in build_word_edits(text, tokens, position, own=["x"], neighbours=["y"])]
        assert text not in texts
        assert len(set(texts)) == len(texts)
