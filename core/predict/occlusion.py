"""Why: what each word of a text does to the answer, by leaving it out. The same method for every arm, and no gradients needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.arrays import FloatArray
from core.predict.predictor import Prediction, Predictor

_TOKENS_PER_STEP = 2048  # of all variants of a step together: well under a second of ELMo mini


@dataclass(frozen=True, eq=False)
class Attribution:
    """What every head says about a text without each of its tokens.

    Attributes:
        prediction: Of the whole text.
        without: By arm, float32 (num_heads, num_tokens): probability of "positive" once the token is left out.

    Reference: occlusion; Zeiler and Fergus 2014, section 2.1 for images, Li, Monroe and Jurafsky 2016 for words.
    """

    prediction: Prediction
    without: Mapping[str, FloatArray]

    def effects(self, arm: str) -> npt.NDArray[np.float64]:
        """By how much each token raises the mean probability, float64 (num_tokens,): with it minus without it."""
        return np.asarray(self.head_effects(arm).mean(axis=0), np.float64)

    def head_effects(self, arm: str) -> npt.NDArray[np.float64]:
        """The same by every head, float64 (num_heads, num_tokens)."""
        whole = self.prediction.probs[arm].astype(np.float64)[:, np.newaxis]
        return np.asarray(whole - self.without[arm], np.float64)


@dataclass(frozen=True, eq=False)
class OcclusionProgress:
    """Some more variants of the text have their answers.

    Attributes:
        num_done: Tokens that were left out once.
        num_tokens: All tokens of the text.
        attribution: With the last of them; None before.
    """

    num_done: int
    num_tokens: int
    attribution: Attribution | None


def occlude(predictor: Predictor, prediction: Prediction) -> Iterator[OcclusionProgress]:
    """Leave out every token once; stop asking for more and it stops.

    Args:
        predictor: That made the prediction.
        prediction: Of the text.
    """
    words = [token.text for token in prediction.tokens]
    num_per_step = max(1, _TOKENS_PER_STEP // len(words))
    steps: list[Mapping[str, FloatArray]] = []
    for start in range(0, len(words), num_per_step):
        end = min(start + num_per_step, len(words))
        steps.append(predictor.predict_many([leave_out(words, position) for position in range(start, end)]))
        attribution = None
        if end == len(words):
            left_out = {arm: np.concatenate([step[arm] for step in steps], axis=1) for arm in prediction.probs}
            attribution = Attribution(prediction, left_out)
        yield OcclusionProgress(end, len(words), attribution)


def leave_out(words: Sequence[str], position: int) -> list[str]:
    """The words but one."""
    return [*words[:position], *words[position + 1 :]]
