"""The head: its forward pass against a loop over tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from core.arrays import FloatArray
from core.classifier.model import DropoutPlace, Head, TrainingStopped, compute_logits, join_reviews
from core.experiment.config import HeadConfig, Pooling
from tests.core.classifier.made_up import make_examples, stop_after, train


def random_weights(seed: int, dim: int, mix_dim: int = 0) -> dict[str, FloatArray]:
    rng = np.random.default_rng(seed)
    mixed_dim = dim - 2 * mix_dim
    shapes: dict[str, tuple[int, ...]] = {
        "input/mean": (dim,),
        "conv/kernel": (3, mixed_dim, 64),
        "conv/bias": (64,),
        "dense/kernel": (64, 250),
        "dense/bias": (250,),
        "output/kernel": (250, 1),
        "output/bias": (1,),
    }
    if mix_dim:
        shapes |= {"mix/weights": (3,), "mix/gamma": ()}
    weights = {name: np.asarray(rng.normal(size=shape) * 0.3, np.float32) for name, shape in shapes.items()}
    return weights | {"input/scale": rng.uniform(0.5, 2, dim).astype(np.float32)}


def slow_prob(weights: dict[str, FloatArray], vectors: npt.NDArray[Any], *, pooling: Pooling, mix_dim: int = 0) -> float:
    """The head in plain loops over tokens, float64: what the fast code must compute."""
    w = {name: np.asarray(weight, np.float64) for name, weight in weights.items()}
    tokens = []
    for raw in np.asarray(vectors, np.float64):
        vector = (raw - w["input/mean"]) * w["input/scale"]
        if mix_dim:
            shares = np.exp(w["mix/weights"]) / np.exp(w["mix/weights"]).sum()
            mixed = sum(shares[k] * vector[k * mix_dim : (k + 1) * mix_dim] for k in range(3))
            vector = np.concatenate([w["mix/gamma"] * mixed, vector[3 * mix_dim :]])
        tokens.append(vector)
    nothing = np.zeros_like(tokens[0])
    hidden = []
    for t in range(len(tokens)):
        total = w["conv/bias"].copy()
        for k in range(3):
            neighbour = tokens[t + k - 1] if 0 <= t + k - 1 < len(tokens) else nothing
            total += neighbour @ w["conv/kernel"][k]
        hidden.append(np.maximum(total, 0))
    pooled = np.mean(hidden, axis=0) if pooling == "average" else np.max(hidden, axis=0)
    dense = np.maximum(pooled @ w["dense/kernel"] + w["dense/bias"], 0)
    logit = (dense @ w["output/kernel"] + w["output/bias"])[0]
    return float(1 / (1 + np.exp(-logit)))


@pytest.mark.parametrize("pooling", ["average", "max"])
@pytest.mark.parametrize("mix_dim", [0, 2])
def test_probabilities_are_those_of_a_loop_over_tokens(pooling: Pooling, mix_dim: int) -> None:
    weights = random_weights(0, dim=9, mix_dim=mix_dim)
    features = make_examples(3, 70, dim=9).features  # more than one batch
    probs = Head.from_arrays(weights, pooling=pooling).predict(features)
    truth = [slow_prob(weights, vectors, pooling=pooling, mix_dim=mix_dim) for vectors in features]
    assert probs.dtype == np.float32
    np.testing.assert_allclose(probs, truth, atol=2e-6)


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_the_reviews_beside_it_change_no_prediction(pooling: Pooling) -> None:
    head = Head.from_arrays(random_weights(1, dim=6), pooling=pooling)
    rng = np.random.default_rng(4)
    short, long = (rng.normal(size=(length, 6)).astype(np.float16) for length in (2, 60))
    np.testing.assert_allclose(head.predict([short, long])[0], head.predict([short])[0], rtol=1e-5)


@pytest.mark.parametrize("pooling", ["average", "max"])
@pytest.mark.parametrize("mix_dim", [0, 2])
def test_joined_reviews_have_the_logits_and_gradients_of_padded_ones(pooling: Pooling, mix_dim: int) -> None:
    weights = {name: tf.constant(weight) for name, weight in random_weights(0, dim=9, mix_dim=mix_dim).items()}
    features = [np.zeros((0, 9), np.float16), *make_examples(3, 6, dim=9).features]
    kept = np.random.default_rng(0).integers(0, 2, (8, 9 - 2 * mix_dim)).astype(np.float32)  # a batch that is not full
    joined = join_reviews(features, 9, batch_size=8)

    def drop(tensor: tf.Tensor, place: DropoutPlace) -> tf.Tensor:
        return tensor * kept if place == "input" else tensor

    with tf.GradientTape() as tape:
        tape.watch(weights)
        reviews = joined.vectors, joined.owners, joined.lengths
        logits = compute_logits(weights, *reviews, batch_size=8, mix_dim=mix_dim, pooling=pooling, drop=drop)
    trained = {name: weight for name, weight in weights.items() if not name.startswith("input/")}
    gradients = tape.gradient(logits, trained)
    with tf.GradientTape() as tape:
        tape.watch(weights)
        truth = padded_logits(weights, features, kept[: len(features)], pooling=pooling, mix_dim=mix_dim)
    true_gradients = tape.gradient(truth, trained)
    np.testing.assert_allclose(logits, truth, atol=1e-5)
    for name in trained:
        np.testing.assert_allclose(gradients[name], true_gradients[name], rtol=1e-4, atol=1e-4, err_msg=name)


def padded_logits(
    weights: dict[str, Any], features: list[npt.NDArray[Any]], kept: FloatArray, *, pooling: Pooling, mix_dim: int
) -> tf.Tensor:
    """The head on a padded and masked batch, with TensorFlow's convolution."""
    lengths = [len(review) for review in features]
    vectors = np.zeros((len(features), max(lengths), features[0].shape[1]), np.float32)
    for row, review in zip(vectors, features, strict=True):
        row[: len(review)] = review
    mask = tf.sequence_mask(lengths, max(lengths), tf.float32)[:, :, tf.newaxis]  # (batch, time, 1)
    inputs = (vectors - weights["input/mean"]) * weights["input/scale"]
    if mix_dim:
        shares = tf.nn.softmax(weights["mix/weights"])
        mixed = sum(shares[k] * inputs[:, :, k * mix_dim : (k + 1) * mix_dim] for k in range(3))
        inputs = tf.concat([weights["mix/gamma"] * mixed, inputs[:, :, 3 * mix_dim :]], axis=-1)
    inputs *= mask * kept[:, np.newaxis]
    hidden = tf.nn.conv1d(inputs, weights["conv/kernel"], stride=1, padding="SAME") + weights["conv/bias"]
    hidden = tf.nn.relu(hidden) * mask
    num_tokens = np.maximum(lengths, 1).astype(np.float32)[:, np.newaxis]
    pooled = tf.reduce_sum(hidden, axis=1) / num_tokens if pooling == "average" else tf.reduce_max(hidden, axis=1)
    dense = tf.nn.relu(pooled @ weights["dense/kernel"] + weights["dense/bias"])
    return tf.squeeze(dense @ weights["output/kernel"] + weights["output/bias"], axis=-1)


def test_reviews_are_joined_batch_by_batch_with_a_zero_row_after_each() -> None:
    features = [np.full((length, 2), length, np.float16) for length in (2, 0, 1)]
    joined = join_reviews(features, 2, batch_size=2)
    assert joined.vectors[:, 0].tolist() == [2, 2, 0, 0, 1, 0]
    assert joined.owners.tolist() == [0, 0, 2, 2, 0, 2]  # 2 is nobody's
    assert (joined.lengths.tolist(), joined.edges.tolist()) == ([2, 0, 1], [0, 4, 6])


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_a_review_without_tokens_has_a_probability(pooling: Pooling) -> None:
    head = Head.from_arrays(random_weights(1, dim=6), pooling=pooling)
    empty = np.zeros((0, 6), np.float16)
    alone, beside = head.predict([empty])[0], head.predict([empty, np.ones((4, 6), np.float16)])[0]
    assert 0 < alone < 1
    assert alone == pytest.approx(beside, rel=1e-5)


def test_no_reviews_give_no_probabilities() -> None:
    assert Head.from_arrays(random_weights(1, dim=6), pooling="max").predict([]).shape == (0,)


def test_a_head_survives_its_arrays() -> None:
    head = train(HeadConfig(epochs=2)).head
    features = make_examples(5, 20).features
    again = Head.from_arrays(head.to_arrays(), pooling="average")
    np.testing.assert_array_equal(again.predict(features), head.predict(features))
    assert all(array.dtype == np.float32 for array in head.to_arrays().values())


def test_a_stop_is_noticed_while_predicting() -> None:
    head = Head.from_arrays(random_weights(1, dim=6), pooling="max")
    with pytest.raises(TrainingStopped):
        head.predict(make_examples(1, 200).features, should_stop=stop_after(2))
