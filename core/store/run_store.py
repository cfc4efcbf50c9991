"""The run store: all runs, their results, learning curves and typed sentences, in one SQL database."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pandas as pd
import sqlalchemy as sa

from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.provenance import Provenance
from core.experiment.run_names import describe
from core.store import claims, schema
from core.store.claims import Claim, ResumedElsewhereError
from core.store.database import Database
from core.store.migrations import lock, migrate
from core.store.named_rows import NamedRows
from core.store.people.owner_store import OwnerStore
from core.store.people.sentence_store import SentenceStore
from core.store.rows import parse_config, parse_readable, parse_run
from core.store.run import Run, Status
from core.store.run_table import read_run_table
from core.store.sweep_store import SweepStore
from core.store.trial_store import TrialStore

_runs = schema.runs


class RunStore(NamedRows):
    """Runs in a SQL database; safe to use from several threads and processes.

    Whatever changes a run takes the claim of its driver; without one, only a run that nobody drives can be changed.

    Every method raises `UserError` if the database is damaged, locked, full or cannot be reached or written.

    Args:
        url: SQLAlchemy URL, as `Settings.store_url` gives it.
        is_read_only: Whether it is a SQLite file that must not be written, nor anything beside it.

    Attributes:
        trials: Results of trials.
        sweeps: Learning curves.
        sentences: Sentences typed on the Probe page.
        owners: Who has made what, on a server for a class.

    Example:
        >>> store = RunStore("sqlite:////tmp/runs.sqlite")
        >>> run = store.create_run(ExperimentConfig(train_size=100))
        >>> store.trials.accuracies(run).columns.to_list()
        ['basic', 'elmo']
    """

    def __init__(self, url: str, *, is_read_only: bool = False) -> None:
        database = Database(url, is_read_only=is_read_only)
        with database.begin() as connection:
            migrate(connection)
        super().__init__(database, _runs, noun="run", code="run", parts=(schema.heads, schema.trials, schema.bags_of_words))
        self.trials = TrialStore(database)
        self.sweeps = SweepStore(database)
        self.sentences = SentenceStore(database)
        self.owners = OwnerStore(database)

    def close(self) -> None:
        """Close all connections; happens by itself once the store is no longer used."""
        self._database.close()

    # Runs

    def create_run(self, config: ExperimentConfig, provenance: Provenance | None = None) -> Run:
        """A new run, status "queued", that nobody drives yet.

        Args:
            config: Its config.
            provenance: What the names in the config stand for now, as far as it is known.
        """
        now = time.time()
        values = {
            "name": describe(config),
            "config": config.model_dump_json(),
            "fingerprint": config.fingerprint(),
            "machine": platform.node(),
            "status": "queued",
            "created_s": now,
            "heartbeat_s": now,
            "provenance": (provenance or Provenance()).model_dump_json(),
        }
        return self.get_run(self._database.insert(_runs, values))

    def get_run(self, run_id: str) -> Run:
        """The run.

        Raises:
            UserError: There is no run with that id, or another version stored it with settings that this one does not know.
        """
        return parse_run(self._row(run_id))

    def list_runs(self) -> list[Run]:
        """All runs, one's own before the example, the newest first.

        Those of another version whose settings this one does not know are left out.
        """
        return parse_readable(self._rows(), parse_run)

    def overview(self) -> pd.DataFrame:
        """A table of the runs of `list_runs` in the same order; one query, however many there are.

        Returns:
            The columns of `run_table`: status as in `Run`, created_at in UTC, num_pairs finished (trial, arm) pairs, the
            mean accuracy of the finished trials of two arms, and by how much elmo is better on average in the trials that both
            have finished; NaN where there are none.
        """
        with self._database.begin() as connection:
            return read_run_table(connection)

    def find_active(self, config: ExperimentConfig, provenance: Provenance) -> Run | None:
        """The run of exactly this config, on what its names stand for now, that is waiting or running."""
        with self._database.begin() as connection:
            rows = connection.execute(
                sa.select(_runs).where(_runs.c.fingerprint == config.fingerprint(), self._is_kept).order_by(_runs.c.created_s)
            ).all()
        runs = parse_readable(rows, parse_run)
        return next((run for run in runs if run.is_active and not run.provenance.changes(provenance)), None)

    def find_runs(self, is_wanted: Callable[[ExperimentConfig], bool]) -> list[Run]:
        """The runs of `list_runs` whose config is wanted, without reading the others."""
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(_runs.c.id, _runs.c.config).where(self._is_kept)).all()
            wanted = []
            for row in rows:
                with suppress(UserError):
                    if is_wanted(parse_config(row.config, f"run {row.id}")):
                        wanted.append(row.id)
            found = connection.execute(sa.select(_runs).where(_runs.c.id.in_(wanted)).order_by(_runs.c.created_s.desc())).all()
        return parse_readable(found, parse_run)

    def delete(self, run_id: str) -> None:
        """Delete the run: it is in no list any more. For thirty days it can be restored, then its trials and heads go for good.

        Raises:
            UserError: The run is waiting or running, belongs to the example, or there is no such run.
        """
        self._require_own(run_id)
        self.get_run(run_id)
        is_over = sa.or_(_runs.c.status.not_in(("queued", "running")), claims.is_driver_dead())
        if not self._database.update(_runs, run_id, is_over, deleted_s=time.time()):
            raise UserError(f"The run {run_id} has not ended; cancel it before you delete it.", code="run-active")
        self._purge()

    # The example

    def example_digest(self) -> str:
        """Digest of the example in the store; empty if there is none."""
        with self._database.begin() as connection:
            return _example_digest(connection)

    def replace_example(self, digest: str, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Put another example in place of the one in the store, if any; of several programs one does it.

        Args:
            digest: Of the example; empty for none.
            rows: Of runs and learning curves, which hold the digest, and of results, by table.
        """
        with self._database.begin() as connection:
            lock(connection)
            if _example_digest(connection) == digest:
                return
            are_example = sa.select(_runs.c.id).where(_runs.c.example.is_not(None))
            for table in self._parts:
                connection.execute(table.delete().where(table.c.run_id.in_(are_example)))
            for table in (_runs, schema.sweeps):
                connection.execute(table.delete().where(table.c.example.is_not(None)))
            for name, its_rows in rows.items():
                connection.execute(schema.metadata.tables[name].insert(), its_rows)

    # Driving a run

    def claim(self, run_id: str) -> Claim | None:
        """Become the driver of a run that has none, or whose driver is dead; of several callers one gets a claim."""
        self.get_run(run_id)
        claim = claims.new_claim()
        is_mine = self._database.update(
            _runs,
            run_id,
            self._is_kept,
            claims.is_free(),
            status="queued",
            message="",
            heartbeat_s=time.time(),
            is_driven=True,
            driver=claim,
            is_cancel_requested=False,
        )
        return claim if is_mine else None

    def heartbeat(self, run_id: str, claim: Claim) -> bool:
        """Record that the driver is alive; True if somebody, in any process, has requested to cancel the run.

        Raises:
            ResumedElsewhereError: The run has another driver now.
        """
        with self._database.begin() as connection:
            own = _runs.update().where(_runs.c.id == run_id, claims.may_write(claim))
            is_own = connection.execute(own.values(heartbeat_s=time.time())).rowcount == 1
            query = sa.select(_runs.c.is_cancel_requested).where(_runs.c.id == run_id)
            is_cancel_requested = connection.execute(query).scalar_one_or_none()
        if not is_own and is_cancel_requested is not None:
            raise ResumedElsewhereError(run_id)
        return bool(is_cancel_requested)

    def request_cancel(self, run_id: str) -> None:
        """Ask the driver of the run to stop."""
        self._update(run_id, is_cancel_requested=True)

    # What changes a run raises ResumedElsewhereError if the claim is not the last one, and UserError if the run is gone.

    def set_status(self, run_id: str, status: Status, message: str = "", *, claim: Claim | None = None) -> None:
        """Record the status; any but "queued" and "running" also releases the run."""
        values: dict[str, Any] = {"status": status, "message": message, "heartbeat_s": time.time()}
        if status not in ("queued", "running"):
            values["is_driven"] = False
        is_stopped = status in ("cancelled", "interrupted")  # by somebody who waits; without it, the run is interrupted soon
        self._write(run_id, claim, is_patient=not is_stopped, **values)

    def set_phases(
        self,
        run_id: str,
        phase_s: Mapping[str, float],
        reviews_per_s: float | None,
        coverage: float | None = None,
        *,
        num_computed: int = 0,
        claim: Claim | None = None,
    ) -> None:
        """Record what all attempts have taken together, see `Run`."""
        self._write(
            run_id,
            claim,
            phase_s=json.dumps(dict(phase_s)),
            reviews_per_s=reviews_per_s,
            coverage=coverage,
            num_computed=num_computed,
        )

    def set_provenance(self, run_id: str, provenance: Provenance, *, claim: Claim | None = None) -> None:
        """Record what the workers of the run have loaded."""
        self._write(run_id, claim, provenance=provenance.model_dump_json())

    def set_draws(
        self,
        run_id: str,
        test_ids: Sequence[str],
        test_labels: Sequence[int],
        train_pool_size: int | None = None,
        *,
        claim: Claim | None = None,
    ) -> None:
        """Record which reviews the run is tested on and how many its trials draw from.

        Args:
            run_id: The run.
            test_ids: In the order of the probabilities.
            test_labels: 0 or 1 for each.
            train_pool_size: See `Run`.
            claim: Of the attempt, if there is one.
        """
        digits = "".join(str(int(label)) for label in test_labels)
        ids = json.dumps(list(test_ids))
        self._write(run_id, claim, test_ids=ids, test_labels=digits, train_pool_size=train_pool_size)

    def _write(self, run_id: str, claim: Claim | None, *, is_patient: bool = True, **values: Any) -> None:
        def change(connection: sa.Connection) -> None:
            claims.hold(connection, run_id, claim)
            connection.execute(_runs.update().where(_runs.c.id == run_id).values(**values))

        self._database.write(change, patience_s=claims.patience_s(claim) if is_patient else 0.0)


def _example_digest(connection: sa.Connection) -> str:
    return connection.execute(sa.select(_runs.c.example).where(_runs.c.example.is_not(None)).limit(1)).scalar_one_or_none() or ""
