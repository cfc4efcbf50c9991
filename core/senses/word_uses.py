"""One word in many sentences, and its vectors there in every layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.arrays import FloatArray
from core.embedders.base import Embedder
from core.errors import UserError
from core.senses.lessons import LabelledSentence
from core.tokens import tokenise

Layer = Literal["static", "0", "1", "2"]
LAYERS: tuple[Layer, ...] = ("static", "0", "1", "2")
READING_LAYERS: tuple[Layer, ...] = ("1", "2")  # the LSTM layers: the only ones that see the sentence

MAX_TOKENS = 128  # read of a sentence
MAX_USES = 24  # a heat map with more rows cannot be read


@dataclass(frozen=True)
class WordUse:
    """A word where it stands in a sentence.

    Attributes:
        text: The whole sentence, as written.
        sense: What the word means there; empty if unknown.
        tokens: The first `MAX_TOKENS` of the sentence.
        position: Index of the word among the tokens.
        span: Start and end of the word in the text.
    """

    text: str
    sense: str
    tokens: tuple[str, ...]
    position: int
    span: tuple[int, int]

    @property
    def word(self) -> str:
        """The word as it is spelt here."""
        return self.tokens[self.position]


@dataclass(frozen=True)
class WordUses:
    """A word with the uses of it that are compared.

    Attributes:
        word: As it was typed.
        uses: At least two.
    """

    word: str
    uses: tuple[WordUse, ...]

    @property
    def senses(self) -> list[str]:
        """The sense of each use."""
        return [use.sense for use in self.uses]

    @property
    def has_senses(self) -> bool:
        """Whether the uses are grouped by sense."""
        return len(set(self.senses)) > 1


def read_word(text: str) -> str:
    """The one token in what somebody typed.

    Raises:
        UserError: There is none, or more than one.
    """
    tokens = [token.text for token in tokenise(text, MAX_TOKENS)]
    if not tokens:
        raise UserError("There is no word yet; type one.", code="word-empty")
    if len(tokens) > 1:
        listed = ", ".join(f"“{token[:20]}”" for token in tokens[:4])
        raise UserError(
            f"“{text.strip()[:40]}” is read as {len(tokens)} words or signs ({listed}); choose one of them.",
            code="word-several",
        )
    return tokens[0]


def read_sentences(text: str) -> list[LabelledSentence]:
    """Sentences, one per line. Empty lines separate senses, which are called "group A", "group B", …"""
    groups: list[list[str]] = [[]]
    for line in text.splitlines():
        if sentence := " ".join(line.split()):
            groups[-1].append(sentence)
        elif groups[-1]:
            groups.append([])
    groups = [group for group in groups if group]
    names = [f"group {chr(ord('A') + i % 26)}{i // 26 or ''}" for i in range(len(groups))] if len(groups) > 1 else [""]
    return [LabelledSentence(sentence, name) for name, group in zip(names, groups, strict=False) for sentence in group]


def write_sentences(sentences: Sequence[LabelledSentence]) -> str:
    """The text from which `read_sentences` reads the same groups."""
    lines: list[str] = []
    for i, sentence in enumerate(sentences):
        if i and sentence.sense != sentences[i - 1].sense:
            lines.append("")
        lines.append(sentence.text)
    return "\n".join(lines)


def find_uses(word: str, sentences: Sequence[LabelledSentence]) -> list[WordUse]:
    """Every use of a word in sentences, in order, whatever its case.

    Args:
        word: One token, see `read_word`.
        sentences: Only their first `MAX_TOKENS` tokens are read.
    """
    wanted = word.casefold()
    uses = []
    for sentence in sentences:
        tokens = tokenise(sentence.text, MAX_TOKENS)
        texts = tuple(token.text for token in tokens)
        uses += [
            WordUse(sentence.text, sentence.sense, texts, position, (token.start, token.end))
            for position, token in enumerate(tokens)
            if token.text.casefold() == wanted
        ]
    return uses


def embed_uses(uses: Sequence[WordUse], *, static: Embedder, elmo: Embedder) -> dict[Layer, FloatArray]:
    """Vectors of a word in all its uses, by layer, each float32 (num_uses, width).

    Args:
        uses: At least one.
        static: Static vectors; an unknown word has the zero vector.
        elmo: ELMo with its three layers concatenated (`layer_mix="learned"`).
    """
    sentences = [use.tokens for use in uses]
    positions = [use.position for use in uses]
    static_rows, elmo_rows = (
        np.stack([vectors[position] for vectors, position in zip(embedder.embed(sentences), positions, strict=True)])
        for embedder in (static, elmo)
    )
    by_layer: dict[Layer, FloatArray] = {"static": static_rows}
    by_layer |= zip(LAYERS[1:], np.split(elmo_rows, len(LAYERS) - 1, axis=1), strict=True)
    return by_layer
