"""Parses rows of the database into runs and sweeps."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy.engine import Row

from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.provenance import Provenance
from core.store.run import STALE_AFTER_S, Run, Status, Sweep

T = TypeVar("T")


def parse_readable(rows: Sequence[Row[Any]], parse: Callable[[Row[Any]], T]) -> list[T]:
    """Some rows, without those of another version whose settings this one does not know."""
    found = []
    for row in rows:
        with suppress(UserError):
            found.append(parse(row))
    return found


def parse_run(row: Row[Any]) -> Run:
    """The run in a row.

    Raises:
        UserError: Another version stored it, with settings that this one does not know, or the row is damaged.
    """
    with _damage(f"run {row.id}"):
        return _parse_run(row)


def _parse_run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        name=row.name,
        config=(config := parse_config(row.config, f"run {row.id}")),
        status=status_of(row),
        message=row.message,
        created_at=datetime.fromtimestamp(row.created_s, UTC),
        phase_s=json.loads(row.phase_s),
        reviews_per_s=row.reviews_per_s,
        coverage=row.coverage,
        num_computed=row.num_computed or 0,
        test_ids=_parse_ids(row.test_ids),
        test_labels=_parse_labels(row.test_labels or ""),
        train_pool_size=row.train_pool_size,
        provenance=_parse_provenance(row.provenance, row.elmo_version, reads_elmo=bool(config.elmo_readers)),
        is_example=row.example is not None,
    )


def parse_sweep(row: Row[Any]) -> Sweep:
    """The sweep in a row; raises as `parse_run` does."""
    with _damage(f"learning curve {row.id}"):
        return _parse_sweep(row)


@contextmanager
def _damage(whose: str) -> Iterator[None]:
    """Raises `UserError` for what no version of the program would have stored."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise UserError(
            f"The {whose} is damaged in the store ({type(error).__name__}); restore the store from a copy, or train it again.",
            code="row-damaged",
        ) from error


def _parse_sweep(row: Row[Any]) -> Sweep:
    return Sweep(
        id=row.id,
        name=row.name,
        config=(config := parse_config(row.config, f"learning curve {row.id}")),
        train_sizes=tuple(json.loads(row.train_sizes)),
        run_ids=tuple(json.loads(row.run_ids)),
        created_at=datetime.fromtimestamp(row.created_s, UTC),
        reused=tuple(json.loads(row.reused)) if row.reused else _guess_reused(row, config),
        is_example=row.example is not None,
    )


def _guess_reused(row: Row[Any], config: ExperimentConfig) -> tuple[int, ...]:
    """Reused pairs by size, where an earlier version stored their sum: small sizes were the likeliest to be trained already."""
    most = config.num_trials * len(config.arms)
    return tuple(min(most, max(0, row.num_reused - number * most)) for number in range(len(json.loads(row.train_sizes))))


def parse_config(text: str, whose: str) -> ExperimentConfig:
    """The config in a row; raises as `parse_run` does."""
    try:
        return _parse_config(text)
    except ValidationError as error:
        raise UserError(
            f"The {whose} was stored by another version of ELMo Lens, with settings that this one does not know; train it again.",
            code="config-unknown",
        ) from error


def status_of(row: Row[Any]) -> Status:
    """The status of a row, "interrupted" if the program that drove it is gone."""
    is_stale = row.status in ("queued", "running") and abs(row.heartbeat_s - time.time()) > STALE_AFTER_S
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


@lru_cache(maxsize=1024)
def _parse_provenance(text: str | None, elmo_version: str | None, *, reads_elmo: bool) -> Provenance:
    """The provenance in a row; an earlier version stored the digest of a local ELMo module at the most."""
    if text:
        return Provenance.model_validate_json(text)
    if not reads_elmo:
        return Provenance(elmo="")
    return Provenance(elmo=elmo_version if elmo_version and "://" not in elmo_version else None)
