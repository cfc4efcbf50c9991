"""Occlusion: the effect of each word on a prediction, measured by leaving it out. The same for every arm, without gradients.

Effects are differences of log-odds. Near 0 and 100 % a probability hardly moves, whatever is left out; log-odds do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.arrays import FloatArray
from core.predict.predictor import Prediction, Predictor, to_probs

_TOKENS_PER_STEP = 2048  # in all variants of a step: well under a second of ELMo mini


@dataclass(frozen=True, eq=False)
class Attribution:
    """Predictions of every head for a text without each of its tokens.

    Attributes:
        prediction: The prediction for the whole text.
        logits_without: By arm, float32 (num_heads, num_tokens): log-odds of "positive" without the token.

    Reference: occlusion; Zeiler and Fergus 2014, section 2.1 for images, Li, Monroe and Jurafsky 2016 for words.
    """

    prediction: Prediction
    logits_without: Mapping[str, FloatArray]

    def effects(self, arm: str) -> npt.NDArray[np.float64]:
        """How much each token raises the log-odds of "positive" in the mean of the heads, float64 (num_tokens,)."""
        return np.asarray(self.head_effects(arm).mean(axis=0), np.float64)

    def head_effects(self, arm: str) -> npt.NDArray[np.float64]:
        """The same for every head, float64 (num_heads, num_tokens): with the token minus without it."""
        whole = self.prediction.logits[arm].astype(np.float64)[:, np.newaxis]
        return np.asarray(whole - self.logits_without[arm], np.float64)

    def probs_without(self, arm: str) -> FloatArray:
        """Probability of "positive" without each token, float32 (num_heads, num_tokens)."""
        return to_probs(self.logits_without[arm])


@dataclass(frozen=True, eq=False)
class OcclusionProgress:
    """Some more tokens have been left out.

    Attributes:
        num_done: Tokens that have been left out so far.
        num_tokens: All tokens of the text.
        attribution: The result, in the last event; None before.
    """

    num_done: int
    num_tokens: int
    attribution: Attribution | None


def occlude(predictor: Predictor, prediction: Prediction) -> Iterator[OcclusionProgress]:
    """Leaves out every token once, in steps; whoever stops iterating stops the work.

    Args:
        predictor: The predictor that made the prediction.
        prediction: The prediction for the whole text.
    """
    words = [token.text for token in prediction.tokens]
    num_per_step = max(1, _TOKENS_PER_STEP // len(words))
    steps: list[Mapping[str, FloatArray]] = []
    for start in range(0, len(words), num_per_step):
        end = min(start + num_per_step, len(words))
        steps.append(predictor.logits_of_many([leave_out(words, position) for position in range(start, end)]))
        attribution = None
        if end == len(words):
            left_out = {arm: np.concatenate([step[arm] for step in steps], axis=1) for arm in prediction.logits}
            attribution = Attribution(prediction, left_out)
        yield OcclusionProgress(end, len(words), attribution)


def leave_out(words: Sequence[str], position: int) -> list[str]:
    """The words without one of them."""
    return [*words[:position], *words[position + 1 :]]
