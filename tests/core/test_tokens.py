"""Tokens: Treebank conventions, places in the text, and texts of any length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.tokenize.treebank import TreebankWordTokenizer

from core import tokens
from core.plain_text import plain_text
from core.tokens import Token, token_texts, tokenise

# Much punctuation, contractions and odd spaces, so that random texts meet every rule.
_WORDS = [
    "film",
    "I",
    "Mr",
    "U.S.",
    "it's",
    "don't",
    "cannot",
    "gonna",
    "wanna",
    "'tis",
    "D'ye",
    "more'n",
    "3.5",
    "1,000",
    "🎬",
    "—",
    "…",
]
_SIGNS = [*"“”’\"'`.!?,:;()[>-&$%", "''", "``", "...", "--"]
_SPACES = [" ", "  ", "\n", "\t", "\u00a0", "\u2028", "\x85", "\x1c"]
_PIECES = st.sampled_from([*_WORDS, "🎬", "—", "…", *_SIGNS, *_SPACES])
texts = st.lists(_PIECES, max_size=40).map("".join) | st.text(max_size=80)


def test_contractions_and_punctuation_are_split_as_in_the_penn_treebank() -> None:
    assert token_texts("It's great, but I don't care (much).") == (
        ["It", "'s", "great", ",", "but", "I", "do", "n't", "care", "(", "much", ")", "."]
    )


def test_every_sentence_loses_its_final_full_stop_and_not_only_the_last() -> None:
    assert token_texts("A fine film. I liked it.") == ["A", "fine", "film", ".", "I", "liked", "it", "."]


def test_a_full_stop_before_a_closing_quote_or_bracket_is_detached() -> None:
    assert token_texts('"It was bad." (He left.) So did I.') == (
        ["``", "It", "was", "bad", ".", "''", "(", "He", "left", ".", ")", "So", "did", "I", "."]
    )


@pytest.mark.parametrize("abbreviation", ["Mr.", "mrs.", "Dr.", "J.", "U.S.", "p.m.", "vs."])
def test_an_abbreviation_keeps_its_full_stop(abbreviation: str) -> None:
    assert token_texts(f"When {abbreviation} Smith came") == ["When", abbreviation, "Smith", "came"]


@pytest.mark.parametrize("word", ["farm.", "1st.", "I."])
def test_the_end_of_a_word_that_looks_like_an_abbreviation_ends_a_sentence(word: str) -> None:
    assert token_texts(f"At {word} Then") == ["At", word[:-1], ".", "Then"]


def test_a_new_line_is_a_space_as_in_training() -> None:
    assert token_texts("Awful.\nJust Mr.\nAwful") == ["Awful", ".", "Just", "Mr.", "Awful"]


def test_quotes_are_written_the_treebank_way_and_keep_their_places() -> None:
    assert tokenise('a "b"') == [Token("a", 0, 1), Token("``", 2, 3), Token("b", 3, 4), Token("''", 4, 5)]


def test_typographic_quotes_are_read_as_plain_ones() -> None:
    assert token_texts("“I don’t”") == token_texts('"I don\'t"') == ["``", "I", "do", "n't", "''"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t\u00a0"])
def test_a_text_without_words_has_no_tokens(text: str) -> None:
    assert tokenise(text) == []


def test_dashes_and_dots_are_tokens_as_typewriters_have_them() -> None:
    assert token_texts("a film—awful … so–so……") == ["a", "film", "--", "awful", "...", "so", "--", "so", "...", "..."]


def test_emoji_arrows_and_flags_are_split_from_words() -> None:
    assert token_texts("film😀😀!→good🇫🇷") == ["film", "😀", "😀", "!", "→", "good", "🇫🇷"]


def test_emoji_are_tokens() -> None:
    assert token_texts("loved it 🎬 👍🏽!") == ["loved", "it", "🎬", "👍🏽", "!"]


@given(texts)
def test_tokens_stand_in_order_inside_the_text(text: str) -> None:
    place = 0
    for token in tokenise(text):
        assert place <= token.start < token.end <= len(text)
        place = token.end


@given(texts)
def test_a_token_is_what_stands_at_its_place_except_for_quotes_dashes_and_dots(text: str) -> None:
    for token in tokenise(text):
        original = plain_text(text[token.start : token.end])
        is_spelled = original in ('"', "``", "''", "…") or original in "‒–—―"
        is_same = token.text.replace("`", "'") == original.replace("`", "'")  # within a word, ` is an apostrophe
        assert is_same or (token.text in ("``", "''", "...", "--") and is_spelled)


@given(texts)
def test_no_character_is_lost_between_tokens(text: str) -> None:
    left_over, place = "", 0
    for token in tokenise(text):
        left_over += text[place : token.start]
        place = token.end
    assert plain_text(left_over + text[place:]) == ""


@given(texts, st.integers(min_value=0, max_value=30))
def test_a_limit_gives_the_first_tokens_of_the_whole(text: str, max_tokens: int) -> None:
    assert tokenise(text, max_tokens) == tokenise(text)[:max_tokens]


@given(texts, st.none() | st.integers(min_value=0, max_value=30))
def test_words_are_the_texts_of_the_tokens(text: str, max_tokens: int | None) -> None:
    assert token_texts(text, max_tokens) == [token.text for token in tokenise(text, max_tokens)]


@given(st.lists(_PIECES.filter(lambda piece: piece.isascii() and piece.isprintable() and piece != "`"), max_size=30).map("".join))
def test_a_single_sentence_is_split_exactly_as_nltk_splits_it(text: str) -> None:
    sentence = text.replace(".", "").replace("!", "").replace("?", "").strip() + "."
    assert token_texts(sentence) == TreebankWordTokenizer().tokenize(sentence)


@pytest.mark.parametrize(
    "text",
    ["word " * 40_000, "." * 200_000, "x" * 200_000, ".)" * 100_000, '"' * 200_000, " " * 200_000, "a." * 100_000, "'" * 200_000],
    ids=["words", "full stops", "one word", "stops and brackets", "quotes", "spaces", "dotted", "apostrophes"],
)
def test_only_the_start_of_200_000_characters_is_tokenised_in_short_pieces(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[str] = []
    rules = tokens._treebank_rules()

    def note_pieces(piece: str) -> list[str]:
        pieces.append(piece)
        return rules(piece)

    monkeypatch.setattr(tokens, "_treebank_rules", lambda: note_pieces)
    assert len(tokenise(text, 128)) <= 128
    assert len(pieces) <= 128
    assert max(map(len, pieces), default=0) <= 1_000


def test_ten_thousand_words_without_a_full_stop_are_all_found() -> None:
    assert token_texts("film " * 10_000) == ["film"] * 10_000


def test_a_word_at_the_bound_of_a_long_sentence_stays_whole() -> None:
    assert set(token_texts("extraordinary " * 1_000)) == {"extraordinary"}
