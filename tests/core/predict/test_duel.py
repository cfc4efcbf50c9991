"""Whether models agree about a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from core.predict.duel import Verdict, stance, verdict
from core.predict.predictor import Prediction


def prediction(logits: Mapping[str, Sequence[float]], unread: tuple[str, ...] = ()) -> Prediction:
    heads = {arm: np.array(values, np.float32) for arm, values in logits.items()}
    return Prediction(tokens=[], known=[], logits=heads, num_cut=0, unread=unread)


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        ({"basic": [1, 2], "elmo": [3, 0.1]}, "agree"),
        ({"basic": [-1, -2], "elmo": [-3, -0.1]}, "agree"),
        ({"basic": [1, 2], "elmo": [-3, -0.1]}, "disagree"),
        ({"basic": [1, -0.1], "elmo": [3, 2]}, "unsure"),
        ({"basic": [5, -5], "elmo": [-3, 2]}, "unsure"),
        ({"basic": [1, 2]}, "agree"),
    ],
)
def test_the_heads_of_each_model_decide(logits: Mapping[str, Sequence[float]], expected: Verdict) -> None:
    assert verdict(prediction(logits)) == expected


def test_a_model_that_cannot_read_a_text_agrees_with_nobody() -> None:
    assert verdict(prediction({"elmo": [3, 2]}, unread=("basic",))) == "unread"
    assert verdict(prediction({}, unread=("basic", "elmo"))) == "unread"


def test_a_model_whose_heads_are_on_both_sides_of_fifty_percent_is_unsure() -> None:
    assert stance(np.array([0.5, 0.9], np.float32)) == "positive"
    assert stance(np.array([0.1, 0.49], np.float32)) == "negative"
    assert stance(np.array([0.49, 0.99], np.float32)) == "unsure"
