"""The run store: every run, its results and the learning curves, in one SQL database."""

from __future__ import annotations

import json
import platform
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pandas as pd
import sqlalchemy as sa

from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.run_names import describe
from core.settings import KEEP_DELETED_S
from core.store import schema
from core.store.database import Database
from core.store.migrations import migrate
from core.store.rows import no_run, parse_stored, read_run, readable_runs
from core.store.run import STALE_AFTER_S, Run, Status, installed_elmo
from core.store.run_table import read_run_table
from core.store.sweep_store import SweepStore
from core.store.trial_store import TrialStore

_runs = schema.runs


class TakenOverError(UserError):
    """Another program drives the run, because this one gave no sign of life for a while."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"Another program goes on with the run {run_id}, as this one gave no sign of life for a while.")


_is_kept = schema.is_kept(_runs)


class RunStore:
    """Runs in a SQL database; safe to use from several threads and processes.

    Every method raises `UserError` if the database is damaged, locked, full or cannot be reached or written.

    Args:
        url: SQLAlchemy URL, as `Settings.store_url` gives it.

    Attributes:
        trials: What the trials of the runs came to.
        sweeps: Which runs make up a learning curve.

    Example:
        >>> store = RunStore("sqlite:////tmp/runs.sqlite")
        >>> run = store.create_run(ExperimentConfig(train_size=100))
        >>> store.trials.accuracies(run).columns.to_list()
        ['basic', 'elmo']
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, called="The run store")
        self._driver = secrets.token_hex(8)  # who this is among the programs that drive runs
        with self._database.begin() as connection:
            migrate(connection)
        self.trials = TrialStore(self._database)
        self.sweeps = SweepStore(self._database)
        self._purge()

    def close(self) -> None:
        """Let go of all connections; this happens by itself when the store is no longer used."""
        self._database.close()

    # Runs

    def create_run(self, config: ExperimentConfig) -> Run:
        """A new run, status "queued", that nobody drives yet."""
        now = time.time()
        values = {
            "name": describe(config),
            "config": config.model_dump_json(),
            "fingerprint": config.fingerprint(),
            "machine": platform.node(),
            "status": "queued",
            "created_s": now,
            "heartbeat_s": now,
            "elmo_version": installed_elmo(config),
        }
        return self.get_run(self._database.insert(_runs, values))

    def get_run(self, run_id: str) -> Run:
        """The run.

        Raises:
            UserError: There is no run with that id, or another version stored it with settings that this one does not know.
        """
        with self._database.begin() as connection:
            return read_run(connection, run_id)

    def list_runs(self) -> list[Run]:
        """All runs, the newest first; without those of another version whose settings this one does not know."""
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(_runs).where(_is_kept).order_by(_runs.c.created_s.desc())).all()
        return readable_runs(rows)

    def overview(self) -> pd.DataFrame:
        """All runs that `list_runs` has, in the same order, with what a list of them shows; one query however many there are.

        Returns:
            The columns of `run_table`: status as in `Run`, created_at in UTC, num_pairs finished (trial, arm) pairs, the
            mean accuracy of the finished trials of two arms, and by how much elmo is better on average in the trials that both
            have finished; NaN where there are none.
        """
        with self._database.begin() as connection:
            return read_run_table(connection)

    def find_active(self, config: ExperimentConfig) -> Run | None:
        """The run of exactly this configuration that is queued or running now."""
        with self._database.begin() as connection:
            rows = connection.execute(
                sa.select(_runs).where(_runs.c.fingerprint == config.fingerprint(), _is_kept).order_by(_runs.c.created_s)
            ).all()
        return next((run for run in readable_runs(rows) if run.is_active), None)

    def find_runs(self, is_wanted: Callable[[ExperimentConfig], bool]) -> list[Run]:
        """The runs of `list_runs` whose config is wanted, without reading the others."""
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(_runs.c.id, _runs.c.config).where(_is_kept)).all()
            wanted = []
            for row in rows:
                with suppress(UserError):
                    if is_wanted(parse_stored(row.config, f"run {row.id}")):
                        wanted.append(row.id)
            found = connection.execute(sa.select(_runs).where(_runs.c.id.in_(wanted)).order_by(_runs.c.created_s.desc())).all()
        return readable_runs(found)

    def rename(self, run_id: str, name: str) -> None:
        """Give the run a name that people chose.

        Raises:
            UserError: The name is empty or there is no such run.
        """
        if not name.strip():
            raise UserError("The name of a run cannot be empty; type at least one letter.")
        self._update(run_id, name=name.strip())

    def delete(self, run_id: str) -> None:
        """Delete the run: no list has it any more. For a day it can be restored, then its trials and heads go for good.

        Raises:
            UserError: The run is queued or running, or there is no such run.
        """
        self.get_run(run_id)
        now = time.time()
        is_over = sa.or_(_runs.c.status.not_in(("queued", "running")), _runs.c.heartbeat_s < now - STALE_AFTER_S)
        if not self._database.update(_runs, run_id, is_over, deleted_s=now):
            raise UserError(f"The run {run_id} is still going; cancel it before you delete it.")
        self._purge()

    def restore(self, run_id: str) -> None:
        """Take a deletion back; nothing happens to a run that was not deleted.

        Raises:
            UserError: There is no such run, or it was deleted over a day ago.
        """
        if not self._database.update(_runs, run_id, deleted_s=None):
            raise no_run(run_id)

    # Driving a run

    def claim(self, run_id: str) -> bool:
        """Become the driver of a run that nobody drives, or whose driver is dead. One caller of several gets True."""
        self.get_run(run_id)
        now = time.time()
        is_free = sa.or_(_runs.c.is_driven.is_(False), _runs.c.heartbeat_s < now - STALE_AFTER_S)
        values = {"status": "queued", "message": "", "heartbeat_s": now, "is_driven": True, "is_cancel_requested": False}
        values["driver"] = self._driver
        return self._database.update(_runs, run_id, _is_kept, is_free, **values)

    def heartbeat(self, run_id: str) -> bool:
        """Say that the driver is alive; True if somebody, in any process, wants the run cancelled.

        Raises:
            TakenOverError: The run has another driver now.
        """
        with self._database.begin() as connection:
            of_own = _runs.update().where(_runs.c.id == run_id, _runs.c.driver == self._driver)
            is_own = connection.execute(of_own.values(heartbeat_s=time.time())).rowcount == 1
            wants = connection.execute(sa.select(_runs.c.is_cancel_requested).where(_runs.c.id == run_id)).scalar_one_or_none()
        if not is_own and wants is not None:
            raise TakenOverError(run_id)
        return bool(wants)

    def request_cancel(self, run_id: str) -> None:
        """Ask whoever drives the run to stop."""
        self._update(run_id, is_cancel_requested=True)

    def set_status(self, run_id: str, status: Status, message: str = "") -> None:
        """Record how the run stands; anything but "queued" and "running" also lets go of it.

        Raises:
            TakenOverError: Another program drives the run.
            UserError: There is no such run.
        """
        values: dict[str, Any] = {"status": status, "message": message, "heartbeat_s": time.time()}
        if status not in ("queued", "running"):
            values["is_driven"] = False
        is_own = sa.or_(_runs.c.is_driven.is_(False), _runs.c.driver == self._driver)
        if not self._database.update(_runs, run_id, _is_kept, is_own, **values):
            self.get_run(run_id)
            raise TakenOverError(run_id)

    def set_phases(
        self, run_id: str, phase_s: Mapping[str, float], reviews_per_s: float | None, coverage: float | None = None
    ) -> None:
        """Record seconds per phase, the speed of embedding (None where everything came from the cache) and the coverage."""
        self._update(run_id, phase_s=json.dumps(dict(phase_s)), reviews_per_s=reviews_per_s, coverage=coverage)

    def set_test_ids(self, run_id: str, ids: Sequence[str], labels: Sequence[int]) -> None:
        """Record which reviews the run is tested on, in the order of the probabilities, with their labels, 0 or 1."""
        self._update(run_id, test_ids=json.dumps(list(ids)), test_labels="".join(str(int(label)) for label in labels))

    # Helpers

    def _update(self, run_id: str, **values: Any) -> None:
        if not self._database.update(_runs, run_id, _is_kept, **values):
            raise no_run(run_id)

    def _purge(self) -> None:
        """Remove for good what was deleted over a day ago."""
        with self._database.begin() as connection:
            is_over = _runs.c.deleted_s < time.time() - KEEP_DELETED_S
            ids = connection.execute(sa.select(_runs.c.id).where(is_over)).scalars().all()
            if ids:
                for table in (schema.heads, schema.trials):
                    connection.execute(table.delete().where(table.c.run_id.in_(ids)))
                connection.execute(_runs.delete().where(_runs.c.id.in_(ids)))
        self.sweeps.purge()
