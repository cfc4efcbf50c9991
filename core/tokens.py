"""Text to Penn Treebank tokens with their places in the text: one tokeniser for every model.

GloVe and the released ELMo were trained on Treebank tokens (`do n't`, `it 's`, quotes as `` and ''), so every arm reads these.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

# Phones and word processors type these; the Treebank rules know only the plain ones. Both columns have one character each, so
# that places in the text stay what they are.
_PLAIN_QUOTES = str.maketrans("‘’“”", "''\"\"")

# Where a sentence ends: a run of stops, closing quotes or brackets, space; or a new line. The look-behind and the possessive
# quantifiers keep the search linear in texts such as 200,000 full stops.
_SENTENCE_END = re.compile(r"(?<![.!?])[.!?]++[\"')\]}>]*+\s|\n")
_ABBREVIATION = re.compile(
    r"(?<![\w.])(?:"
    r"(?i:mr|mrs|ms|messrs|dr|prof|rev|hon|gen|col|capt|lt|sgt|jr|sr|st|mt|vs|cf|vol|feat)"
    r"|[A-HJ-Z]"  # an initial; a lone I is far more often the pronoun
    r"|[A-Za-z](?:\.[A-Za-z])+"  # U.S., e.g., p.m.
    r")\Z"
)
_LONGEST_ABBREVIATION = 16  # characters looked at before a full stop

# A word of NLTK's MacIntyreContractions, or a part of one.
_CONTRACTION = re.compile(r"(?i)cannot|'ye|gimme|gonna|gotta|lemme|more'n|wanna|'tis|'twas")

# Characters; some Treebank rules are quadratic in the length of what they are given.
_LONGEST_SENTENCE = 1_000


class Token(NamedTuple):
    """A token and where it stands.

    Attributes:
        text: The token as models read it; equals `original[start:end]` except for quotes, which may be written `` or ''.
        start: Place of its first character in the original text.
        end: Place after its last character.
    """

    text: str
    start: int
    end: int


def tokenise(text: str, max_tokens: int | None = None) -> list[Token]:
    """Penn Treebank tokens of a text, in order; none for an empty text.

    The Treebank rules detach a final full stop only at the end of what they are given, so sentences are split first.

    Args:
        text: Any text, of any length.
        max_tokens: Stop after so many tokens; the rest of the text is not looked at.

    Reference: NLTK's `TreebankWordTokenizer`, after Robert MacIntyre's tokenizer.sed for the Penn Treebank.
    """
    tokens: list[Token] = []
    plain = text.translate(_PLAIN_QUOTES)
    for start, end in _sentence_spans(plain):
        tokens += _tokenise_sentence(plain[start:end], offset=start)
        if max_tokens is not None and len(tokens) >= max_tokens:
            return tokens[:max_tokens]
    return tokens


def words(text: str, max_tokens: int | None = None) -> list[str]:
    """The texts of `tokenise(text, max_tokens)`."""
    return [token.text for token in tokenise(text, max_tokens)]


def _sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Spans of sentences without the space around them, none longer than `_LONGEST_SENTENCE`."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if not _is_abbreviation(text, match):
            yield from _bounded_spans(text, start, match.end())
            start = match.end()
    yield from _bounded_spans(text, start, len(text))


def _is_abbreviation(text: str, end_of_sentence: re.Match[str]) -> bool:
    stop = end_of_sentence.start()
    is_one_full_stop = text.startswith(".", stop) and end_of_sentence.end() == stop + 2
    return is_one_full_stop and _ABBREVIATION.search(text, max(0, stop - _LONGEST_ABBREVIATION), stop) is not None


def _bounded_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cuts a span at its spaces into pieces of bounded length; a longer run without any space is cut inside."""
    while start < end:
        piece = text[start : min(end, start + _LONGEST_SENTENCE)]
        if start + len(piece) < end and (last_space := piece.rfind(" ")) > 0:
            piece = piece[:last_space]
        if stripped := piece.strip():
            first = start + piece.index(stripped[0])
            yield first, first + len(stripped)
        start += len(piece)


@cache
def _treebank_rules() -> Callable[[str], list[str]]:
    """NLTK's rules, about three times as fast as NLTK runs them (with the `regex` package, under timers).

    The same patterns are compiled by `re`, and the ten contractions (`gon na`) are left out where none of them stands.
    """
    # Here, because importing NLTK brings scipy and sklearn along and takes over a second, which the dashboard's start must not.
    from nltk.tokenize.treebank import TreebankWordTokenizer as Treebank  # noqa: PLC0415

    def with_re(rules: Iterable[tuple[re.Pattern[str], str]]) -> list[tuple[re.Pattern[str], str]]:
        return [(re.compile(pattern.pattern), replacement) for pattern, replacement in rules]

    all_rules = Treebank()
    all_rules.STARTING_QUOTES = with_re(Treebank.STARTING_QUOTES)
    all_rules.PUNCTUATION = with_re(Treebank.PUNCTUATION)
    [all_rules.PARENS_BRACKETS] = with_re([Treebank.PARENS_BRACKETS])
    [all_rules.DOUBLE_DASHES] = with_re([Treebank.DOUBLE_DASHES])
    all_rules.ENDING_QUOTES = with_re(Treebank.ENDING_QUOTES)
    without_contractions = copy.copy(all_rules)
    without_contractions.CONTRACTIONS2 = without_contractions.CONTRACTIONS3 = []

    def tokenise_sentence(sentence: str) -> list[str]:
        rules = all_rules if _CONTRACTION.search(sentence) else without_contractions
        found: list[str] = rules.tokenize(sentence)
        return found

    return tokenise_sentence


def _tokenise_sentence(sentence: str, *, offset: int) -> Iterator[Token]:
    """Tokens of one sentence, placed by walking along it.

    The rules only insert spaces and rewrite quotes, and of those only `"` changes its length, so each token begins at the next
    character that is no space.
    """
    place = 0
    for token in _treebank_rules()(sentence):
        while sentence[place].isspace():
            place += 1
        length = 1 if sentence[place] == '"' else len(token)
        yield Token(token, offset + place, offset + place + length)
        place += length
