"""What an arm costs: seconds to train and to embed, bytes of vectors and heads, seconds per prediction."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import FloatArray
from core.embedders.base import Embedder
from core.experiment.config import ExperimentConfig
from core.predict.predictor import Predictor
from core.store.run import Run, measured_reviews_per_s
from core.store.run_store import RunStore

Head = Mapping[str, FloatArray]

VECTOR_ITEM_BYTES = 2  # vectors are kept as float16
_NUM_WARM_UP = 2  # the first texts also compile what ELMo runs


@dataclass(frozen=True)
class ArmCost:
    """What one arm of one run costs, as the run measured it.

    Attributes:
        arm: Key of `ARMS`.
        accuracy: Mean over the finished trials.
        train_s: Seconds to train and test one head, mean over the trials.
        embed_s: Seconds until ELMo has read the labelled reviews of one trial, with nothing in the cache; 0 for an arm
            without ELMo, which only looks words up; None where the store knows no speed.
        dim: Numbers per word that the head sees.
        num_weights: Of the head.
    """

    arm: str
    accuracy: float
    train_s: float
    embed_s: float | None
    dim: int
    num_weights: int

    @property
    def word_bytes(self) -> int:
        """Size of the vector of one word."""
        return self.dim * VECTOR_ITEM_BYTES

    @property
    def head_bytes(self) -> int:
        """Size of one head."""
        return self.num_weights * np.dtype(np.float32).itemsize

    @property
    def total_s(self) -> float | None:
        """Seconds from labelled reviews to a tested head."""
        return None if self.embed_s is None else self.embed_s + self.train_s


def arm_costs(run: Run, store: RunStore) -> list[ArmCost]:
    """What each arm of a run costs; only arms with a finished trial."""
    results = store.trials.table(run)
    speed = run.reviews_per_s or measured_reviews_per_s(run.config, store.trials.speeds())
    costs = []
    for arm, heads in store.trials.heads(run).items():
        if not heads:
            continue
        of_arm = results[results["arm"] == arm]
        reads = run.config.reads_elmo(arm)
        costs.append(
            ArmCost(
                arm=arm,
                accuracy=float(of_arm["accuracy"].mean()),
                train_s=float(of_arm["train_s"].mean()),
                embed_s=(run.config.num_labelled / speed if speed else None) if reads else 0.0,
                dim=len(heads[0]["input/mean"]),
                num_weights=sum(weights.size for weights in heads[0].values()),
            )
        )
    return costs


@dataclass(frozen=True)
class PredictionTime:
    """Seconds to predict one review with one head, from its text to the probability.

    Attributes:
        arm: Key of `ARMS`.
        median_s: Half of the reviews took less.
        slow_s: 95 % of the reviews took less.
        num_texts: Reviews measured.
    """

    arm: str
    median_s: float
    slow_s: float
    num_texts: int


def time_predictions(
    config: ExperimentConfig, heads: Mapping[str, Head], embedders: Mapping[str, Embedder], texts: Sequence[str]
) -> list[PredictionTime]:
    """Measure the time of predictions, one review at a time with one head per arm.

    Args:
        config: Of the run.
        heads: One head by arm.
        embedders: As `Predictor` takes them.
        texts: Different reviews, at least three; the first two only warm up.

    Raises:
        ValueError: There are fewer texts.
    """
    if len(texts) <= _NUM_WARM_UP:
        raise ValueError(f"at least {_NUM_WARM_UP + 1} texts are needed, got {len(texts)}")
    times = []
    for arm, head in heads.items():
        predictor = Predictor(config, {arm: [head]}, embedders)
        seconds = []
        for text in texts:
            began_s = time.perf_counter()
            predictor.predict(text)
            seconds.append(time.perf_counter() - began_s)
        measured = np.array(seconds[_NUM_WARM_UP:])
        times.append(PredictionTime(arm, float(np.median(measured)), float(np.quantile(measured, 0.95)), len(measured)))
    return times
