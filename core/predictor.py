"""Live predictions of the heads of a finished run, without TensorFlow unless an embedder needs it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from core.embedders.base import Embedder
from core.errors import UserError
from core.experiment import ARMS, ExperimentConfig, FloatArray, Pooling
from core.tokens import Token, tokenise

# Probabilities from which a word holds; below 0.5 the same words mirrored.
VERBAL_STEPS = ((0.95, "very "), (0.75, ""), (0.6, "slightly "))


def verbal(prob: float) -> str:
    """A probability in plain words, from "very negative" over "undecided" to "very positive"."""
    side, strength = ("positive", prob) if prob >= 0.5 else ("negative", 1 - prob)
    for threshold, degree in VERBAL_STEPS:
        if strength >= threshold:
            return degree + side
    return "undecided"


@dataclass(frozen=True, eq=False)
class Prediction:
    """What every head makes of one text.

    Attributes:
        tokens: The tokens that were read, with their spans in the text.
        known: For each token, whether the static vectors have it.
        probs: By arm, float32 (num_heads,): probability of "positive" from the head of each trial.
        num_cut: Tokens beyond the config's `max_tokens`, which were not read.
    """

    tokens: list[Token]
    known: list[bool]
    probs: dict[str, FloatArray]
    num_cut: int


class Predictor:
    """Predicts with every head of a run. Safe to call from several threads at once.

    Args:
        config: Of the run.
        heads: By arm, the weights of one head per trial, as `TrialResult.head` has them.
        embedders: "static", and "elmo" if an arm among `heads` uses it.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        heads: Mapping[str, Sequence[Mapping[str, FloatArray]]],
        embedders: Mapping[str, Embedder],
    ) -> None:
        self._config = config
        self._heads = {arm: list(arm_heads) for arm, arm_heads in heads.items() if arm_heads}
        needed = {"static", *(part for arm in self._heads for part in ARMS[arm])}
        self._embedders = {part: embedders[part] for part in sorted(needed)}
        self._lock = threading.Lock()  # embedders are not thread-safe

    def predict(self, text: str) -> Prediction:
        """Predict one text.

        Raises:
            UserError: The text has no words.
        """
        tokens = tokenise(text)
        if not tokens:
            raise UserError("The text is empty; type at least one word.")
        num_cut = max(0, len(tokens) - self._config.max_tokens)
        tokens = tokens[: self._config.max_tokens]
        words = [token.text for token in tokens]
        with self._lock:
            # Rounded as the embedding cache rounds them, so that heads see what they were trained on.
            vectors = {part: embedder.embed([words])[0].astype(np.float16) for part, embedder in self._embedders.items()}
        probs = {}
        for arm, arm_heads in self._heads.items():
            inputs = np.concatenate([vectors[part] for part in ARMS[arm]], axis=1).astype(np.float32)  # (T, dim)
            logits = np.array([head_logit(head, inputs, pooling=self._config.head.pooling) for head in arm_heads])
            probs[arm] = expit(logits).astype(np.float32)
        known = (vectors["static"] != 0).any(axis=1).tolist()  # the vector of an unknown word is zero
        return Prediction(tokens=tokens, known=known, probs=probs, num_cut=num_cut)


def head_logit(head: Mapping[str, FloatArray], vectors: npt.NDArray[np.floating[Any]], *, pooling: Pooling) -> float:
    """One head on one text in NumPy, the same numbers as `core.classifier.Head` within rounding.

    Args:
        head: Weights by name.
        vectors: (T, dim), at least one token.
        pooling: As the head was trained.
    """
    inputs = (vectors - head["input/mean"]) * head["input/scale"]  # (T, dim)
    if "mix/weights" in head:
        shares = np.exp(head["mix/weights"] - head["mix/weights"].max())  # (3,)
        shares = head["mix/gamma"] * shares / shares.sum()
        mix_dim = (inputs.shape[1] - head["conv/kernel"].shape[1]) // (len(shares) - 1)
        layers, rest = np.split(inputs, [len(shares) * mix_dim], axis=1)
        mixed = np.einsum("k,tkd->td", shares, layers.reshape(len(layers), len(shares), mix_dim))
        inputs = np.concatenate([mixed, rest], axis=1)  # (T, mixed_dim)
    width, mixed_dim, num_filters = head["conv/kernel"].shape
    padded = np.pad(inputs, ((width // 2, width // 2), (0, 0)))
    windows = np.concatenate([padded[k : k + len(inputs)] for k in range(width)], axis=1)  # (T, width * mixed_dim)
    # einsum stays on this thread; a BLAS product wakes one per core, and these wait 100 ms while a run keeps the cores busy.
    kernel = head["conv/kernel"].reshape(width * mixed_dim, num_filters)
    hidden = np.maximum(np.einsum("ti,if->tf", windows, kernel) + head["conv/bias"], 0)  # (T, 64)
    pooled = hidden.mean(axis=0) if pooling == "average" else hidden.max(axis=0)  # (64,)
    hidden = np.maximum(np.einsum("f,fh->h", pooled, head["dense/kernel"]) + head["dense/bias"], 0)  # (250,)
    return float(np.einsum("h,ho->o", hidden, head["output/kernel"])[0] + head["output/bias"][0])
