"""Which reviews a trial trains, validates and tests on."""

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
    """Compare the sizes of a config with those of its pool.

    Raises:
        UserError: More reviews are asked for than the pool has.
    """
    if config.num_labelled > len(pool.train):
        extra = f" and {config.validation_size:,} for validation" if config.validation == "separate" else ""
        raise UserError(
            f"{config.train_size:,} training reviews{extra} were asked for, but {pool.name} has {len(pool.train):,}; "
            f"choose a smaller training size{' or validate on a fifth of it' if extra else ''}."
        )
    if config.test_size > len(pool.test):
        raise UserError(
            f"{config.test_size:,} test reviews were asked for, but {pool.name} has {len(pool.test):,}; "
            "choose a smaller test size."
        )


@dataclass(frozen=True, eq=False)
class Draw:
    """The reviews of one trial, as int64 indices into the pool; no review is in two of them."""

    train: IndexArray
    validation: IndexArray
    test: IndexArray


def draw_trial(pool: ReviewPool, config: ExperimentConfig, trial: int) -> Draw:
    """Draw the reviews of a trial; every arm uses the same draw.

    Trial i at size n has the first n of permutation i, so that the reviews of a smaller size are among those of a larger one.
    "fifth" keeps every fifth of them for validation, so that training and validation reviews are nested too; "separate"
    validates on the far end of the permutation. Test reviews depend on the seed alone.

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
