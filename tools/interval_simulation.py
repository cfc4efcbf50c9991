"""Simulates experiments whose trials draw from one finite pool, and counts how often the interval covers the truth.

    python -m tools.interval_simulation [--experiments 1000] [--draw permutations]

A truth is the difference for other draws from these reviews, or for other reviews of this kind. Each cell is the lowest and the
highest coverage of nine simulated worlds, in percent: of the interval without allowance for shared training reviews, and of the
one that is shown. Nothing is trained: what a training review does to a model is a number.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.analysis.intervals import mean_squares
from core.arrays import DoubleArray, IndexArray
from core.experiment.draw import first_position

POOL_SIZE = 200
NUM_TESTS = 200
SHARES = (0.1, 0.25, 0.5)
NUM_TRIALS = (3, 5, 10)


@dataclass(frozen=True)
class World:
    """What the difference of two arms on one test review depends on, as standard deviations of normal effects.

    Attributes:
        trial: Between trials.
        from_reviews: Share of the trials' variance that their training reviews make, 0-1; initial weights make the rest.
        review: Between test reviews.
        rest: Of one trial on one test review; the same share of its variance comes from the training reviews.
    """

    trial: float
    from_reviews: float
    review: float = 0.4
    rest: float = 0.3


WORLDS = tuple(World(trial, share) for trial in (0.02, 0.05, 0.12) for share in (0.5, 0.75, 1.0))


@dataclass(frozen=True)
class Coverage:
    """How often an interval covered the truth, 0-1.

    Attributes:
        these_reviews: For other draws from these reviews, without allowance for the training reviews that trials share.
        this_kind: For other reviews of this kind, without that allowance.
        shown: For other reviews of this kind, by the interval that is shown.
        times_as_wide: That interval against the one without allowance, as a mean.
    """

    these_reviews: float
    this_kind: float
    shown: float
    times_as_wide: float


def permuted_draws(rng: np.random.Generator, num_trials: int, train_size: int) -> IndexArray:
    """The first reviews of a permutation per trial; int64 (num_trials, train_size)."""
    return np.stack([rng.permutation(POOL_SIZE)[:train_size] for _ in range(num_trials)])


def cyclic_draws(rng: np.random.Generator, num_trials: int, train_size: int) -> IndexArray:
    """Draws as those of `core.experiment.draw`: reviews of one permutation, cyclically, from a start per trial."""
    starts = np.array([first_position(trial, POOL_SIZE) for trial in range(num_trials)])
    drawn: IndexArray = rng.permutation(POOL_SIZE)[(starts[:, None] + np.arange(train_size)) % POOL_SIZE]
    return drawn


Draws = Callable[[np.random.Generator, int, int], IndexArray]
DRAWS: dict[str, Draws] = {"permutations": permuted_draws, "cyclic": cyclic_draws}


def mean_overlap(draws: IndexArray) -> float:
    """Mean share of training reviews that two trials have in common."""
    num_trials, train_size = draws.shape
    is_drawn = _is_drawn(draws)
    shared = is_drawn @ is_drawn.T / train_size  # (num_trials, num_trials)
    return float(shared[np.triu_indices(num_trials, k=1)].mean())


def _is_drawn(draws: IndexArray) -> DoubleArray:
    is_drawn = np.zeros((len(draws), POOL_SIZE))
    np.put_along_axis(is_drawn, draws, 1.0, axis=1)
    return is_drawn


def experiment(world: World, draws: IndexArray, rng: np.random.Generator) -> tuple[DoubleArray, float]:
    """Differences of two arms that are equally good for all reviews of this kind.

    Returns:
        float64 (num_trials, NUM_TESTS), and the true difference for draws from this pool.
    """
    train_size = draws.shape[1]
    effects = rng.standard_normal((POOL_SIZE, NUM_TESTS + 1))  # of a training review: on each test review, and on all alike
    means = _is_drawn(draws) @ effects / train_size**0.5  # (num_trials, NUM_TESTS + 1), of deviation 1 over many pools
    seeds = rng.standard_normal(means.shape)
    both = world.from_reviews**0.5 * means + (1 - world.from_reviews) ** 0.5 * seeds
    table = world.trial * both[:, -1:] + world.rest * both[:, :-1] + world.review * rng.standard_normal(NUM_TESTS)
    truth = world.trial * world.from_reviews**0.5 * train_size**0.5 * effects[:, -1].mean()
    return table, float(truth)


def simulate(world: World, share: float, num_trials: int, *, num_experiments: int, draw: Draws) -> Coverage:
    """Coverage of the interval with draws that take a share of the pool."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(num_experiments):
        draws = draw(rng, num_trials, round(share * POOL_SIZE))
        table, truth = experiment(world, draws, rng)
        mean, half_width = float(table.mean()), mean_squares(table).half_width
        shown = mean_squares(table, mean_overlap(draws)).half_width
        found.append((abs(mean - truth) <= half_width, abs(mean) <= half_width, abs(mean) <= shown, shown / half_width))
    return Coverage(*np.mean(found, axis=0).tolist())


def main() -> None:
    parser = argparse.ArgumentParser(description="Count how often the interval covers the truth with draws from a finite pool.")
    parser.add_argument("--experiments", type=int, default=1000, metavar="N", help="per world and cell")
    parser.add_argument(
        "--draw", choices=DRAWS, default="cyclic", help="how trials draw from the pool: as they do, or as they did"
    )
    arguments = parser.parse_args()
    names = ["n/N", "trials", "these reviews", "this kind", "as shown", "times as wide"]
    print(" | ".join(names))
    lowest = 1.0
    for share, num_trials in itertools.product(SHARES, NUM_TRIALS):
        found = [
            simulate(world, share, num_trials, num_experiments=arguments.experiments, draw=DRAWS[arguments.draw])
            for world in WORLDS
        ]
        lowest = min(lowest, *(each.shown for each in found))
        widths = [each.times_as_wide for each in found]
        cells = [
            f"{share}",
            f"{num_trials}",
            *(_span([getattr(each, name) for each in found]) for name in ("these_reviews", "this_kind", "shown")),
            f"{min(widths):.2f}-{max(widths):.2f}",
        ]
        print(" | ".join(cell.ljust(len(name)) for cell, name in zip(cells, names, strict=True)), flush=True)
    by_chance = (lowest * (1 - lowest) / arguments.experiments) ** 0.5
    print(f"Lowest coverage as shown: {lowest * 100:.1f} %; standard error by chance {by_chance * 100:.1f}.")


def _span(shares: list[float]) -> str:
    return f"{min(shares) * 100:.0f}-{max(shares) * 100:.0f}"


if __name__ == "__main__":
    main()
