"""How a head is trained: the loop over epochs, the choice of the best one, and a step of Adam.

Written by hand because Keras's `fit` traces the model again for every trial, while here all trials of a process share one trace.
Imports TensorFlow, as `core.classifier.model` does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.arrays import FloatArray
from core.classifier.architecture import constant_shapes, weight_shapes
from core.classifier.model import (
    DropoutPlace,
    Head,
    Tensors,
    TrainingStopped,
    compute_logits,
    fit_standardiser,
    init_weights,
    join_reviews,
    no_standardiser,
    reviews_spec,
    unpack_weights,
    weights_spec,
)
from core.experiment.config import HeadConfig
from core.experiment.results import Examples

ADAM_BETAS = (0.9, 0.999)  # Kingma and Ba 2015, and what Keras takes
ADAM_EPSILON = 1e-7  # as in Keras
MAX_BLOCK_LEN = 2**24  # numbers that one call trains on: 32 MB of float16, about a third of a second on one core


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
    """The end of training.

    Attributes:
        head: The weights of the epoch that was kept.
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
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[EpochTrained | TrainedHead]:
    """Trains one head and keeps the latest epoch that is not clearly worse than the best one on the validation reviews.

    With 20 validation reviews, the lowest of many noisy losses comes too early: training goes on until the loss exceeds the
    lowest by more than its own noise (`HeadConfig.tolerance`). The more validation reviews, the nearer it is to the lowest.

    Args:
        config: The recipe.
        train: Reviews to fit.
        validation: Reviews to choose the epoch by.
        seed: Decides initial weights, order of reviews and dropout; the same arguments give the same head in any process.
        mix_dim: Width of one layer if the first 3 * mix_dim components of each vector are layers to be mixed; else 0.
        should_stop: Called before each block of batches, a few times a second.

    Yields:
        `EpochTrained` after each epoch, one `TrainedHead` last.

    Raises:
        TrainingStopped: `should_stop` returned true.
    """
    rng = np.random.default_rng((*seed, 1))  # the 1 separates it from the stream that drew the reviews
    dim = train.features[0].shape[1]
    labels = train.labels.astype(np.float32)
    constants = fit_standardiser(train.features) if config.standardise else no_standardiser(dim)
    weights = init_weights(rng, dim, mix_dim)
    first = np.concatenate([weight.ravel() for weight in weights.values()])
    state: Tensors = {"weights": first, "averages": first, "means": np.zeros_like(first), "variances": np.zeros_like(first)}
    dropout_seed = int(rng.integers(2**31))
    train_batches = build_train_batches(config, dim, mix_dim)
    batch_len = dim * config.batch_size * sum(map(len, train.features)) / len(labels)  # numbers in a batch, on average
    block_len = max(1, int(MAX_BLOCK_LEN / max(1, batch_len))) * config.batch_size  # whole batches

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
            joined = join_reviews([train.features[i] for i in block], dim, config.batch_size)
            seed_of_block = np.array([dropout_seed, num_steps], np.int32)
            reviews = joined.vectors, joined.owners, joined.lengths, joined.edges, labels[block]
            state, loss_sum = train_batches(state, constants, reviews, seed_of_block)
            num_steps += -(-len(block) // config.batch_size)
            loss_sums.append(loss_sum)

        head = Head({**constants, **unpack_weights(state["averages"], dim, mix_dim)}, pooling=config.pooling)
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


@lru_cache(maxsize=16)
def build_train_batches(config: HeadConfig, dim: int, mix_dim: int) -> Any:
    """The traced loop over batches of every trial with this recipe and these shapes.

    (state, constants, (`JoinedReviews`, labels), (dropout seed, steps before)) → (next state, sum of the reviews' losses). The
    state is the weights, their averages, and Adam's running means and variances of the gradients, each as one vector, so that an
    update takes few operations. It is passed in and returned, so trials share the trace and nothing else.
    """

    def train_batches(
        state: Tensors, constants: Tensors, block: tuple[tf.Tensor, ...], seed: tf.Tensor
    ) -> tuple[Tensors, tf.Tensor]:
        vectors, owners, lengths, edges, labels = block

        def train_batch(index: tf.Tensor, state: Tensors, loss_sum: tf.Tensor) -> tuple[tf.Tensor, Tensors, tf.Tensor]:
            start, end = edges[index], edges[index + 1]
            its_reviews = slice(index * config.batch_size, (index + 1) * config.batch_size)
            batch = vectors[start:end], owners[start:end], lengths[its_reviews], labels[its_reviews]
            seed_of_step = tf.stack([seed[0], seed[1] + index + 1])
            state, loss = _train_step(state, constants, batch, seed_of_step, config=config, mix_dim=mix_dim)
            return index + 1, state, loss_sum + loss * tf.cast(tf.shape(batch[-1])[0], tf.float32)

        _, state, loss_sum = tf.while_loop(
            lambda index, *_: index < tf.shape(edges)[0] - 1, train_batch, (tf.constant(0), state, tf.constant(0.0))
        )
        return state, loss_sum

    num_weights = sum(map(math.prod, weight_shapes(dim, mix_dim).values()))
    signature = (
        dict.fromkeys(("weights", "averages", "means", "variances"), tf.TensorSpec((num_weights,), tf.float32)),
        weights_spec(constant_shapes(dim)),
        (*reviews_spec(dim), tf.TensorSpec((None,), tf.int32), tf.TensorSpec((None,), tf.float32)),
        tf.TensorSpec((2,), tf.int32),
    )
    return tf.function(train_batches, input_signature=signature, autograph=False)  # nothing to convert, no files left behind


def _train_step(
    state: Tensors,
    constants: Tensors,
    batch: tuple[tf.Tensor, ...],  # vectors, owners, lengths, labels
    seed: tf.Tensor,  # int32 (2,): dropout seed, step from 1
    *,
    config: HeadConfig,
    mix_dim: int,
) -> tuple[Tensors, tf.Tensor]:
    """The state after one more batch, and the batch's mean loss."""
    *reviews, labels = batch
    dim = reviews[0].shape[-1]

    def drop(tensor: tf.Tensor, place: DropoutPlace) -> tf.Tensor:
        rate, offset = (config.spatial_dropout, [0, 0]) if place == "input" else (config.dropout, [1, 0])
        return tf.nn.experimental.stateless_dropout(tensor, rate, seed + tf.constant(offset), rng_alg="philox")

    with tf.GradientTape() as tape:
        tape.watch(state["weights"])
        weights = {**constants, **unpack_weights(state["weights"], dim, mix_dim)}
        logits = compute_logits(
            weights, *reviews, batch_size=config.batch_size, mix_dim=mix_dim, pooling=config.pooling, drop=drop
        )
        loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))
    step = tf.cast(seed[1], tf.float32)
    learning_rate = config.learning_rate / (1 + config.learning_rate_decay * (step - 1))
    new = _adam(state, tape.gradient(loss, state["weights"]), step, learning_rate, _weight_decays(config, dim, mix_dim))
    decay = tf.minimum(config.averaging, (1 + step) / (10 + step))  # shorter at first, as in tf.train.ExponentialMovingAverage
    new["averages"] = decay * state["averages"] + (1 - decay) * new["weights"]
    return new, loss


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
    """Weight decay of every single weight, in the order of the state; only kernels decay."""
    if not config.weight_decay:
        return 0.0
    shapes = weight_shapes(dim, mix_dim).items()
    decays = [np.full(math.prod(shape), config.weight_decay * name.endswith("/kernel"), np.float32) for name, shape in shapes]
    return np.concatenate(decays)
