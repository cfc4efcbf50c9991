"""Stage two: the token encoder learns to spell the word vectors of stage one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.elmo.characters import character_ids
from core.elmo.layers import TokenEncoder
from core.elmo.options import BiLMOptions

# Batches hold words of about one length, so that short words do not pay for long ones: bytes at most, per bucket.
_BUCKETS = (5, 8, 11, 15, 48)

# A word is drawn in proportion to this power of its count: 1 would never show rare words, 0 would spend most steps on them.
_DRAW_POWER = 0.75


@dataclass(frozen=True)
class SpellingProgress:
    """How well characters give the word vectors.

    Attributes:
        step: Batches seen.
        num_steps: Batches in all.
        explained: Share of the vectors' variance that the encoder gives, over recent batches.
    """

    step: int
    num_steps: int
    explained: float


def train_encoder(
    encoder: TokenEncoder,
    options: BiLMOptions,
    words: Sequence[str],
    vectors: npt.NDArray[np.float32],
    counts: npt.NDArray[np.int64],
    *,
    num_steps: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
) -> Iterator[SpellingProgress]:
    """Fits the encoder to given vectors; frequent words are drawn more often (`_DRAW_POWER`).

    Args:
        encoder: Trained in place.
        options: Its sizes.
        words: Word types.
        vectors: float32 (len(words), projection_dim).
        counts: int64 (len(words),).
        num_steps: Batches.
        batch_size: Words in a batch.
        learning_rate: Of Adam at its highest; warmed up, then falling along a cosine.
        seed: Of the draws.

    Yields:
        Progress every 50 batches and at the end.
    """
    rng = np.random.default_rng(seed)
    num_bytes = np.asarray([len(word.encode()) for word in words])
    weights = counts**_DRAW_POWER
    buckets = [np.flatnonzero(members) for members in _bucket_members(num_bytes)]
    buckets = [members for members in buckets if len(members)]
    bucket_weights = np.asarray([weights[members].sum() for members in buckets])
    cumulative = [np.cumsum(weights[members]) / weights[members].sum() for members in buckets]
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate / 20, num_steps, warmup_target=learning_rate, warmup_steps=num_steps // 20
    )
    optimizer = keras.optimizers.Adam(schedule, beta_2=0.99, global_clipnorm=1.0)
    variables = encoder.trainable_variables
    optimizer.build(variables)
    variance = float(np.average(((vectors - np.average(vectors, axis=0, weights=weights)) ** 2).mean(axis=1), weights=weights))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string), tf.TensorSpec([None, vectors.shape[1]], tf.float32)])
    def train_step(batch: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        ids = character_ids(batch, max_characters=options.max_characters, widest_filter=options.widest_filter)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((encoder(ids) - target) ** 2)
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    encoded = np.asarray([word.encode() for word in words], object)
    losses: list[float] = []
    for step in range(1, num_steps + 1):
        k = rng.choice(len(buckets), p=bucket_weights / bucket_weights.sum())
        members = buckets[k][np.searchsorted(cumulative[k], rng.random(batch_size))]
        losses.append(float(train_step(tf.constant(encoded[members]), tf.constant(vectors[members]))))
        if step % 50 == 0 or step == num_steps:
            yield SpellingProgress(step, num_steps, 1 - float(np.mean(losses[-200:])) / variance)


def _bucket_members(num_bytes: npt.NDArray[np.int64]) -> list[npt.NDArray[np.bool_]]:
    """Which words belong to each bucket of lengths; words beyond the last bound are cut and belong to it."""
    bucket = np.minimum(np.searchsorted(_BUCKETS, num_bytes), len(_BUCKETS) - 1)
    return [bucket == k for k in range(len(_BUCKETS))]
