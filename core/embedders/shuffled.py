"""ELMo on shuffled sentences: a control that keeps the company of each word and takes its order away."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.arrays import FloatArray

if TYPE_CHECKING:
    from core.embedders.elmo import ElmoEmbedder

SENTENCE_ENDS = frozenset({".", "!", "?", "...", "…"})

# Changes when this file gives sentences another order.
_VERSION = 1


class ShuffledEmbedder:
    """Vectors that ELMo gives to words in sentences whose words come in random order.

    The words of each sentence change places among themselves, its final mark stays, and every vector is handed back in the place
    where its word stands in the text: whoever reads the vectors sees the words in their order, and only ELMo did not. The order
    depends on the words of the sentence alone, so it is the same in every run and on every machine.

    Args:
        embedder: Reads the shuffled sentences.
    """

    def __init__(self, embedder: ElmoEmbedder) -> None:
        self.name = f"{embedder.name}, shuffled"
        self.fingerprint = f"{embedder.fingerprint}-shuffled-{_VERSION}"
        self.dim = embedder.dim
        self.module_digest = embedder.module_digest
        self._embedder = embedder

    def with_batch_size(self, batch_size: int, *, step: int | None = None) -> ShuffledEmbedder:
        """The same with another number of rows per call; see `ElmoEmbedder.with_batch_size`."""
        return ShuffledEmbedder(self._embedder.with_batch_size(batch_size, step=step))

    def embed(self, sentences: Sequence[Sequence[str]]) -> list[FloatArray]:
        """Vectors of each text, float32 (T_i, dim), in the order given; its words are where they were."""
        orders = [shuffled_order(tokens) for tokens in sentences]
        read = self._embedder.embed([[tokens[i] for i in order] for tokens, order in zip(sentences, orders, strict=True)])
        vectors = []
        for rows, order in zip(read, orders, strict=True):
            placed = np.empty_like(rows)
            placed[order] = rows
            vectors.append(placed)
        return vectors


def shuffled_order(tokens: Sequence[str]) -> npt.NDArray[np.int64]:
    """Which token is read at each place, int64 (num_tokens,): those of one sentence in random order, sentence by sentence.

    Example:
        >>> [["a", "b", "c", ".", "d", "e"][i] for i in shuffled_order(["a", "b", "c", ".", "d", "e"])]
        ['b', 'a', 'c', '.', 'e', 'd']
    """
    order = np.arange(len(tokens), dtype=np.int64)
    start = 0
    for end in range(len(tokens) + 1):
        if end == len(tokens) or tokens[end] in SENTENCE_ENDS:
            seed = zlib.crc32("\x1f".join(tokens[start:end]).encode("utf-8", "surrogatepass"))
            np.random.default_rng(seed).shuffle(order[start:end])
            start = end + 1
    return order
