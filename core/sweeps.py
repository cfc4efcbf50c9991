"""Sweeps over training sizes: which runs a learning curve needs, what of them is trained already, and how far it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from core.errors import UserError
from core.estimate import estimate_sweep_s
from core.events import Pair, Progress
from core.experiment import ExperimentConfig, check_against, draw_trial, parse_config
from core.records import PastRun, Run, Status, Sweep
from core.reviews import ReviewPool
from core.runs import RunStore

# Shares of the bar, in passes over one review: what a head needs to see of it in training, and what embedding it costs.
_EPOCHS = 15
_EMBED_COST = 60  # one core embeds 40 reviews of 128 tokens a second, and trains on 2,500


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
        return [pair for pair in _pairs(self.config) if pair not in self.finished and pair not in self.taken]


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


@dataclass(frozen=True)
class SweepEstimate:
    """What a sweep will cost.

    Attributes:
        seconds: With nothing in the cache.
        num_reused: (trial, arm) pairs that earlier runs have finished, of `num_pairs`.
        num_pairs: Of the whole sweep.
    """

    seconds: float
    num_reused: int
    num_pairs: int


@dataclass(frozen=True)
class SweepProgress:
    """How a sweep stands.

    Attributes:
        fraction: How much is done, 0 to 1, for a bar.
        remaining_s: Seconds left; None while nobody works on it.
        num_finished: Finished (trial, arm) pairs, of `num_pairs`.
        num_pairs: Of the whole sweep.
        num_reused: Pairs among them that were finished before the sweep was started.
        runs: The run of each size; None where it was deleted.
        current: The run that computes, or the first that waits; None if none does either.
        status: "finished" once all runs are; "running" or "queued" while somebody drives one; else why not.
        message: Why it failed, one sentence; otherwise empty.
    """

    fraction: float
    remaining_s: float | None
    num_finished: int
    num_pairs: int
    num_reused: int
    runs: tuple[Run | None, ...]
    current: Run | None
    status: Status
    message: str

    @property
    def is_active(self) -> bool:
        """Whether somebody drives one of its runs now."""
        return self.status in ("queued", "running")

    @property
    def can_resume(self) -> bool:
        """Whether `Engine.resume_sweep` has something to do."""
        return self.status in ("interrupted", "cancelled", "failed")


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
    check_against(max(configs, key=lambda each: each.num_labelled), pool)
    test = draw_trial(pool, configs[0], 0).test
    test_ids, test_labels = tuple(pool.ids[i] for i in test), tuple(pool.labels[test].tolist())
    earlier = [
        run
        for run in store.find_runs(lambda stored: any(_shares_trials(stored, each) for each in configs))
        if run.is_tested_on(test_ids, test_labels) and run.has_installed_vectors
    ]
    finished = store.finished_pairs([run.id for run in earlier])
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
        store.take_over(run.id, planned.taken)
        if not planned.missing and not run.is_finished:
            store.set_status(run.id, "finished")
        runs.append(store.get_run(run.id))
    return runs


def same_sweep(plan: SweepPlan, store: RunStore) -> Sweep | None:
    """The newest stored sweep that is this plan already; runs of it that were deleted do not matter."""
    configs = [planned.config for planned in plan.runs]
    for sweep in store.list_sweeps():
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
        store.set_sweep_runs(sweep.id, run_ids, reused)
    return runs


def stored_runs(sweep: Sweep, store: RunStore) -> tuple[Run | None, ...]:
    """The run of each size; None where it was deleted."""
    found: list[Run | None] = []
    for run_id in sweep.run_ids:
        found.append(None)
        with suppress(UserError):
            found[-1] = store.get_run(run_id)
    return tuple(found)


def sweep_progress(
    sweep: Sweep,
    runs: Sequence[Run | None],
    finished: Mapping[str, Collection[Pair]],
    live: Mapping[str, Progress],
    *,
    pool_size: int,
    num_workers: int,
    past: Sequence[PastRun],
) -> SweepProgress:
    """Add up how the runs of a sweep stand.

    Args:
        sweep: As stored.
        runs: From `stored_runs`.
        finished: Pairs in the store, by run.
        live: Progress of the runs that this process drives.
        pool_size: Training reviews that trials are drawn from.
        num_workers: Worker processes.
        past: Runs whose speeds are known, the newest first.
    """
    kept = [run for run in runs if run is not None]
    active = [run for run in kept if run.is_active]
    current = next((run for run in active if run.status == "running"), active[0] if active else None)
    remaining_s = None
    if current is not None:
        remaining_s = _remaining_s(
            active, current, finished=finished, live=live, pool_size=pool_size, num_workers=num_workers, past=past
        )
    status = _status(runs)
    return SweepProgress(
        fraction=1.0 if status == "finished" else _fraction(sweep, runs, finished, live),
        remaining_s=remaining_s,
        num_finished=sum(len(finished.get(run.id, ())) for run in kept),
        num_pairs=sweep.num_pairs,
        num_reused=sum(reused for run, reused in zip(runs, sweep.reused, strict=True) if run is not None),
        runs=tuple(runs),
        current=current,
        status=status,
        message=next((run.message for run in kept if run.status == "failed"), "") if status == "failed" else "",
    )


def _plan_run(config: ExperimentConfig, earlier: Sequence[Run], finished: Mapping[str, set[Pair]]) -> PlannedRun:
    """Prefers a finished run of exactly this config, then one that is going, then the one with the most finished pairs."""
    exact = [run for run in earlier if run.config == config]
    run = max(exact, key=lambda run: (run.is_finished, run.is_active, len(finished[run.id])), default=None)
    if run is not None and (run.is_finished or run.is_active):
        return PlannedRun(config, run, finished[run.id], {})
    present = finished[run.id] if run is not None else set()
    sources = {pair: other.id for other in earlier for pair in finished[other.id]}
    return PlannedRun(config, run, present, {pair: sources[pair] for pair in _pairs(config) if pair in sources.keys() - present})


def _shares_trials(config: ExperimentConfig, other: ExperimentConfig) -> bool:
    """Whether both draw and train the same in every trial that both have."""
    return config.model_copy(update={"num_trials": other.num_trials}) == other


def _pairs(config: ExperimentConfig) -> Iterator[Pair]:
    return ((trial, arm) for trial in range(config.num_trials) for arm in config.arms)


def _status(runs: Sequence[Run | None]) -> Status:
    statuses = ["interrupted" if run is None else run.status for run in runs]
    for status in ("running", "queued", "failed", "cancelled", "interrupted"):
        if status in statuses:
            return status
    return "finished"


def _fraction(
    sweep: Sweep,
    runs: Sequence[Run | None],
    finished: Mapping[str, Collection[Pair]],
    live: Mapping[str, Progress],
) -> float:
    """Each run counts in proportion to what it costs, embedding only by the reviews that the size before it does not have."""
    done = total = 0.0
    previous_size = -sweep.config.test_size / sweep.config.num_trials  # the smallest run also embeds the test reviews
    for config, run in zip(sweep.configs, runs, strict=True):
        num_pairs = config.num_trials * len(config.arms)
        embed_cost = (config.train_size - previous_size) * config.num_trials * _EMBED_COST
        train_cost = (config.train_size * _EPOCHS + config.test_size) * num_pairs
        previous_size = config.train_size
        total += embed_cost + train_cost
        if run is None:
            continue
        if run.is_finished:
            done += embed_cost + train_cost
            continue
        progress = live.get(run.id, Progress())
        trained_share = max(len(finished.get(run.id, ())) / num_pairs, progress.trained_share)
        done += progress.embedded_share * embed_cost + trained_share * train_cost
    return done / total


def _remaining_s(
    active: Sequence[Run],
    current: Run,
    *,
    finished: Mapping[str, Collection[Pair]],
    live: Mapping[str, Progress],
    pool_size: int,
    num_workers: int,
    past: Sequence[PastRun],
) -> float:
    """What the current run says of itself, and an estimate for those that wait; of all while it says nothing."""
    missing = [(run.config, set(_pairs(run.config)) - set(finished.get(run.id, ()))) for run in active]
    current_s = live[current.id].remaining_s if current.id in live else None  # another process may drive it
    if current_s is None:
        return estimate_sweep_s(missing, pool_size, num_workers, past)
    waiting = [(config, pairs) for config, pairs in missing if config != current.config]
    return current_s + estimate_sweep_s(waiting, pool_size, num_workers, past, embedded=current.config)


def _listed(sizes: Sequence[int]) -> str:
    return ", ".join(f"{size:,}" for size in sizes) or "none"
