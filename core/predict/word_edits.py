"""What if: a text with one of its words changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.tokens import Token

NUM_NEIGHBOURS = 5
_LETTERS_TO_SWAP = 4  # in a shorter word, two letters swapped make another word more often than a slip

_NEGATIONS = frozenset({"not", "n't", "never", "no", "hardly"})
_AFTER_A_WORD = ".,;:!?"  # no space before these
# What "n't" leaves behind of a verb that it changes.
_BEFORE_NT = {"ca": "can", "wo": "will", "sha": "shall"}
# Verbs that a "not" follows; it comes before every other word.
_AUXILIARIES = frozenset(
    {"is", "are", "was", "were", "am", "be", "'s", "'re", "'m", "can", "could", "will", "would", "should", "must", "may", "might"}
    | {"do", "does", "did", "has", "have", "had", "'ll", "'d", "'ve"}
)


@dataclass(frozen=True)
class WordEdit:
    """A changed text.

    Attributes:
        change: What was done, in words.
        text: The whole text after it.
    """

    change: str
    text: str


def build_word_edits(
    text: str, tokens: Sequence[Token], position: int, *, own: Sequence[str] = (), neighbours: Sequence[str] = ()
) -> list[WordEdit]:
    """Every change of one word, one's own replacements first; none twice, and none that changes nothing.

    Args:
        text: The text.
        tokens: Its tokens.
        position: Of the word among them.
        own: Replacements that somebody typed.
        neighbours: Replacements that the static vectors suggest.
    """
    token = tokens[position]
    variants = [WordEdit(f"yours: {word}", replace_token(text, token, word)) for word in own]
    variants.append(WordEdit("left out", delete_token(text, token)))
    if is_negatable(tokens, position):
        change = "“not” taken away" if _negation(tokens, position) is not None else "negated"
        variants.append(WordEdit(change, negate(text, tokens, position)))
    if _is_whole_word(tokens, position):
        if partner := _partner(tokens, position):
            variants.append(WordEdit(f"swapped with “{partner.text}”", swap_tokens(text, token, partner)))
        if slip := misspell(_written(text, token)):
            variants.append(WordEdit("misspelt", replace_token(text, token, slip)))
        variants += [WordEdit(f"nearest vectors: {word}", replace_token(text, token, word)) for word in neighbours]
    first_of = {variant.text: variant for variant in reversed(variants) if variant.text != text}
    return [variant for variant in variants if first_of.get(variant.text) is variant]


def replace_token(text: str, token: Token, word: str) -> str:
    """The text with another word, or other words, in a token's place; a capital stays where one was."""
    is_capital = _written(text, token)[:1].isupper()
    fitting = word[:1].upper() + word[1:] if is_capital else word
    return text[: token.start] + fitting + text[token.end :]


def delete_token(text: str, token: Token) -> str:
    """The text without a token and without the space that it leaves."""
    before, after = text[: token.start], text[token.end :]
    if not before:
        return after.lstrip()
    if before[-1].isspace() and (not after or after[0].isspace() or after[0] in _AFTER_A_WORD):
        before = before[:-1]
    return before + after


def is_negatable(tokens: Sequence[Token], position: int) -> bool:
    """Whether a "not" can stand at a token, or does: not at punctuation, and inside "it's" only after the verb."""
    token = tokens[position]
    if _negation(tokens, position) is not None or token.text.lower() in _AUXILIARIES:
        return True
    return _is_whole_word(tokens, position)


def negate(text: str, tokens: Sequence[Token], position: int) -> str:
    """The text with a "not" at a word, or without the one that stands there."""
    token = tokens[position]
    if (negation := _negation(tokens, position)) is not None:
        return _without_negation(text, tokens, negation)
    if token.text.lower() in _AUXILIARIES:
        return f"{text[: token.end]} not{text[token.end :]}"
    written = _written(text, token)
    return f"{text[: token.start]}{'not' if token.start else 'Not'} {_inside(token, written)}{text[token.end :]}"


def swap_tokens(text: str, first: Token, second: Token) -> str:
    """The text with two words in each other's place; the first word of a text keeps its capital."""
    early, late = sorted((first, second), key=lambda token: token.start)
    new_late = _inside(early, _written(text, early))
    new_early = _written(text, late)
    if early.start == 0 and _written(text, early)[:1].isupper():
        new_early = new_early[:1].upper() + new_early[1:]
    return text[: early.start] + new_early + text[early.end : late.start] + new_late + text[late.end :]


def misspell(word: str) -> str:
    """The word with a slip that people make: two letters swapped, in a short one the last doubled; empty if it has none."""
    if len(word) < 2 or not word.isalpha():
        return ""
    if len(word) >= _LETTERS_TO_SWAP:
        for place in range(1, len(word) - 2):
            if word[place] != word[place + 1]:
                return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word + word[-1]


def parse_replacements(typed: str) -> list[str]:
    """Replacements as people type them, with commas between; each once."""
    return list(dict.fromkeys(word for part in typed.split(",") if (word := " ".join(part.split()))))


def _negation(tokens: Sequence[Token], position: int) -> int | None:
    """Position of the negation that a token is, or that an "n't" makes of it; None without."""
    if tokens[position].text.lower() in _NEGATIONS:
        return position
    after = position + 1
    is_followed = after < len(tokens) and tokens[after].text.lower() == "n't" and tokens[after].start == tokens[position].end
    return after if is_followed else None


def _without_negation(text: str, tokens: Sequence[Token], position: int) -> str:
    token = tokens[position]
    if token.text.lower() != "n't":
        return delete_token(text, token)
    before, after = text[: token.start], text[token.end :]
    verb = tokens[position - 1] if position else None
    if verb is None or verb.end != token.start or verb.text.lower() not in _BEFORE_NT:
        return before + after
    return replace_token(before, verb, _BEFORE_NT[verb.text.lower()]) + after


def _partner(tokens: Sequence[Token], position: int) -> Token | None:
    """The next word, or for the last one the word before it; None if that is a part of another, as in "it's"."""
    words = [place for place, token in enumerate(tokens) if _is_word(token)]
    place = words.index(position)
    partner = words[place + 1] if place + 1 < len(words) else words[place - 1] if place else None
    return tokens[partner] if partner is not None and _is_whole_word(tokens, partner) else None


def _is_whole_word(tokens: Sequence[Token], position: int) -> bool:
    """Whether a token is a word, and no part of one such as the two of "it's"."""
    token = tokens[position]
    beside = (*tokens[max(0, position - 1) : position], *tokens[position + 1 : position + 2])
    is_part = any(_is_word(other) and (other.end == token.start or other.start == token.end) for other in beside)
    return _is_word(token) and not is_part


def _is_word(token: Token) -> bool:
    return any(character.isalnum() for character in token.text)


def _written(text: str, token: Token) -> str:
    return text[token.start : token.end]


def _inside(token: Token, written: str) -> str:
    """How a word is written once it is no longer the first of the text: "The" gets small; "I" and "NASA" stay."""
    is_capitalised = token.start == 0 and len(written) > 1 and written[0].isupper() and not written[1].isupper()
    return written[:1].lower() + written[1:] if is_capitalised else written
