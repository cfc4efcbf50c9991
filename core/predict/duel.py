"""What the models of a run make of one text together: do they agree?"""

from __future__ import annotations

from typing import Literal

from core.arrays import FloatArray
from core.predict.predictor import Prediction

Stance = Literal["positive", "negative", "unsure"]
Verdict = Literal["agree", "disagree", "unsure", "unread"]


def stance(probs: FloatArray) -> Stance:
    """The label of a model; "unsure" if its heads, float32 (num_heads,), lie on both sides of 50 %."""
    if probs.min() < 0.5 <= probs.max():
        return "unsure"
    return "positive" if probs.min() >= 0.5 else "negative"


def verdict(prediction: Prediction) -> Verdict:
    """Whether the models give the same label; models that cannot read the text or are unsure give none."""
    if prediction.unread:
        return "unread"
    stances = {stance(probs) for probs in prediction.probs.values()}
    if "unsure" in stances:
        return "unsure"
    return "agree" if len(stances) == 1 else "disagree"
