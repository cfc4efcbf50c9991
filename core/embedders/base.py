"""The interface of every source of word vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.arrays import FloatArray


class Embedder(Protocol):
    """Turns tokens into frozen vectors.

    Attributes:
        name: Name shown to people, such as "glove-6b-50d".
        fingerprint: Changes whenever a vector could change; the key of the embedding cache.
        dim: Width of a vector.
    """

    name: str
    fingerprint: str
    dim: int

    def embed(self, sentences: Sequence[Sequence[str]]) -> list[FloatArray]:
        """Vectors of each sentence, float32 (T_i, dim), in the order given. A sentence without tokens gives (0, dim)."""
        ...
