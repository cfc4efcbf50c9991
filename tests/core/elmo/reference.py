"""ELMo in plain NumPy and float64, word by word and step by step: the slow truth beside `core.elmo`.

Written from Peters et al. 2018 and the layout of the released weights, without a look at the TensorFlow code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.elmo.options import BiLMOptions

Array = npt.NDArray[Any]
Weights = Mapping[str, npt.NDArray[np.float32]]

BOS, EOS, BOW, EOW, PAD = 256, 257, 258, 259, 260
BEGIN, END = "<S>", "</S>"


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def spell(word: str) -> list[int]:
    """Training ids of a word, always 50."""
    body = {BEGIN: [BOS], END: [EOS]}.get(word, list(word.encode()[:48]))
    ids = [BOW, *body, EOW]
    return ids + [PAD] * (50 - len(ids))


def encode(word: str, weights: Weights, options: BiLMOptions) -> Array:
    """Context-free vector of one word, (projection_dim,)."""
    characters = weights["char_embed"].astype(np.float64)[spell(word)]  # (50, char_dim)
    features: list[float] = []
    for i, (width, number) in enumerate(options.filters):
        kernel, bias = weights[f"CNN/W_cnn_{i}"][0], weights[f"CNN/b_cnn_{i}"]
        for n in range(number):
            values = [np.sum(characters[p : p + width] * kernel[:, :, n]) + bias[n] for p in range(50 - width + 1)]
            features.append(max(0.0, *values))
    x = np.asarray(features)
    for k in range(options.num_highway):
        prefix = f"CNN_high_{k}"
        g = sigmoid(x @ weights[f"{prefix}/W_carry"] + weights[f"{prefix}/b_carry"])
        t = np.maximum(0, x @ weights[f"{prefix}/W_transform"] + weights[f"{prefix}/b_transform"])
        x = g * t + (1 - g) * x
    return np.asarray(x @ weights["CNN_proj/W_proj"] + weights["CNN_proj/b_proj"])


def read(vectors: Sequence[Array], direction: int, weights: Weights, options: BiLMOptions) -> list[list[Array]]:
    """Outputs of each layer over vectors in reading order."""
    layers: list[list[Array]] = []
    inputs = list(vectors)
    for layer in range(options.num_layers):
        cell = f"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"
        c, h = np.zeros(options.cell_dim), np.zeros(options.projection_dim)
        outputs = []
        for x in inputs:
            i, j, f, o = np.split(np.concatenate([x, h]) @ weights[f"{cell}/W_0"] + weights[f"{cell}/B"], 4)
            c = np.clip(sigmoid(f + 1) * c + sigmoid(i) * np.tanh(j), -options.cell_clip, options.cell_clip)
            h = np.clip((sigmoid(o) * np.tanh(c)) @ weights[f"{cell}/W_P_0"], -options.proj_clip, options.proj_clip)
            outputs.append(h + x if layer > 0 and options.use_skip_connections else h)
        layers.append(outputs)
        inputs = outputs
    return layers


def elmo_layers(tokens: Sequence[str], weights: Weights, options: BiLMOptions) -> Array:
    """The three layers of one sentence, (3, T, 2 * projection_dim)."""
    vectors = [encode(word, weights, options) for word in (BEGIN, *tokens, END)]
    forward = read(vectors, 0, weights, options)
    backward = [layer[::-1] for layer in read(vectors[::-1], 1, weights, options)]
    result = [[np.concatenate([v, v]) for v in vectors[1:-1]]]
    for ahead, behind in zip(forward, backward, strict=True):
        result.append([np.concatenate(pair) for pair in zip(ahead[1:-1], behind[1:-1], strict=True)])
    return np.asarray(result)
