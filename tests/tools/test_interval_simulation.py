"""Experiments with draws from a finite pool, in short."""

from __future__ import annotations

import numpy as np
import pytest

from tools.interval_simulation import POOL_SIZE, World, cyclic_draws, experiment, mean_overlap, permuted_draws, simulate

TRIALS_MATTER = World(trial=0.12, from_reviews=1.0)


def test_draws_that_overlap_much_say_little_about_other_reviews_of_this_kind() -> None:
    small, large = (simulate(TRIALS_MATTER, share, 5, num_experiments=150, draw=permuted_draws) for share in (0.1, 0.5))
    assert min(small.these_reviews, large.these_reviews) > 0.9
    assert small.this_kind > 0.88
    assert large.this_kind < 0.85
    assert large.corrected > 0.9
    assert large.times_as_wide > small.times_as_wide > 1


def test_cyclic_draws_of_few_reviews_have_none_in_common() -> None:
    rng = np.random.default_rng(0)
    for draws in (cyclic_draws(rng, 5, POOL_SIZE // 10), permuted_draws(rng, 5, POOL_SIZE // 10)):
        assert all(len(set(drawn.tolist())) == POOL_SIZE // 10 for drawn in draws)
    assert mean_overlap(cyclic_draws(rng, 5, POOL_SIZE // 10)) == 0.0
    assert mean_overlap(permuted_draws(rng, 40, POOL_SIZE // 10)) == pytest.approx(0.1, abs=0.02)


def test_effects_have_the_deviations_that_the_world_says() -> None:
    rng, world = np.random.default_rng(0), World(trial=0.5, from_reviews=0.5, review=0.0, rest=0.0)
    means = [experiment(world, permuted_draws(rng, 1, 20), rng)[0].mean() for _ in range(600)]
    assert np.std(means) == pytest.approx(0.5, rel=0.1)
    assert np.mean(means) == pytest.approx(0.0, abs=0.06)
