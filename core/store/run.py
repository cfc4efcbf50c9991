"""What the run store holds: runs and sweeps, and how they come out of a database's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pandas as pd

from core.embedders.hub_modules import module_version
from core.errors import UserError
from core.experiment.config import ARMS, ExperimentConfig

Status = Literal["queued", "running", "finished", "cancelled", "failed", "interrupted"]

STALE_AFTER_S = 15.0  # a driver without a sign of life for so long is dead


@dataclass(frozen=True)
class Run:
    """One row of the store without its results.

    Attributes:
        status: "interrupted" if it says queued or running but whoever drove it is gone.
        message: Why it failed, one sentence; otherwise empty.
        phase_s: Seconds per phase of the last attempt.
        reviews_per_s: Speed of embedding, where the run embedded anything that was not in the cache.
        coverage: Share of the tokens of its reviews that the static vectors know; None before it ends or without static vectors.
        test_ids: Ids of the test reviews in the order of the probabilities.
        elmo_version: Of the ELMo module when the run was made, see `hub_modules`; empty without ELMo or if not stored.
        test_labels: 0 or 1 of each of them; empty for runs of a version that did not store it.
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
    elmo_version: str = ""

    @property
    def is_active(self) -> bool:
        """Whether somebody drives it now."""
        return self.status in ("queued", "running")

    @property
    def is_finished(self) -> bool:
        """Whether every pair is trained."""
        return self.status == "finished"

    @property
    def can_resume(self) -> bool:
        """Whether `Engine.resume` has something to do."""
        return self.status in ("interrupted", "cancelled", "failed")

    @property
    def has_installed_vectors(self) -> bool:
        """Whether its heads were trained on the vectors that its ELMo gives today."""
        return self.elmo_version == installed_elmo(self.config)

    def require_installed_vectors(self) -> None:
        """Raises `UserError` if its ELMo gives other vectors today than its heads were trained on."""
        if not self.has_installed_vectors:
            raise UserError(
                f"The run {self.id} was trained with another version of {self.config.elmo} than is installed now, "
                "so its models cannot be used; train it again.",
                code="elmo-changed",
            )

    def is_tested_on(self, test_ids: Sequence[str], test_labels: Sequence[int]) -> bool:
        """Whether these are its test reviews with their labels, as far as it was stored with any."""
        return self.test_ids in ((), tuple(test_ids)) and self.test_labels in ((), tuple(test_labels))


@dataclass(frozen=True)
class Sweep:
    """Several runs that differ in their training size only: the points of a learning curve.

    Attributes:
        config: Of the smallest run.
        train_sizes: Ascending.
        run_ids: The run of each size; some may have been deleted since.
        reused: By size, (trial, arm) pairs of `run_ids` that were finished by earlier runs when the sweep took them.
    """

    id: str
    name: str
    config: ExperimentConfig
    train_sizes: tuple[int, ...]
    run_ids: tuple[str, ...]
    created_at: datetime
    reused: tuple[int, ...]

    @property
    def num_reused(self) -> int:
        """(trial, arm) pairs of the whole sweep that were finished by earlier runs."""
        return sum(self.reused)

    @property
    def configs(self) -> list[ExperimentConfig]:
        """The config of each size."""
        return [self.config.model_copy(update={"train_size": train_size}) for train_size in self.train_sizes]

    @property
    def num_pairs(self) -> int:
        """(trial, arm) pairs of the whole sweep."""
        return len(self.train_sizes) * self.config.num_trials * len(self.config.arms)


@dataclass(frozen=True, eq=False)
class PastRun:
    """What a run says about the speed of its machine.

    Attributes:
        config: Of the run.
        reviews_per_s: As in `Run`.
        results: As from `TrialStore.table`, with the column run_id.
    """

    config: ExperimentConfig
    reviews_per_s: float | None
    results: pd.DataFrame


def installed_elmo(config: ExperimentConfig) -> str:
    """Version of the ELMo that a config means; empty if no arm uses ELMo or no module is there."""
    return module_version(config.elmo) if any("elmo" in ARMS[arm] for arm in config.arms) else ""
