"""Simulated experiments whose true difference is known: trials, reviews and their interaction all leave things to chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import ndtr

from core.analysis.outcomes import Outcomes
from core.arrays import BoolArray


@dataclass(frozen=True)
class World:
    """A prediction is right if the sum of its arm's level and of normal effects is positive; the others are their deviations.

    What is shared by both arms makes them right on the same reviews and good in the same trials.
    """

    basic: float = 0.9
    elmo: float = 1.1
    trial: float = 0.1
    trial_of_arm: float = 0.08
    review: float = 1.0
    review_of_arm: float = 0.5
    rest: float = 0.3
    rest_of_arm: float = 0.4

    @property
    def true_accuracies(self) -> tuple[float, float]:
        """Of basic and of elmo, over all draws and all reviews."""
        parts = (self.trial, self.trial_of_arm, self.review, self.review_of_arm, self.rest, self.rest_of_arm)
        deviation = float(np.sqrt(sum(part**2 for part in parts)))
        return float(ndtr(self.basic / deviation)), float(ndtr(self.elmo / deviation))

    def experiment(self, rng: np.random.Generator, num_trials: int, num_tests: int) -> tuple[BoolArray, BoolArray]:
        """Which predictions of basic and of elmo are right, bool (num_trials, num_tests) each."""

        def effects(trial: float, review: float, rest: float) -> npt.NDArray[Any]:
            parts = [(trial, (num_trials, 1)), (review, (1, num_tests)), (rest, (num_trials, num_tests))]
            trials, reviews, rests = (deviation * rng.standard_normal(shape, np.float32) for deviation, shape in parts)
            return np.asarray(trials + reviews + rests)

        shared = effects(self.trial, self.review, self.rest)
        basic, elmo = (
            level + shared + effects(self.trial_of_arm, self.review_of_arm, self.rest_of_arm) > 0
            for level in (self.basic, self.elmo)
        )
        return basic, elmo


def outcomes_of(
    labels: list[int], probs: dict[str, list[list[float]]], *, trials: tuple[int, ...] | None = None, ids: str | None = None
) -> Outcomes:
    """Outcomes from what each arm said in each trial; ids are single letters."""
    table = np.array([probs[arm] for arm in probs], np.float32)  # (num_arms, num_trials, num_tests)
    letters = ids or "abcdefghijklmnopqrstuvwxyz"[: len(labels)]
    return Outcomes(
        trials=trials or tuple(range(table.shape[1])),
        arms=tuple(probs),
        probs=table,
        labels=np.array(labels, np.int8),
        ids=tuple(letters),
    )


def outcomes_from_correct(
    arms: Mapping[str, npt.ArrayLike], *, prefix: str = "r", trials: tuple[int, ...] | None = None
) -> Outcomes:
    """Outcomes of all-positive reviews in which exactly the given predictions are right."""
    correct = np.array([np.asarray(arms[arm], bool) for arm in arms])  # (num_arms, num_trials, num_tests)
    _, num_trials, num_tests = correct.shape
    return Outcomes(
        trials=trials or tuple(range(num_trials)),
        arms=tuple(arms),
        probs=np.where(correct, 0.9, 0.1).astype(np.float32),
        labels=np.ones(num_tests, np.int8),
        ids=tuple(f"{prefix}{i}" for i in range(num_tests)),
    )


WORLDS = [
    pytest.param(World(), id="trials and reviews matter alike"),
    pytest.param(World(trial_of_arm=0.0), id="the arms gain alike in every trial"),
    pytest.param(World(trial=0.3, trial_of_arm=0.25), id="trials differ much"),
    pytest.param(World(basic=1.9, elmo=2.2, review_of_arm=0.3), id="nine of ten reviews are easy"),
]
