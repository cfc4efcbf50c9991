"""What is drawn of the answers of both models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from core.predict.predictor import Prediction
from ui.probe.duel import drawing

ARMS = ("basic", "elmo")


def prediction(logits: Mapping[str, Sequence[float]], unread: tuple[str, ...] = ()) -> Prediction:
    heads = {arm: np.array(values, np.float32) for arm, values in logits.items()}
    return Prediction(tokens=[], known=[], logits=heads, num_cut=0, unread=unread)


@pytest.mark.parametrize(
    ("logits", "unread", "verdict"),
    [
        ({"basic": [1, 2], "elmo": [3, 1]}, (), "Models agree: positive"),
        ({"basic": [-1, -2], "elmo": [3, 1]}, (), "Models disagree"),
        ({"basic": [-1, 2], "elmo": [3, 1]}, (), "Basic is unsure"),
        ({"basic": [-1, 2], "elmo": [3, -1]}, (), "Both models are unsure"),
        ({"elmo": [3, 1]}, ("basic",), "Basic cannot read this"),
        ({}, ARMS, "Neither model can read this"),
    ],
)
def test_the_verdict_is_a_few_words(logits: Mapping[str, Sequence[float]], unread: tuple[str, ...], verdict: str) -> None:
    assert drawing(ARMS, prediction(logits, unread), "any text")["verdict"] == verdict


def test_each_model_has_its_colour_and_shape_its_mean_and_its_heads() -> None:
    basic, elmo = drawing(ARMS, prediction({"elmo": [0, 0], "basic": [2, -2]}), "any text")["models"]
    assert (basic["title"], elmo["title"]) == ("Basic", "ELMo")
    assert basic["colour"] != elmo["colour"]
    assert basic["shape"] != elmo["shape"]
    assert (basic["mean"], basic["number"], basic["stance"]) == (50.0, "50.0 %", "unsure")
    assert basic["heads"] == pytest.approx([88.08, 11.92])


def test_a_model_that_cannot_read_the_text_has_no_bar() -> None:
    basic, elmo = drawing(ARMS, prediction({"elmo": [3, 1]}, ("basic",)), "any text")["models"]
    assert (basic["mean"], basic["heads"], basic["number"]) == (None, [], "–")
    assert elmo["mean"] is not None


def test_before_the_first_answer_both_models_are_there_without_one() -> None:
    drawn = drawing(ARMS, None, "")
    assert drawn["verdict"] == drawn["more"] == ""
    assert [model["mean"] for model in drawn["models"]] == [None, None]
