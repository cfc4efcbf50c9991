"""Counterfactual edits: a text with one of its words changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.tokens import Token

NUM_NEIGHBOURS = 5
_LETTERS_TO_SWAP = 4  # in shorter words, a swap often makes another word instead of a typo

_NEGATIONS = frozenset({"not", "n't", "never", "no", "hardly"})
_CLOSING_PUNCTUATION = ".,;:!?"  # no space before these
# What is left of a verb before "n't", if it is not the verb itself.
_BEFORE_NT = {"ca": "can", "wo": "will", "sha": "shall"}
# "not" comes after these verbs, and before every other word.
_AUXILIARIES = frozenset(
    {"is", "are", "was", "were", "am", "be", "'s", "'re", "'m", "can", "could", "will", "would", "should", "must", "may", "might"}
    | {"do", "does", "did", "has", "have", "had", "'ll", "'d", "'ve"}
)


@dataclass(frozen=True)
class WordEdit:
    """A changed text.

    Attributes:
        change: Description of the edit.
        text: The whole edited text.
    """

    change: str
    text: str


def build_word_edits(
    text: str, tokens: Sequence[Token], position: int, *, own: Sequence[str] = (), neighbours: Sequence[str] = ()
) -> list[WordEdit]:
    """Every edit of one word, typed replacements first, without repetitions and edits that change nothing.

    Args:
        text: The text.
        tokens: Its tokens.
        position: Index of the word among them.
        own: Replacements that a person typed.
        neighbours: Replacements suggested by the static vectors.
    """
    token = tokens[position]
    edits = [WordEdit(f"yours: {word}", replace_token(text, token, word)) for word in own]
    edits.append(WordEdit("left out", delete_token(text, token)))
    if is_negatable(tokens, position):
        change = "“not” removed" if _negation(tokens, position) is not None else "negated"
        edits.append(WordEdit(change, negate(text, tokens, position)))
    if _is_whole_word(tokens, position):
        if partner := _partner(tokens, position):
            edits.append(WordEdit(f"swapped with “{partner.text}”", swap_tokens(text, token, partner)))
        if typo := misspell(_written(text, token)):
            edits.append(WordEdit("misspelt", replace_token(text, token, typo)))
        edits += [WordEdit(f"nearest vectors: {word}", replace_token(text, token, word)) for word in neighbours]
    first_of = {edit.text: edit for edit in reversed(edits) if edit.text != text}
    return [edit for edit in edits if first_of.get(edit.text) is edit]


def replace_token(text: str, token: Token, word: str) -> str:
    """The text with one or more other words in place of a token; capitalisation is kept."""
    is_capital = _written(text, token)[:1].isupper()
    fitting = word[:1].upper() + word[1:] if is_capital else word
    return text[: token.start] + fitting + text[token.end :]


def delete_token(text: str, token: Token) -> str:
    """The text without a token and the space next to it."""
    before, after = text[: token.start], text[token.end :]
    if not before:
        return after.lstrip()
    if before[-1].isspace() and (not after or after[0].isspace() or after[0] in _CLOSING_PUNCTUATION):
        before = before[:-1]
    return before + after


def is_negatable(tokens: Sequence[Token], position: int) -> bool:
    """Whether `negate` can change a token: not punctuation, and within "it's" only the verb."""
    token = tokens[position]
    if _negation(tokens, position) is not None or token.text.lower() in _AUXILIARIES:
        return True
    return _is_whole_word(tokens, position)


def negate(text: str, tokens: Sequence[Token], position: int) -> str:
    """The text with "not" added to a word, or removed from it."""
    token = tokens[position]
    if (negation := _negation(tokens, position)) is not None:
        return _without_negation(text, tokens, negation)
    if token.text.lower() in _AUXILIARIES:
        return f"{text[: token.end]} not{text[token.end :]}"
    written = _written(text, token)
    return f"{text[: token.start]}{'not' if token.start else 'Not'} {_without_capital(token, written)}{text[token.end :]}"


def swap_tokens(text: str, first: Token, second: Token) -> str:
    """The text with two words swapped; the text still begins with a capital if it did before."""
    early, late = sorted((first, second), key=lambda token: token.start)
    new_late = _without_capital(early, _written(text, early))
    new_early = _written(text, late)
    if early.start == 0 and _written(text, early)[:1].isupper():
        new_early = new_early[:1].upper() + new_early[1:]
    return text[: early.start] + new_early + text[early.end : late.start] + new_late + text[late.end :]


def misspell(word: str) -> str:
    """The word with a common typo: two letters swapped or, in a short word, the last one doubled; empty if it has no letters."""
    if len(word) < 2 or not word.isalpha():
        return ""
    if len(word) >= _LETTERS_TO_SWAP:
        for place in range(1, len(word) - 2):
            if word[place] != word[place + 1]:
                return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word + word[-1]


def parse_replacements(typed: str) -> list[str]:
    """Replacements separated by commas, without repetitions."""
    return list(dict.fromkeys(word for part in typed.split(",") if (word := " ".join(part.split()))))


def _negation(tokens: Sequence[Token], position: int) -> int | None:
    """Index of the negation that a token is, or of the "n't" attached to it; None without either."""
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
    """The next word, or the previous one for the last word; None if that is part of another word, as in "it's"."""
    words = [place for place, token in enumerate(tokens) if _is_word(token)]
    place = words.index(position)
    partner = words[place + 1] if place + 1 < len(words) else words[place - 1] if place else None
    return tokens[partner] if partner is not None and _is_whole_word(tokens, partner) else None


def _is_whole_word(tokens: Sequence[Token], position: int) -> bool:
    """Whether a token is a word by itself, not part of one such as "it's"."""
    token = tokens[position]
    beside = (*tokens[max(0, position - 1) : position], *tokens[position + 1 : position + 2])
    is_part = any(_is_word(other) and (other.end == token.start or other.start == token.end) for other in beside)
    return _is_word(token) and not is_part


def _is_word(token: Token) -> bool:
    return any(character.isalnum() for character in token.text)


def _written(text: str, token: Token) -> str:
    return text[token.start : token.end]


def _without_capital(token: Token, written: str) -> str:
    """Spelling of a word that no longer begins the text: "The" becomes "the"; "I" and "NASA" stay."""
    is_capitalised = token.start == 0 and len(written) > 1 and written[0].isupper() and not written[1].isupper()
    return written[:1].lower() + written[1:] if is_capitalised else written
