"""How far a sweep over training sizes is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from core.engine.estimate import Missing
from core.experiment.config import ExperimentConfig
from core.experiment.events import Pair, Progress
from core.store.run import Run, Status, Sweep

# Seconds that runs still take, without the reviews of the run of the second argument.
Estimate = Callable[[Missing, ExperimentConfig | None], float]

# Shares of the bar, in passes of a head over one review: how many its training takes, and how many embedding it is worth.
_EPOCHS = 15
_EMBED_COST = 60  # one core embeds 5,000 tokens a second, and trains on 300,000


@dataclass(frozen=True)
class SweepProgress:
    """The progress of a sweep.

    Attributes:
        fraction: How much is done, 0 to 1, for a bar.
        remaining_s: Seconds left; None if no run is waiting or running.
        num_finished: Finished (trial, arm) pairs, of `num_pairs`.
        num_pairs: Of the whole sweep.
        num_reused: Pairs among them that were finished before the sweep was started.
        runs: The run for each size; None where it was deleted.
        current: The run that is running, or the first that is waiting; None if there is neither.
        status: "running" or "queued" if a run is; "finished" if all are; else how the first that ended early did.
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
        """Whether one of its runs is waiting or running."""
        return self.status in ("queued", "running")

    @property
    def can_resume(self) -> bool:
        """Whether it ended early, so that `Engine.resume_sweep` can finish it."""
        return self.status in ("interrupted", "cancelled", "failed")


def sweep_progress(
    sweep: Sweep,
    runs: Sequence[Run | None],
    finished: Mapping[str, Collection[Pair]],
    live: Mapping[str, Progress],
    *,
    estimate: Estimate,
) -> SweepProgress:
    """Add up the progress of the runs of a sweep.

    Args:
        sweep: As stored.
        runs: From `core.engine.sweep_plan.stored_runs`.
        finished: Pairs in the store, by run.
        live: Progress of the runs that this process drives now.
        estimate: How long runs take that have not begun.
    """
    kept = [run for run in runs if run is not None]
    active = [run for run in kept if run.is_active]
    current = next((run for run in active if run.status == "running"), active[0] if active else None)
    remaining_s = None
    if current is not None:
        remaining_s = _remaining_s(active, current, finished=finished, live=live, estimate=estimate)
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
    """Each run counts in proportion to its cost; embedding counts only reviews that no smaller size has."""
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
    estimate: Estimate,
) -> float:
    """What the current run reports, plus an estimate for those that wait; an estimate for all if it reports nothing."""
    missing = [(run.config, set(run.config.pairs) - set(finished.get(run.id, ()))) for run in active]
    current_s = live[current.id].remaining_s if current.id in live else None  # another process may drive it
    if current_s is None:
        return estimate(missing, None)
    waiting = [(config, pairs) for config, pairs in missing if config != current.config]
    return current_s + (estimate(waiting, current.config) if waiting else 0.0)
