"""How many training reviews the trials of a run have in common, also of runs that were drawn in an earlier way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import BoolArray, IndexArray
from core.data.review_pool import hashed_to_test
from core.experiment.config import ExperimentConfig
from core.experiment.draw import first_position

if TYPE_CHECKING:
    from core.data.review_pool import ReviewPool

_MANY_TRIALS = 1000  # from which on more of them change the mean no longer


@dataclass(frozen=True)
class Overlap:
    """What the trials of a run have in common.

    Attributes:
        share: Mean share of training reviews that two of its trials have in common, 0-1.
        train_size: Reviews of each trial.
        pool_size: Reviews that they are drawn from.
    """

    share: float
    train_size: int
    pool_size: int

    def with_trials(self, num_trials: int) -> float:
        """The share that another number of trials would have."""
        return mean_overlap(self.train_size, self.pool_size, range(min(num_trials, _MANY_TRIALS)))


def mean_overlap(train_size: int, pool_size: int, trials: Sequence[int]) -> float:
    """Mean share of training reviews that two trials have in common, drawn as `core.experiment.draw` does.

    Args:
        train_size: Reviews of each trial.
        pool_size: Reviews that they are drawn from.
        trials: Which trials; a single one has none in common with others.
    """
    starts = np.array([first_position(trial, pool_size) for trial in trials])
    apart = np.abs(starts[:, None] - starts)[np.triu_indices(len(starts), k=1)]  # (num_pairs,), the other way round the rest
    shared = np.maximum(train_size - apart, 0) + np.maximum(train_size - (pool_size - apart), 0)
    return float(shared.mean()) / train_size if len(shared) else 0.0


def earlier_test_reviews(pool: ReviewPool, config: ExperimentConfig) -> IndexArray:
    """The test reviews that versions drew which kept near copies of training reviews among them."""
    test = np.flatnonzero(hashed_to_test(pool.ids)).astype(np.int64)
    return np.random.default_rng(config.seed).permutation(test)[: config.test_size]


def earlier_overlap(pool: ReviewPool, config: ExperimentConfig, trials: Sequence[int]) -> Overlap:
    """The overlap of versions in which trial i took the first reviews of a permutation of its own; of two trials at least."""
    pool_size = int(np.count_nonzero(~hashed_to_test(pool.ids)))
    is_drawn: BoolArray = np.zeros((len(trials), pool_size), bool)
    for row, trial in zip(is_drawn, trials, strict=True):
        row[np.random.default_rng((config.seed, trial)).permutation(pool_size)[: config.train_size]] = True
    shared = is_drawn.astype(np.float32) @ is_drawn.T.astype(np.float32) / config.train_size
    share = float(shared[np.triu_indices(len(trials), k=1)].mean())
    return Overlap(share, config.train_size, pool_size)
