"""The learning curves in the run store: which runs belong together."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.run_names import describe
from core.settings import KEEP_DELETED_S
from core.store import schema
from core.store.database import Database
from core.store.rows import sweep_of
from core.store.run import Sweep

_sweeps = schema.sweeps
_is_kept = schema.is_kept(_sweeps)


class SweepStore:
    """All sweeps, `RunStore.sweeps`; raises as the run store does.

    Args:
        database: Of the runs.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, config: ExperimentConfig, train_sizes: Sequence[int], run_ids: Sequence[str], *, reused: Sequence[int] = ()
    ) -> Sweep:
        """Record that some runs make up a learning curve.

        Args:
            config: Of all of them; its `train_size` does not matter.
            train_sizes: Ascending.
            run_ids: The run of each size.
            reused: See `Sweep`; nothing if empty.
        """
        config = config.model_copy(update={"train_size": train_sizes[0]})
        values = {
            "name": describe(config, train_sizes),
            "config": config.model_dump_json(),
            "train_sizes": json.dumps(list(train_sizes)),
            "created_s": time.time(),
            **_run_values(run_ids, reused or [0] * len(run_ids)),
        }
        return self.get(self._database.insert(_sweeps, values))

    def get(self, sweep_id: str) -> Sweep:
        """The sweep.

        Raises:
            UserError: There is no sweep with that id, or another version stored it with settings that this one does not know.
        """
        with self._database.begin() as connection:
            row = connection.execute(sa.select(_sweeps).where(_sweeps.c.id == sweep_id, _is_kept)).one_or_none()
        if row is None:
            raise _no_sweep(sweep_id)
        return sweep_of(row)

    def all(self) -> list[Sweep]:
        """All sweeps, the newest first; without those of another version whose settings this one does not know."""
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(_sweeps).where(_is_kept).order_by(_sweeps.c.created_s.desc())).all()
        sweeps = []
        for row in rows:
            with suppress(UserError):
                sweeps.append(sweep_of(row))
        return sweeps

    def set_runs(self, sweep_id: str, run_ids: Sequence[str], reused: Sequence[int]) -> None:
        """Record which run stands for each size, after one was deleted and another took its place."""
        self._update(sweep_id, **_run_values(run_ids, reused))

    def rename(self, sweep_id: str, name: str) -> None:
        """Give the sweep a name that people chose.

        Raises:
            UserError: The name is empty or there is no such sweep.
        """
        if not name.strip():
            raise UserError("The name of a learning curve cannot be empty; type at least one letter.")
        self._update(sweep_id, name=name.strip())

    def delete(self, sweep_id: str) -> None:
        """Delete the sweep and leave its runs as they are. For a day it can be restored.

        Raises:
            UserError: There is no such sweep.
        """
        self._update(sweep_id, deleted_s=time.time())
        self.purge()

    def restore(self, sweep_id: str) -> None:
        """Take a deletion back; nothing happens to a sweep that was not deleted.

        Raises:
            UserError: There is no such sweep, or it was deleted over a day ago.
        """
        if not self._database.update(_sweeps, sweep_id, deleted_s=None):
            raise _no_sweep(sweep_id)

    def purge(self) -> None:
        """Remove for good what was deleted over a day ago."""
        with self._database.begin() as connection:
            connection.execute(_sweeps.delete().where(_sweeps.c.deleted_s < time.time() - KEEP_DELETED_S))

    def _update(self, sweep_id: str, **values: Any) -> None:
        if not self._database.update(_sweeps, sweep_id, _is_kept, **values):
            raise _no_sweep(sweep_id)


def _no_sweep(sweep_id: str) -> UserError:
    return UserError(f"There is no learning curve {sweep_id!r} in this store; start it again, it reuses what is trained.")


def _run_values(run_ids: Sequence[str], reused: Sequence[int]) -> dict[str, Any]:
    """Columns of a sweep that say which run stands for each size, and what was taken over with it."""
    return {"run_ids": json.dumps(list(run_ids)), "reused": json.dumps(list(reused)), "num_reused": sum(reused)}
