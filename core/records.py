"""What the run store holds: runs and sweeps, and how they come out of a database's rows."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

import pandas as pd
import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.engine import Connection, Row

from core import schema
from core.embedders.modules import module_version
from core.errors import UserError
from core.experiment import ARMS, ExperimentConfig

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
        elmo_version: Of the ELMo module when the run was made, see `core.embedders.modules`; empty without ELMo or if not stored.
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
                "so its models cannot be used; train it again."
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
        results: As from `ResultStore.trials`, with the column run_id.
    """

    config: ExperimentConfig
    reviews_per_s: float | None
    results: pd.DataFrame


def installed_elmo(config: ExperimentConfig) -> str:
    """Version of the ELMo that a config means; empty if no arm uses ELMo or no module is there."""
    return module_version(config.elmo) if any("elmo" in ARMS[arm] for arm in config.arms) else ""


def read_run(connection: Connection, run_id: str) -> Run:
    """The run with an id.

    Raises:
        UserError: There is none, or another version stored it with settings that this one does not know.
    """
    query = sa.select(schema.runs).where(schema.runs.c.id == run_id, schema.is_kept(schema.runs))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise no_run(run_id)
    return run_of(row)


def no_run(*run_ids: str) -> UserError:
    """What is said of ids that the store does not have."""
    named = ", ".join(repr(run_id) for run_id in run_ids)
    return UserError(f"There is no run {named} in this store; it was deleted, or it is in another data folder.")


def readable_runs(rows: Sequence[Row[Any]]) -> list[Run]:
    """The runs of some rows, without those of another version whose settings this one does not know."""
    runs = []
    for row in rows:
        with suppress(UserError):
            runs.append(run_of(row))
    return runs


def run_of(row: Row[Any]) -> Run:
    """The run of a row.

    Raises:
        UserError: Another version stored it, with settings that this one does not know.
    """
    return Run(
        id=row.id,
        name=row.name,
        config=parse_stored(row.config, f"run {row.id}"),
        status=status_of(row),
        message=row.message,
        created_at=datetime.fromtimestamp(row.created_s, UTC),
        phase_s=json.loads(row.phase_s),
        reviews_per_s=row.reviews_per_s,
        coverage=row.coverage,
        test_ids=_parse_ids(row.test_ids),
        test_labels=_parse_labels(row.test_labels or ""),
        elmo_version=row.elmo_version or "",
    )


def sweep_of(row: Row[Any]) -> Sweep:
    """The sweep of a row; raises as `run_of` does."""
    return Sweep(
        id=row.id,
        name=row.name,
        config=parse_stored(row.config, f"learning curve {row.id}"),
        train_sizes=tuple(json.loads(row.train_sizes)),
        run_ids=tuple(json.loads(row.run_ids)),
        created_at=datetime.fromtimestamp(row.created_s, UTC),
        reused=tuple(json.loads(row.reused)) if row.reused else _share_out(row),
    )


def _share_out(row: Row[Any]) -> tuple[int, ...]:
    """A store of an earlier version has one number for all sizes: small ones were the likeliest to be trained already."""
    config = parse_stored(row.config, f"learning curve {row.id}")
    most = config.num_trials * len(config.arms)
    return tuple(min(most, max(0, row.num_reused - number * most)) for number in range(len(json.loads(row.train_sizes))))


def parse_stored(text: str, whose: str) -> ExperimentConfig:
    """The config that a row holds; raises as `run_of` does."""
    try:
        return _parse_config(text)
    except ValidationError as error:
        raise UserError(
            f"The {whose} was stored by another version of ELMo Lens, with settings unknown to this one; train it again."
        ) from error


def status_of(row: Row[Any]) -> Status:
    """The status of a row, "interrupted" if whoever drove it is gone."""
    is_stale = row.status in ("queued", "running") and row.heartbeat_s < time.time() - STALE_AFTER_S
    return "interrupted" if is_stale else row.status


# A list of runs parses each of these many times over; most runs are tested on the same reviews.
@lru_cache(maxsize=1024)
def _parse_config(text: str) -> ExperimentConfig:
    return ExperimentConfig.model_validate_json(text)


@lru_cache(maxsize=32)
def _parse_ids(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@lru_cache(maxsize=32)
def _parse_labels(digits: str) -> tuple[int, ...]:
    return tuple(map(int, digits))
