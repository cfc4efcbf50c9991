"""What the run store holds: runs, and sweeps of runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.draw import draw_trial
from core.experiment.provenance import Provenance, listed, require_predictable

if TYPE_CHECKING:
    from core.data.review_pool import ReviewPool

Status = Literal["queued", "running", "finished", "cancelled", "failed", "interrupted"]

_MANY_COMPUTED = 200  # reviews, from which their number per second is a speed
STALE_AFTER_S = 15.0  # the driver is dead if its last heartbeat is so long ago, or so far ahead since a clock was set back


@dataclass(frozen=True)
class Run:
    """One row of the store without its results.

    Attributes:
        status: "interrupted" if its driver died while it was queued or running.
        message: Why it failed, one sentence; otherwise empty.
        phase_s: Seconds per phase, all attempts together.
        reviews_per_s: Speed of embedding over all attempts; None if all vectors came from the cache.
        coverage: Share of the tokens in its reviews that the static vectors know; None before it ends or without static vectors.
        test_ids: Ids of the test reviews, in the order of the probabilities.
        test_labels: 0 or 1 for each test review; empty if an earlier version stored the run.
        train_pool_size: Training reviews of the dataset, which its trials draw from as `core.experiment.draw` does; None before
            its reviews are loaded, and for runs of versions that drew otherwise.
        num_computed: Reviews embedded by all attempts, without those from the cache; 0 if an earlier version stored the run.
        provenance: What its names stood for when it was trained; when it was started, before its first task.
        is_example: Whether it was shipped, see `core.example`: not to be renamed, deleted or mixed with one's own.
    """

    id: str
    name: str
    config: ExperimentConfig
    status: Status
    message: str
    created_at: datetime
    phase_s: Mapping[str, float]
    reviews_per_s: float | None
    coverage: float | None
    test_ids: tuple[str, ...]
    test_labels: tuple[int, ...] = ()
    train_pool_size: int | None = None
    num_computed: int = 0
    provenance: Provenance = field(default_factory=Provenance)
    is_example: bool = False

    @property
    def is_active(self) -> bool:
        """Whether it is waiting or running."""
        return self.status in ("queued", "running")

    @property
    def is_finished(self) -> bool:
        """Whether all its pairs are trained."""
        return self.status == "finished"

    @property
    def can_resume(self) -> bool:
        """Whether it ended early, so that `Engine.resume` can finish it."""
        return self.status in ("interrupted", "cancelled", "failed")

    def require_predictable(self, now: Provenance) -> None:
        """Raise `UserError` if its heads would read other vectors now than they were trained on."""
        require_predictable(self.provenance, now, f"The models of the run {self.id}")

    def require_resumable(self, now: Provenance) -> None:
        """Raise `UserError` if its remaining trials would not belong to those that are finished."""
        if changes := self.provenance.changes(now):
            raise UserError(
                f"The run {self.id} cannot be resumed, because {listed(changes)} changed after its first trials; "
                "train a new run.",
                code="provenance-changed",
            )
        if unknown := self.provenance.unknown:
            raise UserError(
                f"The run {self.id} cannot be resumed, because the version that started it did not record {listed(unknown)}; "
                "train a new run.",
                code="provenance-unknown",
            )

    def require_tested_on(self, test_ids: Sequence[str], test_labels: Sequence[int], reviews: Provenance) -> None:
        """Raise `UserError` unless these are its test reviews, their labels and its dataset, as far as they were stored."""
        if self.provenance.changes(reviews):
            raise self.dataset_changed()
        if self.test_ids not in ((), tuple(test_ids)) or self.test_labels not in ((), tuple(test_labels)):
            raise UserError(
                f"The run {self.id} cannot be resumed, because other test reviews would be drawn now than for its first trials; "
                "train a new run.",
                code="test-reviews-changed",
            )

    def require_drawn_from(self, pool: ReviewPool) -> None:
        """Raise `UserError` unless its dataset, as it is now, gives the draws again that its trials were trained on."""
        if self.train_pool_size is None:
            raise UserError(
                f"Which reviews the run {self.id} drew is not known, because it has not begun or an earlier version drew them "
                "otherwise; wait for it, or train a new run.",
                code="draws-unknown",
            )
        if self.train_pool_size != len(pool.train) or self.provenance.changes(Provenance(reviews=pool.digest)):
            raise self.dataset_changed()
        if self.test_ids != tuple(pool.ids[row] for row in draw_trial(pool, self.config, 0).test):
            raise self.dataset_changed()

    def dataset_changed(self) -> UserError:
        """The error for a dataset that has other reviews than when the run was started."""
        return UserError(
            f'The dataset "{self.config.dataset}" has other reviews than when the run {self.id} was started; '
            "add the former file again under that name, or train a new run.",
            code="dataset-changed",
        )


def lowest_coverage(runs: Iterable[Run | None]) -> float | None:
    """The lowest coverage of several runs; None if it is known of none."""
    return min((run.coverage for run in runs if run is not None and run.coverage is not None), default=None)


@dataclass(frozen=True)
class Sweep:
    """Several runs that differ in their training size only: the points of a learning curve.

    Attributes:
        config: Of the smallest run.
        train_sizes: Ascending.
        run_ids: The run for each size; some may have been deleted.
        reused: For each size, how many (trial, arm) pairs earlier runs had finished when the sweep was started.
        is_example: As in `Run`.
    """

    id: str
    name: str
    config: ExperimentConfig
    train_sizes: tuple[int, ...]
    run_ids: tuple[str, ...]
    created_at: datetime
    reused: tuple[int, ...]
    is_example: bool = False

    @property
    def num_reused(self) -> int:
        """How many (trial, arm) pairs of the whole sweep earlier runs had finished."""
        return sum(self.reused)

    @property
    def configs(self) -> list[ExperimentConfig]:
        """The config for each size."""
        return [self.config.model_copy(update={"train_size": train_size}) for train_size in self.train_sizes]

    @property
    def num_pairs(self) -> int:
        """How many (trial, arm) pairs the whole sweep has."""
        return len(self.train_sizes) * self.config.num_trials * len(self.config.arms)


@dataclass(frozen=True, eq=False)
class PastRun:
    """What an earlier run on this machine has read, and how fast it was.

    Attributes:
        config: Of the run.
        reviews_per_s: As in `Run`.
        trials: As from `TrialStore.table`, with the column run_id.
        num_computed: As in `Run`.
        busy_s: Seconds that its workers embedded and trained; 0 if unknown.
        reference_s: Seconds to train and test a bag of words, mean of its trials; None without any.
        provenance: As in `Run`.
        ended_s: When it ended, in seconds since 1970, if nothing interrupted it.
    """

    config: ExperimentConfig
    reviews_per_s: float | None
    trials: pd.DataFrame
    num_computed: int = 0
    busy_s: float = 0.0
    reference_s: float | None = None
    provenance: Provenance = field(default_factory=Provenance)
    ended_s: float = 0.0


def usual_tokens_read(max_tokens: int) -> float:
    """Mean number of tokens that are read of a review of IMDB; most reviews are shorter than a high limit."""
    return float(np.interp(max_tokens, (0, 128, 256, 512, 1024), (0, 122, 193, 245, 266)))


def measured_reviews_per_s(config: ExperimentConfig, past: Sequence[PastRun]) -> float | None:
    """Speed of embedding of the newest run with the same ELMo, in inverse proportion to the tokens that are read of a review.

    A run that had few reviews to read counts only if no other had more.
    """
    for run in sorted(past, key=lambda run: run.num_computed < _MANY_COMPUTED):
        if run.reviews_per_s and run.config.elmo == config.elmo:
            passes = run.config.num_elmo_passes / config.num_elmo_passes
            return run.reviews_per_s * passes * usual_tokens_read(run.config.max_tokens) / usual_tokens_read(config.max_tokens)
    return None
