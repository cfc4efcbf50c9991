"""The one head that every arm trains on its frozen vectors, and its training loop.

Imports TensorFlow: only worker-side code and tests import this module at their top.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.experiment import Examples, FloatArray, HeadConfig, Pooling

# Filters, their width and the hidden layer of the original experiment.
NUM_FILTERS = 64
FILTER_WIDTH = 3
HIDDEN_DIM = 250

NUM_LAYERS = 3  # of an ELMo model: the token layer and two LSTM layers
ADAM_BETAS = (0.9, 0.999)  # Kingma and Ba 2015, and what Keras takes
ADAM_EPSILON = 1e-7  # as in Keras
MAX_SCALED_REVIEWS = 2000  # a component's mean and deviation are settled long before
PREDICT_BATCH_SIZE = 64
MAX_BLOCK_LEN = 2**24  # numbers that one call trains on: 32 MB of float16, about a third of a second on one core

Place = Literal["input", "pooled"]
Features = Sequence[npt.NDArray[np.floating[Any]]]
Tensors = dict[str, tf.Tensor]


class TrainingStopped(Exception):  # noqa: N818  # not an error: somebody asked for it
    """`should_stop` answered true."""


def _never() -> bool:
    return False


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
        """The head whose `to_arrays` gave these."""
        return cls(arrays, pooling=pooling)

    def to_arrays(self) -> dict[str, FloatArray]:
        """The weights, float32, by name."""
        return {name: np.asarray(tensor) for name, tensor in self._weights.items()}

    def predict(self, features: Features, should_stop: Callable[[], bool] = _never) -> FloatArray:
        """Probability that each review is positive.

        Args:
            features: Token vectors of each review, (T_i, dim); a review may have no tokens.
            should_stop: Asked before each batch.

        Returns:
            float32 (num_reviews,).

        Raises:
            TrainingStopped: `should_stop` answered true.
        """
        logits = self.predict_logits(features, should_stop)
        return np.asarray(tf.sigmoid(logits))

    def predict_logits(self, features: Features, should_stop: Callable[[], bool] = _never) -> FloatArray:
        """As `predict`, before the sigmoid."""
        logits = np.zeros(len(features), np.float32)
        for start in range(0, len(features), PREDICT_BATCH_SIZE):
            if should_stop():
                raise TrainingStopped
            vectors, lengths = _pad(features[start : start + PREDICT_BATCH_SIZE], self._dim)
            logits[start : start + len(lengths)] = self._forward(self._weights, vectors, lengths).numpy()
        return logits


@dataclass(frozen=True)
class EpochTrained:
    """One epoch is over.

    Attributes:
        epoch: Counts from 1.
        num_epochs: Epochs there will be at most.
        loss: Mean training loss of the epoch, dropout included.
        validation_loss: Mean loss of the validation reviews after the epoch.
        validation_accuracy: Share of them that are classified correctly.
    """

    epoch: int
    num_epochs: int
    loss: float
    validation_loss: float
    validation_accuracy: float


@dataclass(frozen=True, eq=False)
class TrainedHead:
    """The end of a training.

    Attributes:
        head: With the weights of the epoch that was kept.
        validation_accuracy: After that epoch.
        best_epoch: That epoch; counts from 1.
        num_epochs: Epochs that were trained.
    """

    head: Head
    validation_accuracy: float
    best_epoch: int
    num_epochs: int


def train_head(
    config: HeadConfig,
    *,
    train: Examples,
    validation: Examples,
    seed: tuple[int, int],
    mix_dim: int = 0,
    should_stop: Callable[[], bool] = _never,
) -> Iterator[EpochTrained | TrainedHead]:
    """Train one head and keep the latest epoch that the validation reviews do not clearly speak against.

    The lowest of many noisy losses comes too early when 20 reviews validate: more training is right until they show, beyond their
    own noise, that it was better before (`HeadConfig.tolerance`). The more reviews validate, the nearer this is to the lowest.

    Args:
        config: The recipe.
        train: Reviews to fit.
        validation: Reviews to choose the epoch by.
        seed: Decides first weights, order of reviews and dropout; the same arguments give the same head in any process.
        mix_dim: Width of one layer if the first 3 * mix_dim components of each vector are layers to be mixed; else 0.
        should_stop: Asked before each block of batches, a few times a second.

    Yields:
        `EpochTrained` after each epoch, one `TrainedHead` last.

    Raises:
        TrainingStopped: `should_stop` answered true.
    """
    rng = np.random.default_rng((*seed, 1))  # the 1 parts it from the stream that drew the reviews
    dim = train.features[0].shape[1]
    labels = train.labels.astype(np.float32)
    constants = _fit_standardiser(train.features) if config.standardise else _no_standardiser(dim)
    weights = init_weights(rng, dim, mix_dim)
    first = np.concatenate([weight.ravel() for weight in weights.values()])
    state: Tensors = {"weights": first, "averages": first, "means": np.zeros_like(first), "variances": np.zeros_like(first)}
    dropout_seed = int(rng.integers(2**31))
    train_batches = build_train_batches(config, dim, mix_dim)
    longest = max(1, *(len(review) for review in train.features))
    block_len = max(1, MAX_BLOCK_LEN // (longest * dim * config.batch_size)) * config.batch_size  # whole batches

    num_steps = 0
    kept: TrainedHead | None = None
    best_losses = np.full(len(validation.labels), np.inf)
    for epoch in range(1, config.epochs + 1):
        order = rng.permutation(len(labels))
        loss_sums = []
        for start in range(0, len(order), block_len):
            if should_stop():
                raise TrainingStopped
            block = order[start : start + block_len]
            vectors, lengths = _pad([train.features[i] for i in block], dim)
            seed_of_block = np.array([dropout_seed, num_steps], np.int32)
            state, loss_sum = train_batches(state, constants, (vectors, lengths, labels[block]), seed_of_block)
            num_steps += -(-len(block) // config.batch_size)
            loss_sums.append(loss_sum)

        head = Head({**constants, **_unpack(state["averages"], dim, mix_dim)}, pooling=config.pooling)
        signed = np.where(validation.labels > 0, 1, -1) * head.predict_logits(validation.features, should_stop)
        losses, accuracy = np.logaddexp(0, -signed), float(np.mean(signed > 0))
        loss = sum(map(float, loss_sums)) / len(labels)
        yield EpochTrained(epoch, config.epochs, loss, float(losses.mean()), accuracy)
        if losses.mean() < best_losses.mean():
            best_losses = losses
        if kept is None or not is_clearly_worse(losses, best_losses, config.tolerance):
            kept = TrainedHead(head, accuracy, epoch, epoch)
        elif epoch - kept.best_epoch >= config.patience:
            break
    assert kept is not None
    yield replace(kept, num_epochs=epoch)


def is_clearly_worse(losses: npt.NDArray[Any], best_losses: npt.NDArray[Any], tolerance: float) -> bool:
    """Whether losses of the same reviews are higher by more than `tolerance` standard errors of their paired difference."""
    differences = losses - best_losses
    return bool(differences.mean() > tolerance * differences.std() / np.sqrt(len(differences)))


def _pad(features: Features, dim: int) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.int32]]:
    """A batch as zero-padded float16 (batch, time, dim) and its lengths; at least one time step."""
    lengths = np.array([len(review) for review in features], np.int32)
    vectors = np.zeros((len(features), max(1, int(lengths.max(initial=0))), dim), np.float16)
    for row, review in zip(vectors, features, strict=True):
        row[: len(review)] = review
    return vectors, lengths


def _fit_standardiser(features: Features) -> dict[str, FloatArray]:
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
    scale = np.where(variance > 1e-8, 1 / np.sqrt(np.maximum(variance, 1e-8)), 1.0)  # a constant component stays as it is
    return {"input/mean": mean.astype(np.float32), "input/scale": scale.astype(np.float32)}


def _no_standardiser(dim: int) -> dict[str, FloatArray]:
    return {"input/mean": np.zeros(dim, np.float32), "input/scale": np.ones(dim, np.float32)}


def _weight_shapes(dim: int, mix_dim: int) -> dict[str, tuple[int, ...]]:
    """Shapes of the trained weights for vectors of `dim` components, of which 3 * mix_dim are layers to be mixed."""
    mixed_dim = dim - (NUM_LAYERS - 1) * mix_dim
    mix: dict[str, tuple[int, ...]] = {"mix/weights": (NUM_LAYERS,), "mix/gamma": ()} if mix_dim else {}
    return {
        **mix,
        "conv/kernel": (FILTER_WIDTH, mixed_dim, NUM_FILTERS),
        "conv/bias": (NUM_FILTERS,),
        "dense/kernel": (NUM_FILTERS, HIDDEN_DIM),
        "dense/bias": (HIDDEN_DIM,),
        "output/kernel": (HIDDEN_DIM, 1),
        "output/bias": (1,),
    }


def init_weights(rng: np.random.Generator, dim: int, mix_dim: int) -> dict[str, FloatArray]:
    """First weights: Glorot-uniform kernels and zero biases as in Keras, an even mix."""
    weights = {}
    for name, shape in _weight_shapes(dim, mix_dim).items():
        weights[name] = np.zeros(shape, np.float32)
        if name.endswith("/kernel"):
            receptive_field = int(np.prod(shape[:-2]))
            limit = np.sqrt(6 / (receptive_field * (shape[-2] + shape[-1])))
            weights[name] = rng.uniform(-limit, limit, shape).astype(np.float32)
        elif name == "mix/gamma":
            weights[name] = np.ones(shape, np.float32)
    return weights


def _unpack(flat: tf.Tensor, dim: int, mix_dim: int) -> Tensors:
    """The trained weights by name, out of the one vector that holds them end to end while they are trained."""
    shapes = _weight_shapes(dim, mix_dim)
    parts = tf.split(flat, [math.prod(shape) for shape in shapes.values()])
    return {name: tf.reshape(part, shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def _logits(
    weights: Tensors,
    vectors: tf.Tensor,  # float16 (batch, time, dim)
    lengths: tf.Tensor,  # int32 (batch,)
    *,
    mix_dim: int,
    pooling: Pooling,
    drop: Callable[[tf.Tensor, Place], tf.Tensor] = lambda tensor, _: tensor,
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
    hidden = tf.nn.relu(hidden) * mask  # (batch, time, 64), zero at padding, which no maximum notices
    if pooling == "average":
        num_tokens = tf.maximum(tf.cast(lengths, tf.float32), 1)[:, tf.newaxis]
        pooled = tf.reduce_sum(hidden, axis=1) / num_tokens  # (batch, 64)
    else:
        pooled = tf.reduce_max(hidden, axis=1)  # (batch, 64)
    pooled = drop(pooled, "pooled")
    hidden = tf.nn.relu(pooled @ weights["dense/kernel"] + weights["dense/bias"])  # (batch, 250)
    return tf.squeeze(hidden @ weights["output/kernel"] + weights["output/bias"], axis=-1)  # (batch,)


def _constant_shapes(dim: int) -> dict[str, tuple[int, ...]]:
    return {"input/mean": (dim,), "input/scale": (dim,)}


@lru_cache(maxsize=16)
def _build_forward(dim: int, mix_dim: int, pooling: Pooling) -> Callable[..., tf.Tensor]:
    """The traced forward pass of every head of these shapes: (weights, vectors, lengths) → logits."""

    def forward(weights: Tensors, vectors: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        return _logits(weights, vectors, lengths, mix_dim=mix_dim, pooling=pooling)

    weights_spec = _weights_spec({**_constant_shapes(dim), **_weight_shapes(dim, mix_dim)})
    traced: Callable[..., tf.Tensor] = tf.function(forward, input_signature=(weights_spec, *_batch_spec(dim)))
    return traced


@lru_cache(maxsize=16)
def build_train_batches(config: HeadConfig, dim: int, mix_dim: int) -> Any:
    """The traced loop over batches of every trial with this recipe and these shapes.

    (state, constants, (vectors, lengths, labels), (dropout seed, steps before)) → (next state, sum of the reviews' losses). The
    state is the weights, their averages, and Adam's running means and variances of their gradients, each as one vector, so that
    an update is a few operations; as it comes and goes, trials share the trace and nothing else.
    """

    def train_batches(
        state: Tensors, constants: Tensors, block: tuple[tf.Tensor, tf.Tensor, tf.Tensor], seed: tf.Tensor
    ) -> tuple[Tensors, tf.Tensor]:
        vectors, lengths, labels = block
        num_reviews = tf.shape(labels)[0]

        def train_batch(start: tf.Tensor, state: Tensors, loss_sum: tf.Tensor) -> tuple[tf.Tensor, Tensors, tf.Tensor]:
            end = tf.minimum(start + config.batch_size, num_reviews)
            step = seed[1] + start // config.batch_size + 1
            longest = tf.maximum(tf.reduce_max(lengths[start:end]), 1)
            batch = vectors[start:end, :longest], lengths[start:end], labels[start:end]
            seed_of_step = tf.stack([seed[0], step])
            state, loss = _train_step(state, constants, batch, seed_of_step, config=config, mix_dim=mix_dim)
            return end, state, loss_sum + loss * tf.cast(end - start, tf.float32)

        _, state, loss_sum = tf.while_loop(
            lambda start, *_: start < num_reviews, train_batch, (tf.constant(0), state, tf.constant(0.0))
        )
        return state, loss_sum

    num_weights = sum(map(math.prod, _weight_shapes(dim, mix_dim).values()))
    signature = (
        dict.fromkeys(("weights", "averages", "means", "variances"), tf.TensorSpec((num_weights,), tf.float32)),
        _weights_spec(_constant_shapes(dim)),
        (*_batch_spec(dim), tf.TensorSpec((None,), tf.float32)),
        tf.TensorSpec((2,), tf.int32),
    )
    return tf.function(train_batches, input_signature=signature)


def _train_step(
    state: Tensors,
    constants: Tensors,
    batch: tuple[tf.Tensor, tf.Tensor, tf.Tensor],
    seed: tf.Tensor,  # int32 (2,): dropout seed, step from 1
    *,
    config: HeadConfig,
    mix_dim: int,
) -> tuple[Tensors, tf.Tensor]:
    """The state after one more batch, and the batch's mean loss."""
    vectors, lengths, labels = batch
    dim = vectors.shape[-1]

    def drop(tensor: tf.Tensor, place: Place) -> tf.Tensor:
        if place == "input":  # whole components of a review
            rate, noise_shape, offset = config.spatial_dropout, (tf.shape(tensor)[0], 1, tensor.shape[-1]), [0, 0]
        else:
            rate, noise_shape, offset = config.dropout, tf.shape(tensor), [1, 0]
        kept = tf.nn.experimental.stateless_dropout(tf.ones(noise_shape), rate, seed + tf.constant(offset), rng_alg="philox")
        return tensor * kept  # drawn for ones, which are few, as the tensor is passed over once less

    with tf.GradientTape() as tape:
        tape.watch(state["weights"])
        weights = {**constants, **_unpack(state["weights"], dim, mix_dim)}
        logits = _logits(weights, vectors, lengths, mix_dim=mix_dim, pooling=config.pooling, drop=drop)
        loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))
    step = tf.cast(seed[1], tf.float32)
    learning_rate = config.learning_rate / (1 + config.learning_rate_decay * (step - 1))
    new = _adam(state, tape.gradient(loss, state["weights"]), step, learning_rate, _weight_decays(config, dim, mix_dim))
    decay = tf.minimum(config.averaging, (1 + step) / (10 + step))  # shorter at first, as in tf.train.ExponentialMovingAverage
    new["averages"] = decay * state["averages"] + (1 - decay) * new["weights"]
    return new, loss


def _weights_spec(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tf.TensorSpec]:
    return {name: tf.TensorSpec(shape, tf.float32) for name, shape in shapes.items()}


def _batch_spec(dim: int) -> tuple[tf.TensorSpec, tf.TensorSpec]:
    """Vectors and lengths, for any batch size and number of tokens: one trace serves all."""
    return tf.TensorSpec((None, None, dim), tf.float16), tf.TensorSpec((None,), tf.int32)


def _adam(
    state: Tensors, gradient: tf.Tensor, step: tf.Tensor, learning_rate: tf.Tensor, weight_decays: FloatArray | float
) -> Tensors:
    """Next weights, means and variances: Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019)."""
    beta1, beta2 = ADAM_BETAS
    correction = tf.sqrt(1 - beta2**step) / (1 - beta1**step)
    mean = beta1 * state["means"] + (1 - beta1) * gradient
    variance = beta2 * state["variances"] + (1 - beta2) * tf.square(gradient)
    change = correction * mean / (tf.sqrt(variance) + ADAM_EPSILON) + weight_decays * state["weights"]
    return {"weights": state["weights"] - learning_rate * change, "means": mean, "variances": variance}


def _weight_decays(config: HeadConfig, dim: int, mix_dim: int) -> FloatArray | float:
    """Of every single weight, in the order of the state; only kernels decay."""
    if not config.weight_decay:
        return 0.0
    shapes = _weight_shapes(dim, mix_dim).items()
    decays = [np.full(math.prod(shape), config.weight_decay * name.endswith("/kernel"), np.float32) for name, shape in shapes]
    return np.concatenate(decays)
