"""A biLM that is run with some vectors of its lower layer replaced."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from core.arrays import FloatArray
from core.elmo.export import load_exported
from core.elmo.model import BiLM

OPTIONS = "options.json"  # stands beside every module that `core.elmo.export` has written
_TIME_STEP = 16  # the time axis is padded to a multiple of this, so that there are few shapes


class LayerPatcher:
    """Reads sentences as an exported biLM does, and lets the upper layer read on from other vectors. Thread-safe.

    A hub module has no signature for that, so this needs the weights, which modules of other origin do not give in our layout.

    Args:
        model: With two LSTM layers.

    Reference: activation patching; Vig et al. 2020, *Investigating gender bias in language models using causal mediation
    analysis*.
    """

    def __init__(self, model: BiLM) -> None:
        self._model = model
        self._width = 2 * model.options.projection_dim
        self._boundaries = tf.constant(model.boundary_vectors().numpy())
        self._words: dict[str, FloatArray] = {}
        self._lock = threading.Lock()
        self._context = tf.function(self._read, reduce_retracing=True)

    def layers(self, words: Sequence[str], patch: Mapping[int, FloatArray] | None = None) -> FloatArray:
        """All layers of one sentence.

        Args:
            words: Its tokens, at least one.
            patch: By position, the vector (width,) that stands in for what the lower LSTM layer makes of the word there.

        Returns:
            float32 (3, num_words, width).
        """
        time = -(-len(words) // _TIME_STEP) * _TIME_STEP
        vectors = np.zeros((1, time, self._width // 2), np.float32)
        is_patched = np.zeros((1, time, 1), np.bool_)
        values = np.zeros((1, time, self._width), np.float32)
        for position, vector in (patch or {}).items():
            is_patched[0, position], values[0, position] = True, vector
        with self._lock:
            vectors[0, : len(words)] = [self._word(word) for word in words]
            layers = self._context(tf.constant(vectors), tf.constant([len(words)]), tf.constant(is_patched), tf.constant(values))
        return np.asarray(layers.numpy()[:, 0, : len(words)], np.float32)

    def _read(self, vectors: tf.Tensor, lengths: tf.Tensor, is_patched: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
        layers, _ = self._model.context(vectors, lengths, boundaries=self._boundaries, patch=(is_patched, values))
        return layers  # (3, 1, time, width)

    def _word(self, word: str) -> FloatArray:
        """The context-free vector of a word; computed once, by itself, so that it is the same in every sentence."""
        if word not in self._words:
            self._words[word] = self._model.word_vectors(tf.constant([word])).numpy()[0]
        return self._words[word]


def load_patcher(folder: Path) -> LayerPatcher | None:
    """The patcher of an exported module; None for a module of other origin, which has no `options.json`.

    Raises:
        UserError: The weights do not fit the options.
    """
    return LayerPatcher(load_exported(folder)) if (folder / OPTIONS).is_file() else None
