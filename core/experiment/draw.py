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

_GOLDEN_RATIO = 0.6180339887498949  # of a circle


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


def first_position(trial: int, pool_size: int) -> int:
    """Where the draw of a trial starts in the permutation of so many reviews."""
    return int(trial * _GOLDEN_RATIO % 1 * pool_size)


def draw_trial(pool: ReviewPool, config: ExperimentConfig, trial: int) -> Draw:
    """Draws the reviews of a trial; every arm uses the same draw.

    There is one permutation of the N training reviews per seed. Trial i takes n of them from the start frac(i * 0.618...) * N on,
    and after the last goes on with the first. So k trials have no review in common up to k * n of about N / 2 (0.71 N for three
    trials, 0.73 N for five, 0.56 N for ten), and a larger size includes the reviews of a smaller one. "fifth" takes every fifth
    of the n for validation, so that training and validation reviews are nested too; "separate" validates on the reviews just
    before the start, in addition. Test reviews depend only on the seed.

    Raises:
        UserError: The pool is too small.

    Reference: Knuth, The Art of Computer Programming 3, section 6.4 (multiples of the golden ratio spread over a circle most
    evenly).
    """
    require_enough_reviews(config, pool)
    permutation = np.random.default_rng((config.seed, 0)).permutation(pool.train)
    from_start = np.roll(permutation, -first_position(trial, len(permutation)))
    drawn = from_start[: config.train_size]
    if config.validation == "fifth":
        is_validation = np.arange(len(drawn)) % 5 == 4
        train, validation = drawn[~is_validation], drawn[is_validation]
    else:
        train, validation = drawn, from_start[::-1][: config.validation_size]
    test = np.random.default_rng(config.seed).permutation(pool.test)[: config.test_size]
    return Draw(train=train, validation=validation, test=test)
