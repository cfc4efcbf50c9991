"""The run store: every run, its trials, test probabilities and head weights, in one SQL database."""

from __future__ import annotations

import io
import json
import platform
import secrets
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection

from core import schema
from core.errors import UserError
from core.events import Pair
from core.experiment import DATASET_TITLES, ExperimentConfig, TrialResult
from core.records import (
    STALE_AFTER_S,
    PastRun,
    Run,
    Status,
    Sweep,
    installed_elmo,
    overview_record,
    parse_stored,
    readable_runs,
    run_of,
    sweep_of,
)
from core.settings import KEEP_DELETED_S

FloatArray = npt.NDArray[np.float32]

_LOCK_TIMEOUT_S = 10.0
_NUM_PAST_RUNS = 10  # that tell how fast this machine is
_ID_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that reads like something else

_runs, _trials, _heads, _sweeps = schema.runs, schema.trials, schema.heads, schema.sweeps
_is_kept, _is_kept_sweep = _runs.c.deleted_s.is_(None), _sweeps.c.deleted_s.is_(None)

OVERVIEW_COLUMNS = (
    "id",
    "name",
    "dataset",
    "train_size",
    "num_trials",
    "test_size",
    "elmo",
    "static",
    "status",
    "created_at",
    "num_pairs",
    "mean_basic",
    "mean_elmo",
    "mean_difference",
)


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
            is_complete = schema.is_complete(connection)
        if not is_complete:
            with self._begin() as connection:
                schema.complete(connection)
        self._purge()

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
            "elmo_version": installed_elmo(config),
        }
        return self.get_run(self._insert(_runs, values))

    def get_run(self, run_id: str) -> Run:
        """The run.

        Raises:
            UserError: There is no run with that id, or another version stored it with settings that this one does not know.
        """
        with self._begin() as connection:
            row = connection.execute(sa.select(_runs).where(_runs.c.id == run_id, _is_kept)).one_or_none()
        if row is None:
            raise _no_run(run_id)
        return run_of(row)

    def list_runs(self) -> list[Run]:
        """All runs, the newest first; without those of another version whose settings this one does not know."""
        with self._begin() as connection:
            rows = connection.execute(sa.select(_runs).where(_is_kept).order_by(_runs.c.created_s.desc())).all()
        return readable_runs(rows)

    def overview(self) -> pd.DataFrame:
        """All runs that `list_runs` has, in the same order, with what a list of them shows; one query however many there are.

        Returns:
            Columns `OVERVIEW_COLUMNS`: status as in `Run`, created_at in UTC, num_pairs finished (trial, arm) pairs, the mean
            accuracy of the finished trials of two arms, and by how much elmo is better on average in the trials that both have
            finished; NaN where there are none.
        """
        wanted = ("id", "name", "config", "status", "heartbeat_s", "created_s")
        columns = [_runs.c[name] for name in wanted]
        by_arm = {arm: sa.func.max(sa.case((_trials.c.arm == arm, _trials.c.accuracy))).label(arm) for arm in ("basic", "elmo")}
        each = (
            sa.select(_trials.c.run_id, sa.func.count().label("num_arms"), *by_arm.values())
            .group_by(_trials.c.run_id, _trials.c.trial)
            .subquery()
        )
        means = {"mean_basic": each.c.basic, "mean_elmo": each.c.elmo, "mean_difference": each.c.elmo - each.c.basic}
        finished = (
            sa.select(
                each.c.run_id,
                sa.func.sum(each.c.num_arms).label("num_pairs"),
                *(sa.func.avg(values).label(name) for name, values in means.items()),
            )
            .group_by(each.c.run_id)
            .subquery()
        )
        query = (
            sa.select(*columns, *(finished.c[name] for name in ("num_pairs", *means)))
            .outerjoin(finished, _runs.c.id == finished.c.run_id)
            .where(_is_kept)
            .order_by(_runs.c.created_s.desc())
        )
        with self._begin() as connection:
            rows = connection.execute(query).all()
        records = []
        for row in rows:
            with suppress(UserError):
                records.append(overview_record(row))
        frame = pd.DataFrame(records, columns=list(OVERVIEW_COLUMNS))
        return frame.astype({"num_pairs": "int64", **dict.fromkeys(means, "float64")})

    def find_active(self, config: ExperimentConfig) -> Run | None:
        """The run of exactly this configuration that is queued or running now."""
        with self._begin() as connection:
            rows = connection.execute(
                sa.select(_runs).where(_runs.c.fingerprint == config.fingerprint(), _is_kept).order_by(_runs.c.created_s)
            ).all()
        return next((run for run in readable_runs(rows) if run.is_active), None)

    def find_runs(self, is_wanted: Callable[[ExperimentConfig], bool]) -> list[Run]:
        """The runs of `list_runs` whose config is wanted, without reading the others."""
        with self._begin() as connection:
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
        with self._begin() as connection:
            result = connection.execute(_runs.update().where(_runs.c.id == run_id, is_over).values(deleted_s=now))
        if result.rowcount == 0:
            raise UserError(f"The run {run_id} is still going; cancel it before you delete it.")
        self._purge()

    def restore(self, run_id: str) -> None:
        """Take a deletion back; nothing happens to a run that was not deleted.

        Raises:
            UserError: There is no such run, or it was deleted over a day ago.
        """
        with self._begin() as connection:
            result = connection.execute(_runs.update().where(_runs.c.id == run_id).values(deleted_s=None))
        if result.rowcount == 0:
            raise _no_run(run_id)

    # Driving a run

    def claim(self, run_id: str) -> bool:
        """Become the driver of a run that nobody drives, or whose driver is dead. One caller of several gets True."""
        self.get_run(run_id)
        now = time.time()
        is_free = sa.or_(_runs.c.is_driven.is_(False), _runs.c.heartbeat_s < now - STALE_AFTER_S)
        with self._begin() as connection:
            result = connection.execute(
                _runs.update()
                .where(_runs.c.id == run_id, _is_kept, is_free)
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

    def set_test_ids(self, run_id: str, ids: Sequence[str], labels: Sequence[int]) -> None:
        """Record which reviews the run is tested on, in the order of the probabilities, with their labels, 0 or 1."""
        self._update(run_id, test_ids=json.dumps(list(ids)), test_labels="".join(str(int(label)) for label in labels))

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
                sa.select(_runs)
                .where(_runs.c.machine == platform.node(), _is_kept)
                .order_by(_runs.c.created_s.desc())
                .limit(_NUM_PAST_RUNS)
            ).all()
        past = readable_runs(rows)
        results = self._results_of([run.id for run in past])
        return [PastRun(run.config, run.reviews_per_s, results[results["run_id"] == run.id]) for run in past]

    def finished_pairs(self, run_ids: Sequence[str]) -> dict[str, set[Pair]]:
        """The finished (trial, arm) pairs of each of some runs."""
        with self._begin() as connection:
            rows = connection.execute(
                sa.select(_trials.c.run_id, _trials.c.trial, _trials.c.arm).where(_trials.c.run_id.in_(run_ids))
            ).all()
        pairs: dict[str, set[Pair]] = {run_id: set() for run_id in run_ids}
        for row in rows:
            pairs[row.run_id].add((row.trial, row.arm))
        return pairs

    def take_over(self, run_id: str, taken: Mapping[Pair, str]) -> None:
        """Copy finished pairs of other runs, heads included, into a run; what it has of them already is replaced.

        Args:
            run_id: The run that gets them.
            taken: The id of the run that each pair comes from; both runs must draw the same reviews in that trial.
        """
        groups: dict[tuple[str, str], list[int]] = {}
        for (trial, arm), source in taken.items():
            groups.setdefault((source, arm), []).append(trial)
        with self._begin() as connection:
            for table in (_trials, _heads):
                names = [column.name for column in table.c if column.name != "run_id"]
                for (source, arm), its_trials in groups.items():
                    is_same = (table.c.run_id == run_id, table.c.arm == arm, table.c.trial.in_(its_trials))
                    connection.execute(table.delete().where(*is_same))  # another program may have taken them over meanwhile
                    rows = sa.select(sa.literal(run_id), *(table.c[name] for name in names)).where(
                        table.c.run_id == source, table.c.arm == arm, table.c.trial.in_(its_trials)
                    )
                    connection.execute(table.insert().from_select(["run_id", *names], rows))

    # Sweeps

    def create_sweep(
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
            "name": _describe_sweep(config, train_sizes),
            "config": config.model_dump_json(),
            "train_sizes": json.dumps(list(train_sizes)),
            "created_s": time.time(),
            **_run_values(run_ids, reused or [0] * len(run_ids)),
        }
        return self.get_sweep(self._insert(_sweeps, values))

    def get_sweep(self, sweep_id: str) -> Sweep:
        """The sweep.

        Raises:
            UserError: There is no sweep with that id, or another version stored it with settings that this one does not know.
        """
        with self._begin() as connection:
            row = connection.execute(sa.select(_sweeps).where(_sweeps.c.id == sweep_id, _is_kept_sweep)).one_or_none()
        if row is None:
            raise _no_sweep(sweep_id)
        return sweep_of(row)

    def list_sweeps(self) -> list[Sweep]:
        """All sweeps, the newest first; without those of another version whose settings this one does not know."""
        with self._begin() as connection:
            rows = connection.execute(sa.select(_sweeps).where(_is_kept_sweep).order_by(_sweeps.c.created_s.desc())).all()
        sweeps = []
        for row in rows:
            with suppress(UserError):
                sweeps.append(sweep_of(row))
        return sweeps

    def set_sweep_runs(self, sweep_id: str, run_ids: Sequence[str], reused: Sequence[int]) -> None:
        """Record which run stands for each size, after one was deleted and another took its place."""
        self._update_sweep(sweep_id, **_run_values(run_ids, reused))

    def rename_sweep(self, sweep_id: str, name: str) -> None:
        """Give the sweep a name that people chose.

        Raises:
            UserError: The name is empty or there is no such sweep.
        """
        if not name.strip():
            raise UserError("The name of a learning curve cannot be empty; type at least one letter.")
        self._update_sweep(sweep_id, name=name.strip())

    def delete_sweep(self, sweep_id: str) -> None:
        """Delete the sweep and leave its runs as they are. For a day it can be restored.

        Raises:
            UserError: There is no such sweep.
        """
        self._update_sweep(sweep_id, deleted_s=time.time())
        self._purge()

    def restore_sweep(self, sweep_id: str) -> None:
        """Take a deletion back; nothing happens to a sweep that was not deleted.

        Raises:
            UserError: There is no such sweep, or it was deleted over a day ago.
        """
        with self._begin() as connection:
            result = connection.execute(_sweeps.update().where(_sweeps.c.id == sweep_id).values(deleted_s=None))
        if result.rowcount == 0:
            raise _no_sweep(sweep_id)

    # Helpers

    def _insert(self, table: sa.Table, values: Mapping[str, Any]) -> str:
        """Insert a row under a new id."""
        while True:
            new_id = "".join(secrets.choice(_ID_LETTERS) for _ in range(schema.ID_LEN))
            try:
                with self._begin() as connection:
                    connection.execute(table.insert().values(id=new_id, **values))
            except sa.exc.IntegrityError:
                continue  # taken: 1 in 10^11 for every stored row
            return new_id

    def _update(self, run_id: str, **values: Any) -> None:
        with self._begin() as connection:
            result = connection.execute(_runs.update().where(_runs.c.id == run_id, _is_kept).values(**values))
        if result.rowcount == 0:
            raise _no_run(run_id)

    def _update_sweep(self, sweep_id: str, **values: Any) -> None:
        with self._begin() as connection:
            result = connection.execute(_sweeps.update().where(_sweeps.c.id == sweep_id, _is_kept_sweep).values(**values))
        if result.rowcount == 0:
            raise _no_sweep(sweep_id)

    def _results_of(self, run_ids: Sequence[str]) -> pd.DataFrame:
        """A row per finished pair of some runs, all columns but the probabilities."""
        columns = [column for column in _trials.c if column.name != "probs"]
        with self._begin() as connection:
            rows = connection.execute(sa.select(*columns).where(_trials.c.run_id.in_(run_ids))).all()
        return pd.DataFrame([row._asdict() for row in rows], columns=[column.name for column in columns])

    def _purge(self) -> None:
        """Remove for good what was deleted over a day ago."""
        is_over_since_s = time.time() - KEEP_DELETED_S
        with self._begin() as connection:
            connection.execute(_sweeps.delete().where(_sweeps.c.deleted_s < is_over_since_s))
            is_over = _runs.c.deleted_s < is_over_since_s
            ids = connection.execute(sa.select(_runs.c.id).where(is_over)).scalars().all()
            if ids:
                for table in (_heads, _trials):
                    connection.execute(table.delete().where(table.c.run_id.in_(ids)))
                connection.execute(_runs.delete().where(_runs.c.id.in_(ids)))

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


def _no_run(run_id: str) -> UserError:
    return UserError(f"There is no run {run_id!r} in this store; look for it in the list of runs.")


def _no_sweep(sweep_id: str) -> UserError:
    return UserError(f"There is no learning curve {sweep_id!r} in this store; start it again, it reuses what is trained.")


def _run_values(run_ids: Sequence[str], reused: Sequence[int]) -> dict[str, Any]:
    """Columns of a sweep that say which run stands for each size, and what was taken over with it."""
    return {"run_ids": json.dumps(list(run_ids)), "reused": json.dumps(list(reused)), "num_reused": sum(reused)}


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
    deadline_s = time.monotonic() + _LOCK_TIMEOUT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")  # readers and the writer do not wait for each other
            break
        except sqlite3.OperationalError as error:  # SQLite does not wait where another program makes the same new store
            if "locked" not in str(error) or time.monotonic() > deadline_s:
                raise
            time.sleep(0.01)
    cursor.execute("PRAGMA synchronous=NORMAL")  # no fsync per heartbeat; a crash of the program still loses nothing
    cursor.close()


def _describe_sweep(config: ExperimentConfig, train_sizes: Sequence[int]) -> str:
    """A short name for people, such as "IMDB, 100 to 2,000 reviews, 5 trials"."""
    title = DATASET_TITLES.get(config.dataset, config.dataset)
    trials = "1 trial" if config.num_trials == 1 else f"{config.num_trials} trials"
    return f"{title}, {train_sizes[0]:,} to {train_sizes[-1]:,} reviews, {trials}"


def _pack(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _unpack(data: bytes) -> dict[str, FloatArray]:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)
