"""All heads of one arm in NumPy, on many texts at once: for live predictions and for many variants of a sentence."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from core.arrays import FloatArray
from core.classifier.architecture import FILTER_WIDTH, NUM_LAYERS, constant_shapes, weight_shapes
from core.experiment.config import Pooling

_MAX_TOKENS = 4096  # multiplied at once: tens of megabytes with twenty heads

_one_thread = threading.Lock()


class NumpyHeads:
    """Heads of the same shape, evaluated together; within rounding, they give the numbers of `core.classifier.model.Head`.

    Standardising, mixing the layers and the convolution are linear, so these three are folded into one matrix per head, and one
    product serves all heads and all tokens of all texts.

    Args:
        heads: Weights by name, as `TrialResult.head` has them; at least one.
        pooling: As in training.

    Raises:
        ValueError: Weights are missing or have other shapes.
    """

    def __init__(self, heads: Sequence[Mapping[str, FloatArray]], *, pooling: Pooling) -> None:
        for head in heads:
            _require_whole(head)
        self._pooling = pooling
        self._num_heads = len(heads)
        folded = [_fold(head) for head in heads]
        kernels = np.stack([kernel for kernel, _ in folded], axis=2)  # (3, dim, num_heads, 64)
        self._kernel = kernels.transpose(1, 0, 2, 3).reshape(kernels.shape[1], -1).astype(np.float32)  # (dim, 3 * num_heads * 64)
        offsets = np.stack([offset for _, offset in folded], axis=1)  # (3, num_heads, 64)
        self._offset = offsets.reshape(-1).astype(np.float32)
        self._conv_bias = np.stack([head["conv/bias"] for head in heads])  # (num_heads, 64)
        self._dense_kernel = np.stack([head["dense/kernel"] for head in heads])  # (num_heads, 64, 250)
        self._dense_bias = np.stack([head["dense/bias"] for head in heads])[:, np.newaxis]  # (num_heads, 1, 250)
        self._output_kernel = np.stack([head["output/kernel"] for head in heads])  # (num_heads, 250, 1)
        self._output_bias = np.stack([head["output/bias"] for head in heads])  # (num_heads, 1)

    def logits(self, texts: Sequence[npt.NDArray[np.floating[Any]]]) -> FloatArray:
        """Logits of each text by each head.

        Args:
            texts: Token vectors of each text, (T_i, dim); a text may have no tokens.

        Returns:
            float32 (num_heads, num_texts).
        """
        parts = [self._logits(part) for part in _parts(texts)]
        return np.concatenate([np.zeros((self._num_heads, 0), np.float32), *parts], axis=1)

    def detections(self, text: npt.NDArray[np.floating[Any]]) -> FloatArray:
        """What the filters of each head find around each token of a text, before pooling.

        Args:
            text: Token vectors, (T, dim), at least one.

        Returns:
            float32 (num_heads, T, 64), never below 0.
        """
        return self._convolve(text.astype(np.float32, copy=False), np.array([0]), np.array([len(text)])).swapaxes(0, 1)

    def _convolve(
        self, vectors: FloatArray, starts: npt.NDArray[np.integer[Any]], ends: npt.NDArray[np.integer[Any]]
    ) -> FloatArray:
        """The convolution of texts end to end, (ΣT, dim) → (ΣT, num_heads, 64); none sees beyond its own start and end."""
        products = _multiply(vectors, self._kernel) - self._offset  # (ΣT, 3 * num_heads * 64)
        shape = (len(vectors), FILTER_WIDTH, self._num_heads, self._conv_bias.shape[1])
        left, hidden, right = products.reshape(shape).swapaxes(0, 1)
        left[ends - 1] = 0  # a text's last token is to the left of no other
        right[starts] = 0
        hidden[1:] += left[:-1]
        hidden[:-1] += right[1:]
        return np.asarray(np.maximum(hidden + self._conv_bias, 0), np.float32)  # (ΣT, num_heads, 64)

    def _logits(self, texts: Sequence[npt.NDArray[np.floating[Any]]]) -> FloatArray:
        lengths = np.array([len(text) for text in texts])
        num_filters = self._conv_bias.shape[1]
        pooled = np.zeros((len(texts), self._num_heads, num_filters), np.float32)  # stays zero for a text without tokens
        if lengths.any():
            vectors = np.concatenate(texts).astype(np.float32, copy=False)  # (ΣT, dim)
            ends = np.cumsum(lengths[lengths > 0])
            starts = ends - lengths[lengths > 0]
            hidden = self._convolve(vectors, starts, ends)
            if self._pooling == "average":
                sums = np.add.reduceat(hidden, starts, axis=0)
                pooled[lengths > 0] = sums / (ends - starts)[:, np.newaxis, np.newaxis]
            else:
                pooled[lengths > 0] = np.maximum.reduceat(hidden, starts, axis=0)
        hidden = np.maximum(_multiply(pooled.swapaxes(0, 1), self._dense_kernel) + self._dense_bias, 0)  # (num_heads, N, 250)
        return np.asarray((hidden @ self._output_kernel)[:, :, 0] + self._output_bias, np.float32)


def _require_whole(head: Mapping[str, FloatArray]) -> None:
    shapes = {name: values.shape for name, values in head.items()}
    dim = sum(shapes.get("input/mean", ()))
    mixed_dim = ([*shapes.get("conv/kernel", ()), 0, 0])[1]
    mix_dim = (dim - mixed_dim) // (NUM_LAYERS - 1) if "mix/weights" in shapes else 0
    expected = {**weight_shapes(dim, mix_dim), **constant_shapes(dim)}
    if wrong := next((name for name in sorted({*shapes, *expected}) if shapes.get(name) != expected.get(name)), None):
        raise ValueError(f"{wrong} has the shape {shapes.get(wrong)} instead of {expected.get(wrong)}")


def _fold(head: Mapping[str, FloatArray]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Matrix and offset of a head, float64 (3, dim, 64) and (3, 64): a tap of its filters is vector @ matrix - offset."""
    kernel = head["conv/kernel"].astype(np.float64)  # (3, mixed_dim, 64)
    if "mix/weights" in head:
        shares = np.exp(head["mix/weights"] - head["mix/weights"].max())  # (3,)
        shares = head["mix/gamma"] * shares / shares.sum()
        mix_dim = (len(head["input/mean"]) - kernel.shape[1]) // (len(shares) - 1)
        layers = [share * kernel[:, :mix_dim] for share in shares]
        kernel = np.concatenate([*layers, kernel[:, mix_dim:]], axis=1)  # (3, dim, 64)
    kernel = kernel * head["input/scale"][:, np.newaxis]
    return kernel, head["input/mean"].astype(np.float64) @ kernel


def _parts(texts: Sequence[npt.NDArray[np.floating[Any]]]) -> Iterator[Sequence[npt.NDArray[np.floating[Any]]]]:
    """The texts in order, in parts with a bounded number of tokens."""
    start, num_tokens = 0, 0
    for end, text in enumerate(texts):
        if end > start and num_tokens + len(text) > _MAX_TOKENS:
            yield texts[start:end]
            start, num_tokens = end, 0
        num_tokens += len(text)
    if start < len(texts):
        yield texts[start:]


def _multiply(left: FloatArray, right: FloatArray) -> FloatArray:
    """A product on this thread only: BLAS would use one thread per core, which wait 100 ms while a run keeps the cores busy."""
    with (
        _one_thread,
        _blas().limit(limits=1, user_api="blas"),
    ):  # the limit applies to the process: two at once would overwrite it
        return left @ right


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    return ThreadpoolController()
