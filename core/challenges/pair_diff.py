"""The difference between the two texts of a pair, token by token."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from core.tokens import token_texts


@dataclass(frozen=True)
class PairDiff:
    """Tokens that differ between two texts.

    Attributes:
        removed: Tokens of the first text that the second one lacks.
        added: Tokens of the second text that the first one lacks.
    """

    removed: tuple[str, ...]
    added: tuple[str, ...]


def diff_texts(first: str, second: str) -> PairDiff:
    """The difference between two texts; case matters."""
    before, after = token_texts(first), token_texts(second)
    removed: list[str] = []
    added: list[str] = []
    for kind, start, end, other_start, other_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            removed += before[start:end]
            added += after[other_start:other_end]
    return PairDiff(tuple(removed), tuple(added))
