"""Who may write to a run: the driver that claimed it last, and anybody while it has no driver."""

from __future__ import annotations

import secrets
import time
from typing import NewType

import sqlalchemy as sa

from core.errors import UserError
from core.store import schema
from core.store.run import STALE_AFTER_S

Claim = NewType("Claim", str)  # the right to drive a run, until somebody else claims it; the column `driver` holds the last one

_PATIENCE_S = 60.0

_runs = schema.runs


class ResumedElsewhereError(UserError):
    """The run has another driver, because the former one sent no heartbeat for a while."""

    def __init__(self, run_id: str) -> None:
        super().__init__(
            f"The run {run_id} was resumed elsewhere, as its driver did not respond for a while; open it again to follow it.",
            code="run-resumed-elsewhere",
        )


def new_claim() -> Claim:
    """A claim that differs from all others, those of the same program included."""
    return Claim(secrets.token_hex(8))


def is_driver_dead() -> sa.ColumnElement[bool]:
    """Condition on the runs: the last heartbeat is too far from now, see `STALE_AFTER_S`."""
    return sa.func.abs(_runs.c.heartbeat_s - time.time()) > STALE_AFTER_S


def is_free() -> sa.ColumnElement[bool]:
    """Condition on the runs: nobody drives the run, or its driver is dead."""
    return sa.or_(_runs.c.is_driven.is_(False), is_driver_dead())


def may_write(claim: Claim | None) -> sa.ColumnElement[bool]:
    """Condition on the runs: whoever has this claim, or none, may write to the run."""
    return is_free() if claim is None else _runs.c.driver == claim


def patience_s(claim: Claim | None) -> float:
    """For how long a write waits for a database that is locked or away: a driver has hours of work to lose, a page has not."""
    return 0.0 if claim is None else _PATIENCE_S


def hold(connection: sa.Connection, run_id: str, claim: Claim | None) -> None:
    """Keep everybody else from claiming the run until the transaction ends.

    Raises:
        ResumedElsewhereError: Somebody else has claimed it.
        UserError: The run was deleted.
    """
    is_kept = schema.is_kept(_runs)
    held = _runs.update().where(_runs.c.id == run_id, is_kept, may_write(claim)).values(id=run_id)
    if connection.execute(held).rowcount == 1:
        return
    if connection.execute(sa.select(_runs.c.id).where(_runs.c.id == run_id, is_kept)).first():
        raise ResumedElsewhereError(run_id)
    raise UserError(f"The run {run_id} was deleted; restore it to resume it.", code="run-deleted")
