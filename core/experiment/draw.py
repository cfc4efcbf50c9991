"""Which reviews a trial is trained, validated and tested on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import IndexArray
from core.errors import UserError
from core.experiment.config import ExperimentConfig

if TYPE_CHECKING:
    from core.data.review_pool import ReviewPool


def require_enough_reviews(config: ExperimentConfig, pool: ReviewPool) -> None:
    """Checks that a pool has as many reviews as a config asks for.

    Raises:
        UserError: It has fewer.
    """
    if config.num_labelled > len(pool.train):
        extra = f" and {config.validation_size:,} for validation" if config.validation == "separate" else ""
        raise UserError(
            f"{config.train_size:,} training reviews{extra} were asked for, but {pool.name} has {len(pool.train):,}; "
            f"choose a smaller training size{' or validate on a fifth of it' if extra else ''}.",
            code="too-few-training-reviews",
        )
    if config.test_size > len(pool.test):
        raise UserError(
            f"{config.test_size:,} test reviews were asked for, but {pool.name} has {len(pool.test):,}; "
            "choose a smaller test size.",
            code="too-few-test-reviews",
        )


@dataclass(frozen=True, eq=False)
class Draw:
    """The reviews of one trial, as int64 indices into the pool; the three parts are disjoint."""

    train: IndexArray
    validation: IndexArray
    test: IndexArray


def draw_trial(pool: ReviewPool, config: ExperimentConfig, trial: int) -> Draw:
    """Draws the reviews of a trial; every arm uses the same draw.

    Trial i at size n takes the first n of permutation i, so that a larger size includes the reviews of a smaller one. "fifth"
    takes every fifth of them for validation, so that training and validation reviews are nested too; "separate" validates on the
    far end of the permutation. Test reviews depend only on the seed.

    Raises:
        UserError: The pool is too small.
    """
    require_enough_reviews(config, pool)
    permutation = np.random.default_rng((config.seed, trial)).permutation(pool.train)
    drawn = permutation[: config.train_size]
    if config.validation == "fifth":
        is_validation = np.arange(len(drawn)) % 5 == 4
        train, validation = drawn[~is_validation], drawn[is_validation]
    else:
        train, validation = drawn, permutation[::-1][: config.validation_size]
    test = np.random.default_rng(config.seed).permutation(pool.test)[: config.test_size]
    return Draw(train=train, validation=validation, test=test)
