"""The plan of a sweep over training sizes: which runs it needs, and which of their pairs earlier runs have trained."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from core.data.review_pool import ReviewPool
from core.errors import UserError
from core.experiment.config import ExperimentConfig, parse_config
from core.experiment.draw import draw_trial, require_enough_reviews
from core.experiment.events import Pair
from core.experiment.provenance import Provenance
from core.store.run import Run, Sweep
from core.store.run_store import RunStore


@dataclass(frozen=True)
class PlannedRun:
    """The run for one size of a sweep.

    Attributes:
        config: Of the run.
        run: The stored run of exactly this config that the sweep will use; None if it needs a new one.
        finished: Pairs that `run` has finished.
        sources: Pairs to be copied, each with the id of a run that differs in the number of trials only.
        referenced: Trials whose bag of words `run` has.
        reference_sources: Trials whose bag of words is to be copied, each with the id of a run that has it.
    """

    config: ExperimentConfig
    run: Run | None
    finished: Collection[Pair]
    sources: Mapping[Pair, str]
    referenced: Collection[int]
    reference_sources: Mapping[int, str]

    @property
    def num_reused(self) -> int:
        """How many pairs need no training."""
        return len(self.finished) + len(self.sources)

    @property
    def missing(self) -> list[Pair]:
        """Pairs that have to be trained."""
        return [pair for pair in self.config.pairs if pair not in self.finished and pair not in self.sources]

    @property
    def is_complete(self) -> bool:
        """Whether nothing has to be trained, pairs or bags of words."""
        return not self.missing and {*self.referenced, *self.reference_sources} >= set(self.config.reference_trials)


@dataclass(frozen=True)
class SweepPlan:
    """A sweep before it is started.

    Attributes:
        runs: One for each size, ascending.
        test_ids: Ids of the test reviews, the same for all sizes.
        provenance: What the names in the config stood for when it was planned.
        test_labels: 0 or 1 for each test review.
        train_pool_size: Training reviews of the dataset.
    """

    runs: tuple[PlannedRun, ...]
    test_ids: tuple[str, ...]
    test_labels: tuple[int, ...]
    train_pool_size: int
    provenance: Provenance

    @property
    def train_sizes(self) -> tuple[int, ...]:
        """Ascending."""
        return tuple(planned.config.train_size for planned in self.runs)

    @property
    def num_reused(self) -> int:
        """How many pairs earlier runs have finished."""
        return sum(planned.num_reused for planned in self.runs)


def plan_sweep(
    config: ExperimentConfig, train_sizes: Sequence[int], pool: ReviewPool, store: RunStore, provenance: Provenance
) -> SweepPlan:
    """Find the runs that a sweep needs and the pairs that earlier runs have finished; nothing is changed.

    Trial i draws the same reviews in every run of the same config, whatever the number of trials, so its pairs need not be
    trained again. Runs on other reviews, vectors or code than the names in the config stand for now do not count, and
    neither does the example.

    Args:
        config: Of all runs; its `train_size` does not matter.
        train_sizes: In any order; equal ones count once.
        pool: The dataset's reviews.
        store: With earlier runs, if any.
        provenance: What the names in the config stand for now.

    Raises:
        UserError: There are fewer than two sizes, or one is too small or too large.
    """
    sizes = sorted(set(train_sizes))
    if len(sizes) < 2:
        given = ", ".join(f"{size:,}" for size in sizes) or "none"
        raise UserError(f"A learning curve needs at least two training sizes, got {given}; add more.", code="curve-sizes")
    configs = [parse_config({**config.model_dump(), "train_size": size}) for size in sizes]
    require_enough_reviews(max(configs, key=lambda each: each.num_labelled), pool)
    test = draw_trial(pool, configs[0], 0).test
    test_ids, test_labels = tuple(pool.ids[i] for i in test), tuple(pool.labels[test].tolist())
    stored = store.find_runs(lambda its_config: any(_shares_trials(its_config, each) for each in configs))
    finished = store.trials.finished_pairs([run.id for run in stored])
    referenced = store.trials.finished_references([run.id for run in stored])
    earlier = [
        run
        for run in stored
        if not run.is_example
        and not run.provenance.changes(provenance)
        and (not finished[run.id] or (run.provenance.is_complete and _is_comparable(provenance)))
    ]
    return SweepPlan(
        runs=tuple(
            _plan_run(each, [run for run in earlier if _shares_trials(run.config, each)], finished, referenced)
            for each in configs
        ),
        test_ids=test_ids,
        test_labels=test_labels,
        train_pool_size=len(pool.train),
        provenance=provenance,
    )


def create_runs(plan: SweepPlan, store: RunStore) -> list[Run]:
    """Create the runs that are not stored yet and copy finished pairs into them; nothing is trained here.

    Returns:
        The run for each size; those with nothing left to train are finished.
    """
    runs = []
    for planned in plan.runs:
        run = planned.run or store.create_run(planned.config, plan.provenance)
        if not run.test_ids or planned.sources:
            store.set_draws(run.id, plan.test_ids, plan.test_labels, plan.train_pool_size)
        if planned.sources or planned.reference_sources:  # a run that is running or finished has none
            store.trials.copy_pairs(run, planned.sources, planned.reference_sources)
        for source_id in list(planned.sources.values())[:1]:  # all sources have the same provenance, and all of it is known
            store.set_provenance(run.id, store.get_run(source_id).provenance)
        if planned.is_complete and not run.is_finished:
            store.set_status(run.id, "finished")
        runs.append(store.get_run(run.id))
    return runs


def find_sweep(plan: SweepPlan, store: RunStore) -> Sweep | None:
    """The newest stored sweep with this plan, even if some of its runs were deleted."""
    configs = [planned.config for planned in plan.runs]
    for sweep in store.sweeps.all():
        if (
            not sweep.is_example
            and sweep.configs == configs
            and all(
                run is None or (planned.run is not None and planned.run.id == run.id)
                for planned, run in zip(plan.runs, stored_runs(sweep, store), strict=True)
            )
        ):
            return sweep
    return None


def replace_deleted_runs(sweep: Sweep, plan: SweepPlan, store: RunStore) -> list[Run]:
    """Create new runs in place of those that were deleted from a stored sweep.

    Returns:
        The run for each size.
    """
    runs = create_runs(plan, store)
    run_ids = [run.id for run in runs]
    if tuple(run_ids) != sweep.run_ids:
        sizes = zip(run_ids, sweep.run_ids, sweep.reused, plan.runs, strict=True)
        reused = [before if new_id == old_id else planned.num_reused for new_id, old_id, before, planned in sizes]
        store.sweeps.set_runs(sweep.id, run_ids, reused)
    return runs


def stored_runs(sweep: Sweep, store: RunStore) -> tuple[Run | None, ...]:
    """The run for each size; None where it was deleted."""
    found: list[Run | None] = []
    for run_id in sweep.run_ids:
        found.append(None)
        with suppress(UserError):
            found[-1] = store.get_run(run_id)
    return tuple(found)


def _plan_run(
    config: ExperimentConfig,
    earlier: Sequence[Run],
    finished: Mapping[str, set[Pair]],
    referenced: Mapping[str, set[int]],
) -> PlannedRun:
    """Prefer a finished run of exactly this config, then a waiting or running one, then the one with most finished pairs."""
    exact = [run for run in earlier if run.config == config]
    run = max(exact, key=lambda run: (run.is_finished, run.is_active, len(finished[run.id])), default=None)
    if run is not None and (run.is_finished or run.is_active):
        return PlannedRun(config, run, finished[run.id], {}, referenced[run.id], {})
    present = finished[run.id] if run is not None else set()
    found = {pair: other.id for other in earlier for pair in finished[other.id]}
    sources = {pair: found[pair] for pair in config.pairs if pair in found.keys() - present}
    present_references = referenced[run.id] if run is not None else set()
    bags = {trial: other.id for other in earlier for trial in referenced[other.id]}
    reference_sources = {trial: bags[trial] for trial in config.reference_trials if trial in bags.keys() - present_references}
    return PlannedRun(config, run, present, sources, present_references, reference_sources)


def _is_comparable(now: Provenance) -> bool:
    """Whether enough is known to reuse trials: everything here, and on a cluster what its workers say later."""
    return now.is_complete or now.reading is None


def _shares_trials(config: ExperimentConfig, other: ExperimentConfig) -> bool:
    """Whether both configs draw the same reviews and train the same way, trial by trial."""
    same = ("num_trials", "allow_low_coverage", "bag_of_words")
    return config.model_copy(update={name: getattr(other, name) for name in same}) == other
