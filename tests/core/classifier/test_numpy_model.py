"""Heads of one arm in NumPy, against the TensorFlow head that was trained."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from core.classifier.numpy_model import NumpyHeads
from core.experiment.config import Pooling
from tests.core.predict.test_predictor import random_head

POOLINGS: tuple[Pooling, ...] = ("average", "max")


def random_texts(dim: int, lengths: tuple[int, ...]) -> list[npt.NDArray[np.float16]]:
    rng = np.random.default_rng(1)
    return [rng.normal(size=(length, dim)).astype(np.float16) for length in lengths]


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("mix_dim", [0, 3])
def test_numpy_and_tensorflow_agree(pooling: Pooling, mix_dim: int) -> None:
    from core.classifier.model import Head

    heads = [random_head(seed, 11, mix_dim) for seed in range(3)]
    texts = random_texts(11, (1, 2, 0, 3, 40, 0))
    expected = [Head.from_arrays(head, pooling=pooling).predict_logits(texts) for head in heads]
    np.testing.assert_allclose(NumpyHeads(heads, pooling=pooling).logits(texts), expected, atol=1e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_text_does_not_depend_on_those_beside_it(pooling: Pooling) -> None:
    stack = NumpyHeads([random_head(seed, 7) for seed in range(2)], pooling=pooling)
    texts = random_texts(7, (5, 1, 900, 3000, 2500, 8))  # over several products
    alone = np.concatenate([stack.logits([text]) for text in texts], axis=1)
    np.testing.assert_allclose(stack.logits(texts), alone, atol=1e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_what_the_filters_detect_leads_to_the_logits(pooling: Pooling) -> None:
    heads = [random_head(seed, 7) for seed in range(2)]
    stack = NumpyHeads(heads, pooling=pooling)
    [text] = random_texts(7, (6,))
    detected = stack.detections(text)  # (num_heads, 6, 64)
    assert detected.shape == (2, 6, 64)
    pooled = detected.mean(axis=1) if pooling == "average" else detected.max(axis=1)
    for head, features, logit in zip(heads, pooled, stack.logits([text])[:, 0], strict=True):
        hidden = np.maximum(features @ head["dense/kernel"] + head["dense/bias"], 0)
        assert float((hidden @ head["output/kernel"] + head["output/bias"])[0]) == pytest.approx(float(logit), abs=1e-4)


def test_no_text_gives_no_logits() -> None:
    assert NumpyHeads([random_head(0, 7)], pooling="average").logits([]).shape == (1, 0)


@pytest.mark.parametrize("name", ["conv/kernel", "dense/bias", "input/mean", "mix/weights"])
def test_weights_that_are_missing_or_of_another_shape_are_an_error(name: str) -> None:
    whole = random_head(0, 11, mix_dim=3)
    assert NumpyHeads([whole], pooling="max")
    without = {each: values for each, values in whole.items() if each != name}
    for broken in (without, {**whole, name: np.zeros((2, 5), np.float32)}):
        with pytest.raises(ValueError, match="shape"):
            NumpyHeads([broken], pooling="max")
