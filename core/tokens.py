"""Text to Penn Treebank tokens with their positions: one tokeniser for every model.

GloVe and the released ELMo were trained on Treebank tokens (`do n't`, `it 's`, quotes as `` and ''), so every arm reads those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

from core.plain_text import locate_plain_text, plain_text

# The Treebank rules know dashes and dots only as typewriters have them, and emoji and arrows not at all.
_DASHES = "\u2012\u2013\u2014\u2015"
_SPELLED = {**dict.fromkeys(_DASHES, "--"), "…": "..."}
_SEPARATE = re.compile(
    f"[{_DASHES}…•·]|[\U0001f1e6-\U0001f1ff]{{2}}|[\u2190-\u2bff\U0001f000-\U0001faff][\U0001f3fb-\U0001f3ff]*"
)

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
        text: The token as models read it: plain (see `core.plain_text`), with quotes as `` or '' and dashes as --.
        start: Index of its first character in the text as it was given.
        end: Index after its last character.
    """

    text: str
    start: int
    end: int


def tokenise(text: str, max_tokens: int | None = None) -> list[Token]:
    """Penn Treebank tokens of a text, made plain first, in order; none for an empty text.

    Args:
        text: Any text, of any length.
        max_tokens: Stop after this many tokens; the rest of the text is not read.

    Reference: NLTK's `TreebankWordTokenizer`, after Robert MacIntyre's tokenizer.sed for the Penn Treebank.
    """
    plain = locate_plain_text(text)
    if plain.text == text:
        return tokenise_plain(text, max_tokens)
    return [
        Token(token, plain.starts[start], plain.ends[end - 1]) for token, start, end in tokenise_plain(plain.text, max_tokens)
    ]


def tokenise_plain(text: str, max_tokens: int | None = None) -> list[Token]:
    """The same for a text that is plain already, apart from line breaks: here, a line break ends a sentence.

    The Treebank rules detach a final full stop only at the end of what they are given, so sentences are split first.
    """
    tokens: list[Token] = []
    for start, end in _sentence_spans(text):
        sentence = text[start:end]
        tokens += _locate(_treebank_rules()(_separate(sentence)), sentence, offset=start)
        if max_tokens is not None and len(tokens) >= max_tokens:
            return tokens[:max_tokens]
    return tokens


def token_texts(text: str, max_tokens: int | None = None) -> list[str]:
    """The texts of `tokenise(text, max_tokens)`: faster, because their positions are not looked up."""
    found: list[str] = []
    plain = plain_text(text)
    for start, end in _sentence_spans(plain):
        found += _treebank_rules()(_separate(plain[start:end]))
        if max_tokens is not None and len(found) >= max_tokens:
            return found[:max_tokens]
    return found


def _separate(sentence: str) -> str:
    """The sentence with spaces around dashes, dots and emoji, which are spelled for the Treebank rules."""
    if sentence.isascii():
        return sentence
    return _SEPARATE.sub(lambda match: f" {_SPELLED.get(match[0], match[0])} ", sentence)


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

    The rules only insert spaces and rewrite quotes, and only `"`, dashes and dots in one character change their length, so each
    token begins at the next character that is not a space.
    """
    position = 0
    for token in found:
        while sentence[position].isspace():
            position += 1
        length = 1 if sentence[position] == '"' or sentence[position] in _SPELLED else len(token)
        yield Token(token, offset + position, offset + position + length)
        position += length
