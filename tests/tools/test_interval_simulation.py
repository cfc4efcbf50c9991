"""Experiments with draws from a finite pool, in short."""

from __future__ import annotations

import numpy as np
import pytest

from core.experiment.overlap import mean_overlap as of_experiments
from tools.interval_simulation import (
    NUM_TRIALS,
    POOL_SIZE,
    SHARES,
    World,
    cyclic_draws,
    experiment,
    mean_overlap,
    permuted_draws,
    simulate,
)

NUM_EXPERIMENTS = 150
TRIALS_MATTER = World(trial=0.12, from_reviews=1.0)


def test_without_allowance_draws_that_overlap_much_say_little_about_other_reviews_of_this_kind() -> None:
    small, large = (simulate(TRIALS_MATTER, share, 5, num_experiments=150, draw=permuted_draws) for share in (0.1, 0.5))
    assert min(small.these_reviews, large.these_reviews) > 0.9
    assert small.this_kind > 0.88
    assert large.this_kind < 0.85
    assert large.shown > large.this_kind  # not where more than half is shared
    assert large.times_as_wide > small.times_as_wide > 1


@pytest.mark.parametrize("num_trials", NUM_TRIALS)
@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("world", [TRIALS_MATTER, World(trial=0.05, from_reviews=0.75)])
def test_the_interval_that_is_shown_holds_for_other_reviews_of_this_kind(world: World, share: float, num_trials: int) -> None:
    found = simulate(world, share, num_trials, num_experiments=NUM_EXPERIMENTS, draw=cyclic_draws)
    by_chance = 2.6 * (0.92 * 0.08 / NUM_EXPERIMENTS) ** 0.5
    assert found.shown >= 0.92 - by_chance


def test_draws_are_those_of_experiments() -> None:
    shares = [mean_overlap(cyclic_draws(np.random.default_rng(0), 5, size)) for size in (20, 50, 100, 200)]
    assert shares == pytest.approx([of_experiments(size, POOL_SIZE, range(5)) for size in (20, 50, 100, 200)])


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
