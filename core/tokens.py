"""Text to Penn Treebank tokens with their places in the text: one tokeniser for every model.

GloVe and the released ELMo were trained on Treebank tokens (`do n't`, `it 's`, quotes as `` and ''), so every arm reads these.
"""

from __future__ import annotations

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
    for start, sentence in _sentences(text):
        tokens += _place(_treebank_rules()(sentence), sentence, offset=start)
        if max_tokens is not None and len(tokens) >= max_tokens:
            return tokens[:max_tokens]
    return tokens


def token_texts(text: str, max_tokens: int | None = None) -> list[str]:
    """The texts of `tokenise(text, max_tokens)`, found more quickly as their places are not looked for."""
    found: list[str] = []
    for _, sentence in _sentences(text):
        found += _treebank_rules()(sentence)
        if max_tokens is not None and len(found) >= max_tokens:
            return found[:max_tokens]
    return found


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """Where each sentence begins, and the sentence with plain quotes."""
    plain = text.translate(_PLAIN_QUOTES)
    return ((start, plain[start:end]) for start, end in _sentence_spans(plain))


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


class _Rule(NamedTuple):
    """A replacement, and characters without any of which a sentence cannot meet it."""

    signs: frozenset[str]
    pattern: re.Pattern[str]
    replacement: str

    def apply(self, text: str, signs: set[str]) -> str:
        """The text after the rule; `signs` are the characters of the sentence that it was."""
        return text if self.signs.isdisjoint(signs) else self.pattern.sub(self.replacement, text)


@cache
def _treebank_rules() -> Callable[[str], list[str]]:
    """NLTK's rules, about four times as fast as NLTK runs them (with the `regex` package, under timers, each on every sentence).

    The same patterns are compiled by `re`, and rules are left out where a sentence has none of the characters that they need.
    """
    # Here, because importing NLTK brings scipy and sklearn along and takes over a second, which the dashboard's start must not.
    from nltk.tokenize.treebank import TreebankWordTokenizer as Treebank  # noqa: PLC0415

    def rules(found: Iterable[tuple[re.Pattern[str], str]], *signs: str) -> list[_Rule]:
        return [
            _Rule(frozenset(needed), re.compile(pattern.pattern), replacement)
            for needed, (pattern, replacement) in zip(signs, found, strict=True)
        ]

    # Rules write quotes, too: what looks for ` or ' is met by a sentence that has ".
    first = [
        *rules(Treebank.STARTING_QUOTES, '"', '`"', "\"'"),
        *rules(Treebank.PUNCTUATION, ":,", ":,", ".", ";@#$%&", ".", "?!", "'\""),
        *rules([Treebank.PARENS_BRACKETS, Treebank.DOUBLE_DASHES], "[](){}<>", "-"),
    ]
    last = rules(Treebank.ENDING_QUOTES, "'\"", '"', "'\"", "'\"")
    contractions = [*Treebank.CONTRACTIONS2, *Treebank.CONTRACTIONS3]

    def tokenise_sentence(sentence: str) -> list[str]:
        signs = set(sentence)
        text = sentence
        for rule in first:
            text = rule.apply(text, signs)
        text = f" {text} "
        for rule in last:
            text = rule.apply(text, signs)
        if _CONTRACTION.search(sentence):
            for contraction in contractions:
                text = contraction.sub(r" \1 \2 ", text)
        return text.split()

    return tokenise_sentence


def _place(found: Iterable[str], sentence: str, *, offset: int) -> Iterator[Token]:
    """The tokens of one sentence, placed by walking along it.

    The rules only insert spaces and rewrite quotes, and of those only `"` changes its length, so each token begins at the next
    character that is no space.
    """
    place = 0
    for token in found:
        while sentence[place].isspace():
            place += 1
        length = 1 if sentence[place] == '"' else len(token)
        yield Token(token, offset + place, offset + place + length)
        place += length
