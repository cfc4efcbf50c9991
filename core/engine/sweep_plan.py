"""What a sweep over training sizes needs: which runs, and what of them earlier runs have trained already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from core.data.review_pool import ReviewPool
from core.errors import UserError
from core.experiment.config import ExperimentConfig, parse_config
from core.experiment.draw import draw_trial, require_enough_reviews
from core.experiment.events import Pair
from core.store.run import Run, Sweep
from core.store.run_store import RunStore


@dataclass(frozen=True)
class PlannedRun:
    """One size of a sweep that is not started yet.

    Attributes:
        config: Of the run.
        run: A stored run of exactly this config, which the sweep will use; None if it needs a new one.
        finished: Pairs that `run` has.
        taken: Pairs to be copied from runs that differ in their number of trials only, with the id of such a run.
    """

    config: ExperimentConfig
    run: Run | None
    finished: Collection[Pair]
    taken: Mapping[Pair, str]

    @property
    def num_reused(self) -> int:
        """Pairs that need no training."""
        return len(self.finished) + len(self.taken)

    @property
    def missing(self) -> list[Pair]:
        """Pairs that must be trained."""
        return [pair for pair in self.config.pairs if pair not in self.finished and pair not in self.taken]


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep consists of before it is started.

    Attributes:
        runs: One for each size, ascending.
        test_ids: Ids of the test reviews, the same for all sizes.
        test_labels: 0 or 1 of each.
    """

    runs: tuple[PlannedRun, ...]
    test_ids: tuple[str, ...]
    test_labels: tuple[int, ...]

    @property
    def train_sizes(self) -> tuple[int, ...]:
        """Ascending."""
        return tuple(planned.config.train_size for planned in self.runs)

    @property
    def num_reused(self) -> int:
        """Pairs that earlier runs have finished."""
        return sum(planned.num_reused for planned in self.runs)


def plan_sweep(config: ExperimentConfig, train_sizes: Sequence[int], pool: ReviewPool, store: RunStore) -> SweepPlan:
    """Find out which runs a sweep needs and what earlier runs have of them; nothing is changed.

    Trial i draws the same reviews in every run of the same config, however many trials it has, so a finished one is as good as
    one trained anew. Runs that were tested on other reviews or labels, because their dataset was another one then, do not count.

    Args:
        config: Of all runs; its `train_size` does not matter.
        train_sizes: In any order; equal ones count once.
        pool: The dataset's reviews.
        store: With earlier runs, or without.

    Raises:
        UserError: There are fewer than two sizes, or one is too small or too large.
    """
    sizes = sorted(set(train_sizes))
    if len(sizes) < 2:
        raise UserError(f"A learning curve needs at least two training sizes, got {_listed(sizes)}; choose more of them.")
    configs = [parse_config({**config.model_dump(), "train_size": size}) for size in sizes]
    require_enough_reviews(max(configs, key=lambda each: each.num_labelled), pool)
    test = draw_trial(pool, configs[0], 0).test
    test_ids, test_labels = tuple(pool.ids[i] for i in test), tuple(pool.labels[test].tolist())
    earlier = [
        run
        for run in store.find_runs(lambda stored: any(_shares_trials(stored, each) for each in configs))
        if run.is_tested_on(test_ids, test_labels) and run.has_installed_vectors
    ]
    finished = store.trials.finished_pairs([run.id for run in earlier])
    return SweepPlan(
        runs=tuple(_plan_run(each, [run for run in earlier if _shares_trials(run.config, each)], finished) for each in configs),
        test_ids=test_ids,
        test_labels=test_labels,
    )


def carry_out(plan: SweepPlan, store: RunStore) -> list[Run]:
    """Make the runs that the plan lacks and copy into them what is finished elsewhere; nothing is trained here.

    Returns:
        The run of each size; those with nothing left to train are finished.
    """
    runs = []
    for planned in plan.runs:
        run = planned.run or store.create_run(planned.config)
        if planned.run is None:
            store.set_test_ids(run.id, plan.test_ids, plan.test_labels)
        store.trials.copy_pairs(run, planned.taken)
        if not planned.missing and not run.is_finished:
            store.set_status(run.id, "finished")
        runs.append(store.get_run(run.id))
    return runs


def same_sweep(plan: SweepPlan, store: RunStore) -> Sweep | None:
    """The newest stored sweep that is this plan already; runs of it that were deleted do not matter."""
    configs = [planned.config for planned in plan.runs]
    for sweep in store.sweeps.all():
        if sweep.configs == configs and all(
            run is None or (planned.run is not None and planned.run.id == run.id)
            for planned, run in zip(plan.runs, stored_runs(sweep, store), strict=True)
        ):
            return sweep
    return None


def take_up(sweep: Sweep, plan: SweepPlan, store: RunStore) -> list[Run]:
    """`carry_out` for a sweep that is stored already: runs that were deleted get another in their place.

    Returns:
        The run of each size.
    """
    runs = carry_out(plan, store)
    run_ids = [run.id for run in runs]
    if tuple(run_ids) != sweep.run_ids:
        places = zip(run_ids, sweep.run_ids, sweep.reused, plan.runs, strict=True)
        reused = [was if run_id == its_id else planned.num_reused for run_id, its_id, was, planned in places]
        store.sweeps.set_runs(sweep.id, run_ids, reused)
    return runs


def stored_runs(sweep: Sweep, store: RunStore) -> tuple[Run | None, ...]:
    """The run of each size; None where it was deleted."""
    found: list[Run | None] = []
    for run_id in sweep.run_ids:
        found.append(None)
        with suppress(UserError):
            found[-1] = store.get_run(run_id)
    return tuple(found)


def _plan_run(config: ExperimentConfig, earlier: Sequence[Run], finished: Mapping[str, set[Pair]]) -> PlannedRun:
    """Prefers a finished run of exactly this config, then one that is going, then the one with the most finished pairs."""
    exact = [run for run in earlier if run.config == config]
    run = max(exact, key=lambda run: (run.is_finished, run.is_active, len(finished[run.id])), default=None)
    if run is not None and (run.is_finished or run.is_active):
        return PlannedRun(config, run, finished[run.id], {})
    present = finished[run.id] if run is not None else set()
    sources = {pair: other.id for other in earlier for pair in finished[other.id]}
    return PlannedRun(config, run, present, {pair: sources[pair] for pair in config.pairs if pair in sources.keys() - present})


def _shares_trials(config: ExperimentConfig, other: ExperimentConfig) -> bool:
    """Whether both draw and train the same in every trial that both have."""
    return config.model_copy(update={"num_trials": other.num_trials}) == other


def _listed(sizes: Sequence[int]) -> str:
    return ", ".join(f"{size:,}" for size in sizes) or "none"
