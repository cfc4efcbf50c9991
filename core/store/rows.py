"""Runs and sweeps as they come out of a database's rows."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.engine import Connection, Row

from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.store import schema
from core.store.run import STALE_AFTER_S, Run, Status, Sweep


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
