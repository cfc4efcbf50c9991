"""The one head that every arm trains on its frozen vectors.

Imports TensorFlow: only code that runs on workers, and tests, import this module at their top.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.arrays import FloatArray
from core.classifier.architecture import NUM_LAYERS, constant_shapes, weight_shapes
from core.experiment.config import Pooling

MAX_SCALED_REVIEWS = 2000  # the mean and deviation of a component are stable long before
PREDICT_BATCH_SIZE = 64

DropoutPlace = Literal["input", "pooled"]
Features = Sequence[npt.NDArray[np.floating[Any]]]
Tensors = dict[str, tf.Tensor]


class TrainingStopped(Exception):  # noqa: N818  # not an error: somebody asked to stop
    """`should_stop` returned true."""


class Head:
    """(ScalarMix →) standardise → Conv1D(64, 3, same, relu) → pool over time → Dense(250, relu) → Dense(1, sigmoid).

    Layers are standardised before they are mixed. Padding is masked: a review's probability does not depend on its batch.

    Args:
        weights: float32 tensors or arrays by name: input/mean and input/scale (dim,); mix/weights (3,) and mix/gamma () if layers
            are mixed; conv/kernel (3, mixed_dim, 64) and conv/bias (64,); dense/kernel (64, 250) and dense/bias (250,);
            output/kernel (250, 1) and output/bias (1,).
        pooling: Over the real tokens.

    Reference: the head of the original experiment; the mix is equation 1 of Peters et al. 2018 with the layer normalisation
        of its section 3.3, here over the training tokens.
    """

    def __init__(self, weights: Mapping[str, tf.Tensor | FloatArray], *, pooling: Pooling) -> None:
        self._weights: Tensors = {name: tf.convert_to_tensor(value, tf.float32) for name, value in weights.items()}
        self._dim = self._weights["input/mean"].shape[0]
        mix_dim = (self._dim - self._weights["conv/kernel"].shape[1]) // (NUM_LAYERS - 1)
        self._forward = _build_forward(self._dim, mix_dim, pooling)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, FloatArray], *, pooling: Pooling) -> Head:
        """Restores a head from what `to_arrays` returned."""
        return cls(arrays, pooling=pooling)

    def to_arrays(self) -> dict[str, FloatArray]:
        """The weights, float32, by name."""
        return {name: np.asarray(tensor) for name, tensor in self._weights.items()}

    def predict(self, features: Features, should_stop: Callable[[], bool] = lambda: False) -> FloatArray:
        """Probability that each review is positive.

        Args:
            features: Token vectors of each review, (T_i, dim); a review may have no tokens.
            should_stop: Called before each batch.

        Returns:
            float32 (num_reviews,).

        Raises:
            TrainingStopped: `should_stop` returned true.
        """
        logits = self.predict_logits(features, should_stop)
        return np.asarray(tf.sigmoid(logits))

    def predict_logits(self, features: Features, should_stop: Callable[[], bool] = lambda: False) -> FloatArray:
        """As `predict`, before the sigmoid."""
        logits = np.zeros(len(features), np.float32)
        for start in range(0, len(features), PREDICT_BATCH_SIZE):
            if should_stop():
                raise TrainingStopped
            vectors, lengths = pad(features[start : start + PREDICT_BATCH_SIZE], self._dim)
            logits[start : start + len(lengths)] = self._forward(self._weights, vectors, lengths).numpy()
        return logits


def pad(features: Features, dim: int) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.int32]]:
    """A batch as zero-padded float16 (batch, time, dim) and its lengths; at least one time step."""
    lengths = np.array([len(review) for review in features], np.int32)
    vectors = np.zeros((len(features), max(1, int(lengths.max(initial=0))), dim), np.float16)
    for row, review in zip(vectors, features, strict=True):
        row[: len(review)] = review
    return vectors, lengths


def fit_standardiser(features: Features) -> dict[str, FloatArray]:
    """Mean and 1 / standard deviation of each component over the tokens of at most `MAX_SCALED_REVIEWS` reviews."""
    dim = features[0].shape[1]
    total, squares, num_tokens = np.zeros(dim), np.zeros(dim), 0
    for review in features[:MAX_SCALED_REVIEWS]:
        vectors = review.astype(np.float64)  # (T, dim)
        total += vectors.sum(axis=0)
        squares += np.square(vectors).sum(axis=0)
        num_tokens += len(vectors)
    mean = total / max(1, num_tokens)
    variance = squares / max(1, num_tokens) - mean**2
    scale = np.where(variance > 1e-8, 1 / np.sqrt(np.maximum(variance, 1e-8)), 1.0)  # a constant component is left unscaled
    return {"input/mean": mean.astype(np.float32), "input/scale": scale.astype(np.float32)}


def no_standardiser(dim: int) -> dict[str, FloatArray]:
    """A standardiser that changes nothing."""
    return {"input/mean": np.zeros(dim, np.float32), "input/scale": np.ones(dim, np.float32)}


def init_weights(rng: np.random.Generator, dim: int, mix_dim: int) -> dict[str, FloatArray]:
    """Initial weights: Glorot-uniform kernels and zero biases as in Keras, an even mix."""
    weights = {}
    for name, shape in weight_shapes(dim, mix_dim).items():
        weights[name] = np.zeros(shape, np.float32)
        if name.endswith("/kernel"):
            receptive_field = int(np.prod(shape[:-2]))
            limit = np.sqrt(6 / (receptive_field * (shape[-2] + shape[-1])))
            weights[name] = rng.uniform(-limit, limit, shape).astype(np.float32)
        elif name == "mix/gamma":
            weights[name] = np.ones(shape, np.float32)
    return weights


def unpack_weights(flat: tf.Tensor, dim: int, mix_dim: int) -> Tensors:
    """The weights by name, out of the one vector that holds them end to end during training."""
    shapes = weight_shapes(dim, mix_dim)
    parts = tf.split(flat, [math.prod(shape) for shape in shapes.values()])
    return {name: tf.reshape(part, shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def compute_logits(
    weights: Tensors,
    vectors: tf.Tensor,  # float16 (batch, time, dim)
    lengths: tf.Tensor,  # int32 (batch,)
    *,
    mix_dim: int,
    pooling: Pooling,
    drop: Callable[[tf.Tensor, DropoutPlace], tf.Tensor] = lambda tensor, _: tensor,
) -> tf.Tensor:
    """The forward pass up to the logits, float32 (batch,); `drop` is dropout in training."""
    mask = tf.sequence_mask(lengths, tf.shape(vectors)[1], tf.float32)[:, :, tf.newaxis]  # (batch, time, 1)
    inputs = (tf.cast(vectors, tf.float32) - weights["input/mean"]) * weights["input/scale"]
    if mix_dim:
        layers = tf.split(inputs[:, :, : NUM_LAYERS * mix_dim], NUM_LAYERS, axis=-1)
        shares = tf.unstack(tf.nn.softmax(weights["mix/weights"]))
        mixed = weights["mix/gamma"] * tf.add_n([share * layer for share, layer in zip(shares, layers, strict=True)])
        inputs = tf.concat([mixed, inputs[:, :, NUM_LAYERS * mix_dim :]], axis=-1)  # (batch, time, mixed_dim)
    inputs = drop(inputs * mask, "input")
    hidden = tf.nn.conv1d(inputs, weights["conv/kernel"], stride=1, padding="SAME") + weights["conv/bias"]
    hidden = tf.nn.relu(hidden) * mask  # (batch, time, 64), zero at padding, which leaves maxima as they are
    if pooling == "average":
        num_tokens = tf.maximum(tf.cast(lengths, tf.float32), 1)[:, tf.newaxis]
        pooled = tf.reduce_sum(hidden, axis=1) / num_tokens  # (batch, 64)
    else:
        pooled = tf.reduce_max(hidden, axis=1)  # (batch, 64)
    pooled = drop(pooled, "pooled")
    hidden = tf.nn.relu(pooled @ weights["dense/kernel"] + weights["dense/bias"])  # (batch, 250)
    return tf.squeeze(hidden @ weights["output/kernel"] + weights["output/bias"], axis=-1)  # (batch,)


@lru_cache(maxsize=16)
def _build_forward(dim: int, mix_dim: int, pooling: Pooling) -> Callable[..., tf.Tensor]:
    """The traced forward pass of every head of these shapes: (weights, vectors, lengths) → logits."""

    def forward(weights: Tensors, vectors: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        return compute_logits(weights, vectors, lengths, mix_dim=mix_dim, pooling=pooling)

    all_weights = weights_spec({**constant_shapes(dim), **weight_shapes(dim, mix_dim)})
    traced: Callable[..., tf.Tensor] = tf.function(forward, input_signature=(all_weights, *batch_spec(dim)), autograph=False)
    return traced


def weights_spec(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tf.TensorSpec]:
    """Input signature of a traced function for weights of these shapes."""
    return {name: tf.TensorSpec(shape, tf.float32) for name, shape in shapes.items()}


def batch_spec(dim: int) -> tuple[tf.TensorSpec, tf.TensorSpec]:
    """Input signature for vectors and lengths: one trace serves any batch size and number of tokens."""
    return tf.TensorSpec((None, None, dim), tf.float16), tf.TensorSpec((None,), tf.int32)
