"""The run store: every run, its trials, test probabilities and head weights, in one SQL database."""

from __future__ import annotations

import io
import json
import platform
import secrets
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.engine import URL, Connection, Row

from core.errors import UserError
from core.experiment import ExperimentConfig, TrialResult

FloatArray = npt.NDArray[np.float32]
Status = Literal["queued", "running", "finished", "cancelled", "failed", "interrupted"]

STALE_AFTER_S = 15.0  # a driver without a sign of life for so long is dead
_LOCK_TIMEOUT_S = 10.0
_ID_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that reads like something else
_ID_LEN = 8

_metadata = sa.MetaData()
_runs = sa.Table(
    "runs",
    _metadata,
    sa.Column("id", sa.String(_ID_LEN), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("config", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False, index=True),
    sa.Column("machine", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("message", sa.Text, nullable=False, default=""),
    sa.Column("created_s", sa.Float(53), nullable=False),
    sa.Column("heartbeat_s", sa.Float(53), nullable=False),
    sa.Column("is_driven", sa.Boolean, nullable=False, default=False),
    sa.Column("is_cancel_requested", sa.Boolean, nullable=False, default=False),
    sa.Column("phase_s", sa.Text, nullable=False, default="{}"),
    sa.Column("reviews_per_s", sa.Float(53)),
    sa.Column("coverage", sa.Float(53)),
    sa.Column("test_ids", sa.Text, nullable=False, default="[]"),
)
_trials = sa.Table(
    "trials",
    _metadata,
    sa.Column("run_id", sa.String(_ID_LEN), primary_key=True),
    sa.Column("trial", sa.Integer, primary_key=True),
    sa.Column("arm", sa.String(32), primary_key=True),
    sa.Column("accuracy", sa.Float(53), nullable=False),
    sa.Column("validation_accuracy", sa.Float(53), nullable=False),
    sa.Column("best_epoch", sa.Integer, nullable=False),
    sa.Column("num_epochs", sa.Integer, nullable=False),
    sa.Column("train_s", sa.Float(53), nullable=False),
    sa.Column("probs", sa.LargeBinary(length=2**31 - 1), nullable=False),
)
_heads = sa.Table(
    "heads",
    _metadata,
    sa.Column("run_id", sa.String(_ID_LEN), primary_key=True),
    sa.Column("trial", sa.Integer, primary_key=True),
    sa.Column("arm", sa.String(32), primary_key=True),
    sa.Column("arrays", sa.LargeBinary(length=2**31 - 1), nullable=False),
)


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

    @property
    def is_active(self) -> bool:
        """Whether somebody drives it now."""
        return self.status in ("queued", "running")

    @property
    def can_resume(self) -> bool:
        """Whether `Engine.resume` has something to do."""
        return self.status in ("interrupted", "cancelled", "failed")


@dataclass(frozen=True, eq=False)
class PastRun:
    """What a run says about the speed of its machine.

    Attributes:
        config: Of the run.
        reviews_per_s: As in `Run`.
        results: As from `RunStore.trial_results`.
    """

    config: ExperimentConfig
    reviews_per_s: float | None
    results: pd.DataFrame


class RunStore:
    """Runs in a SQL database; safe to use from several threads and processes.

    Every method raises `UserError` if the database is damaged, locked, full or cannot be reached or written.

    Args:
        url: SQLAlchemy URL, as `Settings.store_url` gives it.

    Example:
        >>> store = RunStore("sqlite:////tmp/runs.sqlite")
        >>> run = store.create_run(ExperimentConfig(train_size=100))
        >>> store.accuracies(run.id).columns.to_list()
        ['basic', 'elmo']
    """

    def __init__(self, url: str) -> None:
        try:
            self._url: URL = sa.make_url(url)
            is_sqlite = self._url.get_backend_name() == "sqlite"
            connect_args = {"timeout": _LOCK_TIMEOUT_S} if is_sqlite else {}
            self._engine = sa.create_engine(self._url, connect_args=connect_args, pool_pre_ping=not is_sqlite)
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
            raise UserError(
                f"The database URL {url!r} cannot be used ({error}); "
                "set ELMO_LENS_DATABASE_URL to a SQLAlchemy URL and install its driver."
            ) from error
        self._finalizer = weakref.finalize(self, self._engine.dispose)
        if is_sqlite:
            sa.event.listen(self._engine, "connect", _set_up_sqlite)
        with self._begin() as connection:
            _metadata.create_all(connection)

    def close(self) -> None:
        """Let go of all connections; this happens by itself when the store is no longer used."""
        self._finalizer()

    # Runs

    def create_run(self, config: ExperimentConfig) -> Run:
        """A new run, status "queued", that nobody drives yet."""
        now = time.time()
        values = {
            "name": config.describe(),
            "config": config.model_dump_json(),
            "fingerprint": config.fingerprint(),
            "machine": platform.node(),
            "status": "queued",
            "created_s": now,
            "heartbeat_s": now,
        }
        while True:
            run_id = "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LEN))
            try:
                with self._begin() as connection:
                    connection.execute(_runs.insert().values(id=run_id, **values))
            except sa.exc.IntegrityError:
                continue  # taken: 1 in 10^11 for every stored run
            return self.get_run(run_id)

    def get_run(self, run_id: str) -> Run:
        """The run.

        Raises:
            UserError: There is no run with that id, or another version stored it with settings that this one does not know.
        """
        with self._begin() as connection:
            row = connection.execute(sa.select(_runs).where(_runs.c.id == run_id)).one_or_none()
        if row is None:
            raise UserError(f"There is no run {run_id!r} in this store; look for it in the list of runs.")
        return _run(row)

    def list_runs(self) -> list[Run]:
        """All runs, the newest first; without those of another version whose settings this one does not know."""
        with self._begin() as connection:
            rows = connection.execute(sa.select(_runs).order_by(_runs.c.created_s.desc())).all()
        return _readable_runs(rows)

    def find_active(self, config: ExperimentConfig) -> Run | None:
        """The run of exactly this configuration that is queued or running now."""
        with self._begin() as connection:
            rows = connection.execute(
                sa.select(_runs).where(_runs.c.fingerprint == config.fingerprint()).order_by(_runs.c.created_s)
            ).all()
        return next((run for run in _readable_runs(rows) if run.is_active), None)

    def rename(self, run_id: str, name: str) -> None:
        """Give the run a name that people chose.

        Raises:
            UserError: The name is empty or there is no such run.
        """
        if not name.strip():
            raise UserError("The name of a run cannot be empty; type at least one letter.")
        self._update(run_id, name=name.strip())

    def delete(self, run_id: str) -> None:
        """Delete the run with its trials and heads.

        Raises:
            UserError: The run is queued or running, or there is no such run.
        """
        if self.get_run(run_id).is_active:
            raise UserError(f"The run {run_id} is still going; cancel it before you delete it.")
        with self._begin() as connection:
            for table in (_heads, _trials):
                connection.execute(table.delete().where(table.c.run_id == run_id))
            connection.execute(_runs.delete().where(_runs.c.id == run_id))

    # Driving a run

    def claim(self, run_id: str) -> bool:
        """Become the driver of a run that nobody drives, or whose driver is dead. One caller of several gets True."""
        self.get_run(run_id)
        now = time.time()
        is_free = sa.or_(_runs.c.is_driven.is_(False), _runs.c.heartbeat_s < now - STALE_AFTER_S)
        with self._begin() as connection:
            result = connection.execute(
                _runs.update()
                .where(_runs.c.id == run_id, is_free)
                .values(status="queued", message="", heartbeat_s=now, is_driven=True, is_cancel_requested=False)
            )
        return result.rowcount == 1

    def heartbeat(self, run_id: str) -> bool:
        """Say that the driver is alive; True if somebody, in any process, wants the run cancelled."""
        with self._begin() as connection:
            connection.execute(_runs.update().where(_runs.c.id == run_id).values(heartbeat_s=time.time()))
            wants = connection.execute(sa.select(_runs.c.is_cancel_requested).where(_runs.c.id == run_id)).scalar_one_or_none()
        return bool(wants)

    def request_cancel(self, run_id: str) -> None:
        """Ask whoever drives the run to stop."""
        self._update(run_id, is_cancel_requested=True)

    def set_status(self, run_id: str, status: Status, message: str = "") -> None:
        """Record how the run stands; anything but "queued" and "running" also lets go of it."""
        values: dict[str, Any] = {"status": status, "message": message, "heartbeat_s": time.time()}
        if status not in ("queued", "running"):
            values["is_driven"] = False
        self._update(run_id, **values)

    def set_phases(
        self, run_id: str, phase_s: Mapping[str, float], reviews_per_s: float | None, coverage: float | None = None
    ) -> None:
        """Record seconds per phase, the speed of embedding (None where everything came from the cache) and the coverage."""
        self._update(run_id, phase_s=json.dumps(dict(phase_s)), reviews_per_s=reviews_per_s, coverage=coverage)

    def set_test_ids(self, run_id: str, ids: Sequence[str]) -> None:
        """Record which reviews the run is tested on, in the order of the probabilities."""
        self._update(run_id, test_ids=json.dumps(list(ids)))

    # Results

    def save_trial(self, run_id: str, result: TrialResult) -> None:
        """Store one (trial, arm) with its probabilities and head; storing it again replaces it."""
        key = {"run_id": run_id, "trial": result.trial, "arm": result.arm}
        with self._begin() as connection:
            for table in (_trials, _heads):
                connection.execute(table.delete().filter_by(**key))
            connection.execute(
                _trials.insert().values(
                    **key,
                    accuracy=result.accuracy,
                    validation_accuracy=result.validation_accuracy,
                    best_epoch=result.best_epoch,
                    num_epochs=result.num_epochs,
                    train_s=result.train_s,
                    probs=_pack({"probs": result.probs}),
                )
            )
            connection.execute(_heads.insert().values(**key, arrays=_pack(result.head)))

    def trial_results(self, run_id: str) -> pd.DataFrame:
        """A row per finished pair, trial by trial, arms in the order of the configuration.

        Returns:
            Columns trial, arm, accuracy, validation_accuracy, best_epoch, num_epochs, train_s.
        """
        arms = self.get_run(run_id).config.arms
        columns = [column for column in _trials.c if column.name not in ("run_id", "probs")]
        with self._begin() as connection:
            rows = connection.execute(sa.select(*columns).where(_trials.c.run_id == run_id)).all()
        records = [row._asdict() for row in sorted(rows, key=lambda row: (row.trial, arms.index(row.arm)))]
        return pd.DataFrame(records, columns=[column.name for column in columns])

    def accuracies(self, run_id: str) -> pd.DataFrame:
        """The table of the original experiment: a row per trial, a column per arm; NaN where a pair is not finished."""
        results = self.trial_results(run_id)
        table = results.pivot_table(index="trial", columns="arm", values="accuracy").astype("float64")
        table = table.reindex(columns=list(self.get_run(run_id).config.arms)).rename_axis(columns=None)
        table.index = table.index.astype("int64")
        return table

    def probabilities(self, run_id: str) -> dict[tuple[int, str], FloatArray]:
        """Probabilities of "positive", float32 (test_size,), in the order of `Run.test_ids`, by (trial, arm)."""
        columns = (_trials.c.trial, _trials.c.arm, _trials.c.probs)
        with self._begin() as connection:
            rows = connection.execute(sa.select(*columns).where(_trials.c.run_id == run_id).order_by(*columns[:2])).all()
        return {(row.trial, row.arm): _unpack(row.probs)["probs"] for row in rows}

    def heads(self, run_id: str) -> dict[str, list[dict[str, FloatArray]]]:
        """Weights of the head of every finished trial, by arm in the order of the configuration, then by trial."""
        heads: dict[str, list[dict[str, FloatArray]]] = {arm: [] for arm in self.get_run(run_id).config.arms}
        with self._begin() as connection:
            rows = connection.execute(
                sa.select(_heads.c.arm, _heads.c.arrays).where(_heads.c.run_id == run_id).order_by(_heads.c.trial)
            ).all()
        for row in rows:
            heads[row.arm].append(_unpack(row.arrays))
        return heads

    def speeds(self) -> list[PastRun]:
        """What the last ten runs measured on this machine, the newest first."""
        with self._begin() as connection:
            rows = connection.execute(
                sa.select(_runs).where(_runs.c.machine == platform.node()).order_by(_runs.c.created_s.desc()).limit(10)
            ).all()
        return [PastRun(run.config, run.reviews_per_s, self.trial_results(run.id)) for run in _readable_runs(rows)]

    # Helpers

    def _update(self, run_id: str, **values: Any) -> None:
        with self._begin() as connection:
            result = connection.execute(_runs.update().where(_runs.c.id == run_id).values(**values))
        if result.rowcount == 0:
            raise UserError(f"There is no run {run_id!r} in this store; look for it in the list of runs.")

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        """A transaction, committed at its end; what a person can mend becomes a `UserError`."""
        where = self._url.render_as_string(hide_password=True)
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.IntegrityError:
            raise
        except sa.exc.DatabaseError as error:
            reason = str(error.orig)
            raise UserError(f"The run store {where} cannot be used ({reason}); {_remedy(reason)}.") from error


def _remedy(reason: str) -> str:
    """What to do about a message of the database."""
    if "not a database" in reason or "malformed" in reason:
        return "it is damaged: restore it from a copy, or move it away to begin with an empty store"
    if "locked" in reason:
        return "another program holds it: end that program and try again"
    if "full" in reason:
        return "free some disk space and try again"
    if "readonly" in reason or "unable to open" in reason:
        return "make its folder writable or set ELMO_LENS_DATA_DIR to a folder you can write to"
    return "check the server and ELMO_LENS_DATABASE_URL"


def _set_up_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")  # readers and the writer do not wait for each other
    cursor.execute("PRAGMA synchronous=NORMAL")  # no fsync per heartbeat; a crash of the program still loses nothing
    cursor.close()


def _readable_runs(rows: Sequence[Row[Any]]) -> list[Run]:
    runs = []
    for row in rows:
        with suppress(UserError):
            runs.append(_run(row))
    return runs


def _run(row: Row[Any]) -> Run:
    try:
        config = ExperimentConfig.model_validate_json(row.config)
    except ValidationError as error:
        raise UserError(
            f"The run {row.id} was stored by another version of ELMo Lens, with settings unknown to this one; train it again."
        ) from error
    is_stale = row.status in ("queued", "running") and row.heartbeat_s < time.time() - STALE_AFTER_S
    return Run(
        id=row.id,
        name=row.name,
        config=config,
        status="interrupted" if is_stale else row.status,
        message=row.message,
        created_at=datetime.fromtimestamp(row.created_s, UTC),
        phase_s=json.loads(row.phase_s),
        reviews_per_s=row.reviews_per_s,
        coverage=row.coverage,
        test_ids=tuple(json.loads(row.test_ids)),
    )


def _pack(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _unpack(data: bytes) -> dict[str, FloatArray]:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)
