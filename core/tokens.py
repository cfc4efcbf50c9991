"""Text to Penn Treebank tokens with their positions: one tokeniser for every model.

GloVe and the released ELMo were trained on Treebank tokens (`do n't`, `it 's`, quotes as `` and ''), so every arm reads those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

# Phones and word processors type these; the Treebank rules know only the plain ones. Each stands for one character, so that
# positions in the text stay the same.
_PLAIN_QUOTES = str.maketrans("‘’“”", "''\"\"")

# Where a sentence ends: a run of stops, closing quotes or brackets, space; or a line break. The look-behind and the possessive
# quantifiers keep the search linear even in 200,000 full stops.
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

# In characters: some Treebank rules take quadratic time.
_LONGEST_SENTENCE = 1_000


class Token(NamedTuple):
    """A token and its position.

    Attributes:
        text: The token as models read it; equals `original[start:end]` except for quotes, which may become `` or ''.
        start: Index of its first character in the original text.
        end: Index after its last character.
    """

    text: str
    start: int
    end: int


def tokenise(text: str, max_tokens: int | None = None) -> list[Token]:
    """Penn Treebank tokens of a text, in order; none for an empty text.

    The Treebank rules detach a final full stop only at the end of what they are given, so sentences are split first.

    Args:
        text: Any text, of any length.
        max_tokens: Stop after this many tokens; the rest of the text is not read.

    Reference: NLTK's `TreebankWordTokenizer`, after Robert MacIntyre's tokenizer.sed for the Penn Treebank.
    """
    tokens: list[Token] = []
    for start, sentence in _sentences(text):
        tokens += _locate(_treebank_rules()(sentence), sentence, offset=start)
        if max_tokens is not None and len(tokens) >= max_tokens:
            return tokens[:max_tokens]
    return tokens


def token_texts(text: str, max_tokens: int | None = None) -> list[str]:
    """The texts of `tokenise(text, max_tokens)`: faster, because their positions are not looked up."""
    found: list[str] = []
    for _, sentence in _sentences(text):
        found += _treebank_rules()(sentence)
        if max_tokens is not None and len(found) >= max_tokens:
            return found[:max_tokens]
    return found


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """Start of each sentence, and the sentence with plain quotes."""
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
    """Cuts a span at its spaces into pieces of bounded length; a longer run without spaces is cut anywhere."""
    while start < end:
        piece = text[start : min(end, start + _LONGEST_SENTENCE)]
        if start + len(piece) < end and (last_space := piece.rfind(" ")) > 0:
            piece = piece[:last_space]
        if stripped := piece.strip():
            first = start + piece.index(stripped[0])
            yield first, first + len(stripped)
        start += len(piece)


class _Rule(NamedTuple):
    """A replacement, and characters of which a sentence must have at least one for the rule to apply."""

    signs: frozenset[str]
    pattern: re.Pattern[str]
    replacement: str

    def apply(self, text: str, signs: set[str]) -> str:
        """The text after the rule; `signs` are the characters of the original sentence."""
        return text if self.signs.isdisjoint(signs) else self.pattern.sub(self.replacement, text)


@cache
def _treebank_rules() -> Callable[[str], list[str]]:
    """NLTK's rules, about four times as fast as in NLTK, which runs all of them on every sentence with the `regex` package.

    The same patterns are compiled by `re`, and a rule is skipped if the sentence has none of the characters it needs.
    """
    # Imported here because NLTK brings in scipy and sklearn and takes over a second, too long for the start of the dashboard.
    from nltk.tokenize.treebank import TreebankWordTokenizer as Treebank  # noqa: PLC0415

    def rules(found: Iterable[tuple[re.Pattern[str], str]], *signs: str) -> list[_Rule]:
        return [
            _Rule(frozenset(needed), re.compile(pattern.pattern), replacement)
            for needed, (pattern, replacement) in zip(signs, found, strict=True)
        ]

    # Rules write quotes, too: one that looks for ` or ' may apply to a sentence that has ".
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


def _locate(found: Iterable[str], sentence: str, *, offset: int) -> Iterator[Token]:
    """Tokens of one sentence with their positions, found by walking along it.

    The rules only insert spaces and rewrite quotes, and only `"` changes its length, so each token begins at the next character
    that is not a space.
    """
    position = 0
    for token in found:
        while sentence[position].isspace():
            position += 1
        length = 1 if sentence[position] == '"' else len(token)
        yield Token(token, offset + position, offset + position + length)
        position += length
