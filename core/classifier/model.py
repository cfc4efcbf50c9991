"""The one head that every arm trains on its frozen vectors.

Imports TensorFlow: only code that runs on workers, and tests, import this module at their top.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.arrays import FloatArray, HalfArray, IdArray
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

    Layers are standardised before they are mixed. A review's probability does not depend on its batch, apart from rounding.

    Args:
        weights: float32 tensors or arrays by name: input/mean and input/scale (dim,); mix/weights (3,) and mix/gamma () if layers
            are mixed; conv/kernel (3, mixed_dim, 64) and conv/bias (64,); dense/kernel (64, 250) and dense/bias (250,);
            output/kernel (250, 1) and output/bias (1,).
        pooling: Over the tokens.

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
            batch = join_reviews(features[start : start + PREDICT_BATCH_SIZE], self._dim, PREDICT_BATCH_SIZE)
            logits[start : start + len(batch.lengths)] = self._forward(
                self._weights, batch.vectors, batch.owners, batch.lengths
            ).numpy()
        return logits


@dataclass(frozen=True, eq=False)
class JoinedReviews:
    """Batches of reviews as the head reads them: end to end, without padding.

    A zero row follows each review, so that a filter at its last token sees what it would see at the end of a text.

    Attributes:
        vectors: float16 (num_rows, dim).
        owners: Which review of its batch each row belongs to, int32 (num_rows,); the batch size for rows between reviews.
        lengths: Tokens of each review, int32 (num_reviews,).
        edges: Where each batch begins among the rows, and where the last one ends, int32 (num_batches + 1,).
    """

    vectors: HalfArray
    owners: IdArray
    lengths: IdArray
    edges: IdArray


def join_reviews(features: Features, dim: int, batch_size: int) -> JoinedReviews:
    """Reviews end to end; each batch has `batch_size` of them, the last one what is left."""
    lengths = np.array([len(review) for review in features], np.int32)
    ends = np.cumsum(lengths + 1, dtype=np.int32)  # after the zero row
    vectors = np.empty((ends[-1], dim), np.float16)
    for review, end in zip(features, ends.tolist(), strict=True):
        vectors[end - 1 - len(review) : end - 1] = review
    vectors[ends - 1] = 0
    owners = np.repeat(np.arange(len(features), dtype=np.int32) % batch_size, lengths + 1)
    owners[ends - 1] = batch_size
    return JoinedReviews(vectors, owners, lengths, np.concatenate([[0], ends[batch_size - 1 : -1 : batch_size], ends[-1:]]))


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
    vectors: tf.Tensor,  # float16 (num_rows, dim)
    owners: tf.Tensor,  # int32 (num_rows,)
    lengths: tf.Tensor,  # int32 (batch,)
    *,
    batch_size: int,
    mix_dim: int,
    pooling: Pooling,
    drop: Callable[[tf.Tensor, DropoutPlace], tf.Tensor] = lambda tensor, _: tensor,
) -> tf.Tensor:
    """The forward pass of one batch of `JoinedReviews` up to the logits, float32 (batch,); `drop` is dropout in training."""
    inputs, mixed_dim = tf.cast(vectors, tf.float32) - weights["input/mean"], weights["conv/kernel"].shape[1]
    gains = drop(tf.ones((batch_size, mixed_dim)), "input")  # one component is kept or dropped for a whole review
    if mix_dim:
        inputs = _mix_layers(inputs * weights["input/scale"], weights, mix_dim)  # (num_rows, mixed_dim)
    else:
        gains *= weights["input/scale"]  # the scale costs no pass over all tokens
    inputs *= tf.gather(tf.pad(gains, [[0, 1], [0, 0]]), owners)  # zero between reviews
    hidden = tf.nn.relu(_convolve(inputs, weights["conv/kernel"]) + weights["conv/bias"])  # (num_rows, 64)
    num_segments = batch_size + 1  # the last one is what lies between reviews
    if pooling == "average":
        sums = tf.math.unsorted_segment_sum(hidden, owners, num_segments)[: tf.shape(lengths)[0]]
        pooled = sums / tf.maximum(tf.cast(lengths, tf.float32), 1)[:, tf.newaxis]  # (batch, 64)
    else:
        largest = tf.math.unsorted_segment_max(hidden, owners, num_segments)[: tf.shape(lengths)[0]]
        pooled = tf.maximum(largest, 0.0)  # (batch, 64); a review without tokens has the lowest number there is
    pooled = drop(pooled, "pooled")
    hidden = tf.nn.relu(pooled @ weights["dense/kernel"] + weights["dense/bias"])  # (batch, 250)
    return tf.squeeze(hidden @ weights["output/kernel"] + weights["output/bias"], axis=-1)  # (batch,)


def _mix_layers(standardised: tf.Tensor, weights: Tensors, mix_dim: int) -> tf.Tensor:
    """Three layers, (num_rows, 3 * mix_dim + rest), to their mix, (num_rows, mix_dim + rest)."""
    layers = tf.split(standardised[:, : NUM_LAYERS * mix_dim], NUM_LAYERS, axis=-1)
    shares = tf.unstack(tf.nn.softmax(weights["mix/weights"]))
    mixed = weights["mix/gamma"] * tf.add_n([share * layer for share, layer in zip(shares, layers, strict=True)])
    return tf.concat([mixed, standardised[:, NUM_LAYERS * mix_dim :]], axis=-1)


def _convolve(inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """A filter over three rows at every row, (num_rows, num_filters), as one product with all taps, which are then shifted.

    On one long sequence, that takes less time than `tf.nn.conv1d`, above all for the gradient of the filters.
    """
    width, dim, num_filters = kernel.shape
    taps = inputs @ tf.reshape(tf.transpose(kernel, [1, 0, 2]), [dim, width * num_filters])
    left, middle, right = tf.split(taps, width, axis=-1)
    return tf.pad(left[:-1], [[1, 0], [0, 0]]) + middle + tf.pad(right[1:], [[0, 1], [0, 0]])


@lru_cache(maxsize=16)
def _build_forward(dim: int, mix_dim: int, pooling: Pooling) -> Callable[..., tf.Tensor]:
    """The traced forward pass of every head of these shapes: (weights, vectors, owners, lengths) → logits."""

    def forward(weights: Tensors, vectors: tf.Tensor, owners: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        return compute_logits(weights, vectors, owners, lengths, batch_size=PREDICT_BATCH_SIZE, mix_dim=mix_dim, pooling=pooling)

    all_weights = weights_spec({**constant_shapes(dim), **weight_shapes(dim, mix_dim)})
    traced: Callable[..., tf.Tensor] = tf.function(forward, input_signature=(all_weights, *reviews_spec(dim)), autograph=False)
    return traced


def weights_spec(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tf.TensorSpec]:
    """Input signature of a traced function for weights of these shapes."""
    return {name: tf.TensorSpec(shape, tf.float32) for name, shape in shapes.items()}


def reviews_spec(dim: int) -> tuple[tf.TensorSpec, tf.TensorSpec, tf.TensorSpec]:
    """Input signature for vectors, owners and lengths of `JoinedReviews`: one trace serves any number of reviews and tokens."""
    return tf.TensorSpec((None, dim), tf.float16), tf.TensorSpec((None,), tf.int32), tf.TensorSpec((None,), tf.int32)
