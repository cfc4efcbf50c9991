"""The results of trials: accuracies, test probabilities and head weights, and those of the bag of words beside them."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from core.arrays import FloatArray, pack_arrays, unpack_arrays
from core.errors import UserError
from core.experiment.arms import BAG_OF_WORDS
from core.experiment.events import Pair
from core.experiment.results import ReferenceResult, TrialResult
from core.store import claims, schema
from core.store.claims import Claim
from core.store.database import Database
from core.store.rows import parse_readable, parse_run
from core.store.run import PastRun, Run

_NUM_PAST_RUNS = 30  # whose speeds and whose reviews count

_runs, _trials, _heads, _bags = schema.runs, schema.trials, schema.heads, schema.bags_of_words


def _require_finite(run: Run, trial: int, arm: str, *numbers: npt.ArrayLike) -> None:
    if not all(np.isfinite(values).all() for values in numbers):
        raise UserError(
            f"Trial {trial + 1} of {arm} in the run {run.id} gave numbers that are not finite, so it is not "
            "stored; choose a smaller learning rate or other vectors and train a new run.",
            code="result-not-finite",
        )


class TrialStore:
    """The finished (trial, arm) pairs of all runs, `RunStore.trials`; raises as the run store does.

    Args:
        database: Of the runs.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, run: Run, result: TrialResult, *, claim: Claim | None = None) -> None:
        """Store one (trial, arm) pair with its probabilities and head; the pair is replaced if it is there.

        Args:
            run: Whose pair it is.
            result: Of the pair.
            claim: Of the run's driver; without one the run must have no driver.

        Raises:
            ResumedElsewhereError: Somebody else drives the run.
            UserError: The run was deleted, or a number of the result is not finite.
        """
        shares = (result.accuracy, result.validation_accuracy)
        _require_finite(run, result.trial, result.arm, shares, result.probs, *result.head.values())
        key = {"run_id": run.id, "trial": result.trial, "arm": result.arm}
        values = {
            "accuracy": result.accuracy,
            "validation_accuracy": result.validation_accuracy,
            "best_epoch": result.best_epoch,
            "num_epochs": result.num_epochs,
            "train_s": result.train_s,
            "probs": pack_arrays({"probs": result.probs}),
        }
        head = pack_arrays(result.head)

        def change(connection: sa.Connection) -> None:
            claims.hold(connection, run.id, claim)
            for table, its_values in ((_trials, values), (_heads, {"arrays": head})):
                connection.execute(table.delete().filter_by(**key))
                connection.execute(table.insert().values(**key, **its_values))

        self._database.write(change, patience_s=claims.patience_s(claim))

    def save_reference(self, run: Run, result: ReferenceResult, *, claim: Claim | None = None) -> None:
        """Store the bag of words of one trial, in place of the one that is there; takes and raises what `save` does."""
        _require_finite(run, result.trial, BAG_OF_WORDS, result.accuracy, result.probs)
        key = {"run_id": run.id, "trial": result.trial}
        values = {"accuracy": result.accuracy, "chosen_c": result.chosen_c, "train_s": result.train_s}
        probs = pack_arrays({"probs": result.probs})

        def change(connection: sa.Connection) -> None:
            claims.hold(connection, run.id, claim)
            connection.execute(_bags.delete().filter_by(**key))
            connection.execute(_bags.insert().values(**key, **values, probs=probs))

        self._database.write(change, patience_s=claims.patience_s(claim))

    def num_finished(self, run: Run) -> int:
        """How many pairs of the run are finished."""
        with self._database.begin() as connection:
            count = sa.select(sa.func.count()).select_from(_trials).where(_trials.c.run_id == run.id)
            return connection.execute(count).scalar_one()

    def num_results(self, run: Run) -> int:
        """How many pairs and bags of words of the run are finished."""
        counts = [sa.select(sa.func.count()).select_from(table).where(table.c.run_id == run.id) for table in (_trials, _bags)]
        with self._database.begin() as connection:
            num: int = connection.execute(sa.select(counts[0].scalar_subquery() + counts[1].scalar_subquery())).scalar_one()
        return num

    def references(self, run: Run) -> pd.DataFrame:
        """A row per trial with a bag of words, ascending; columns trial, accuracy, chosen_c, train_s."""
        columns = [column for column in _bags.c if column.name not in ("run_id", "probs")]
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(*columns).where(_bags.c.run_id == run.id).order_by(_bags.c.trial)).all()
        return pd.DataFrame([row._asdict() for row in rows], columns=[column.name for column in columns])

    def reference_accuracies(self, run: Run) -> pd.Series:
        """Accuracy of the bag of words by trial; empty where there is none."""
        return self.references(run).set_index("trial")["accuracy"].astype("float64")

    def reference_probabilities(self, run: Run) -> dict[int, FloatArray]:
        """Probabilities of the bag of words by trial, otherwise as `probabilities`."""
        with self._database.begin() as connection:
            query = sa.select(_bags.c.trial, _bags.c.probs).where(_bags.c.run_id == run.id).order_by(_bags.c.trial)
            rows = connection.execute(query).all()
        return {row.trial: _unpack(row.probs, run, row.trial, BAG_OF_WORDS, "predictions")["probs"] for row in rows}

    def finished_references(self, run_ids: Sequence[str]) -> dict[str, set[int]]:
        """The trials of each of some runs in which a bag of words was trained."""
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(_bags.c.run_id, _bags.c.trial).where(_bags.c.run_id.in_(run_ids))).all()
        trials: dict[str, set[int]] = {run_id: set() for run_id in run_ids}
        for row in rows:
            trials[row.run_id].add(row.trial)
        return trials

    def table(self, run: Run) -> pd.DataFrame:
        """A row per finished pair, trial by trial, arms in the order of the configuration.

        Returns:
            Columns trial, arm, accuracy, validation_accuracy, best_epoch, num_epochs, train_s.
        """
        columns = [column for column in _trials.c if column.name not in ("run_id", "probs")]
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(*columns).where(_trials.c.run_id == run.id)).all()
        records = [row._asdict() for row in sorted(rows, key=lambda row: (row.trial, run.config.arms.index(row.arm)))]
        return pd.DataFrame(records, columns=[column.name for column in columns])

    def accuracies(self, run: Run) -> pd.DataFrame:
        """The table of the original experiment: a row per trial, a column per arm; NaN where a pair is not finished."""
        table = self.table(run).pivot_table(index="trial", columns="arm", values="accuracy").astype("float64")
        table = table.reindex(columns=list(run.config.arms)).rename_axis(columns=None)
        table.index = table.index.astype("int64")
        return table

    def probabilities(self, run: Run) -> dict[tuple[int, str], FloatArray]:
        """Probabilities of "positive", float32 (test_size,), in the order of `Run.test_ids`, by (trial, arm).

        Raises:
            UserError: Those of a trial are damaged.
        """
        columns = (_trials.c.trial, _trials.c.arm, _trials.c.probs)
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(*columns).where(_trials.c.run_id == run.id).order_by(*columns[:2])).all()
        return {(row.trial, row.arm): _unpack(row.probs, run, row.trial, row.arm, "predictions")["probs"] for row in rows}

    def heads(self, run: Run) -> dict[str, list[dict[str, FloatArray]]]:
        """Weights of the head of every finished trial, by arm in the order of the configuration, then by trial.

        Raises:
            UserError: Those of a trial are damaged.
        """
        heads: dict[str, list[dict[str, FloatArray]]] = {arm: [] for arm in run.config.arms}
        with self._database.begin() as connection:
            rows = connection.execute(
                sa.select(_heads.c.trial, _heads.c.arm, _heads.c.arrays).where(_heads.c.run_id == run.id).order_by(_heads.c.trial)
            ).all()
        for row in rows:
            heads[row.arm].append(_unpack(row.arrays, run, row.trial, row.arm, "weights"))
        return heads

    def runs_with_heads(self) -> set[str]:
        """Ids of the runs that have trained heads: those with finished pairs, but for the smaller parts of the example."""
        with self._database.begin() as connection:
            return set(connection.execute(sa.select(_heads.c.run_id).distinct()).scalars())

    def speeds(self) -> list[PastRun]:
        """The last thirty runs on this machine, the newest first."""
        with self._database.begin() as connection:
            rows = connection.execute(
                sa.select(_runs)
                .where(_runs.c.machine == platform.node(), schema.is_kept(_runs))
                .order_by(_runs.c.created_s.desc())
                .limit(_NUM_PAST_RUNS)
            ).all()
        past = parse_readable(rows, parse_run)
        ids = [run.id for run in past]
        columns = [column for column in _trials.c if column.name != "probs"]
        mean_s = sa.select(_bags.c.run_id, sa.func.avg(_bags.c.train_s)).where(_bags.c.run_id.in_(ids)).group_by(_bags.c.run_id)
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(*columns).where(_trials.c.run_id.in_(ids))).all()
            reference_s = {run_id: float(seconds) for run_id, seconds in connection.execute(mean_s).all()}
        trials = pd.DataFrame([row._asdict() for row in rows], columns=[column.name for column in columns])
        return [
            PastRun(
                run.config,
                run.reviews_per_s,
                trials[trials["run_id"] == run.id],
                num_computed=run.num_computed,
                busy_s=run.phase_s.get("embedding", 0.0) + run.phase_s.get("training", 0.0),
                reference_s=reference_s.get(run.id),
                provenance=run.provenance,
                ended_s=run.created_at.timestamp() + sum(run.phase_s.values()),
            )
            for run in past
        ]

    def finished_pairs(self, run_ids: Sequence[str]) -> dict[str, set[Pair]]:
        """The finished (trial, arm) pairs of each of some runs."""
        with self._database.begin() as connection:
            rows = connection.execute(
                sa.select(_trials.c.run_id, _trials.c.trial, _trials.c.arm).where(_trials.c.run_id.in_(run_ids))
            ).all()
        pairs: dict[str, set[Pair]] = {run_id: set() for run_id in run_ids}
        for row in rows:
            pairs[row.run_id].add((row.trial, row.arm))
        return pairs

    def copy_pairs(self, run: Run, sources: Mapping[Pair, str], references: Mapping[int, str] | None = None) -> None:
        """Copy finished pairs of other runs, heads included, into a run; pairs that it already has are replaced.

        Args:
            run: The run that gets them.
            sources: The id of the run that each pair comes from; both runs must draw the same reviews in that trial.
            references: The same of bags of words, by trial.

        Raises:
            ResumedElsewhereError: Somebody drives the run.
        """
        groups: dict[tuple[str, str], list[int]] = {}
        for (trial, arm), source in sources.items():
            groups.setdefault((source, arm), []).append(trial)
        with self._database.begin() as connection:
            claims.hold(connection, run.id, None)
            for (source, arm), its_trials in groups.items():
                for table in (_trials, _heads):
                    _copy_rows(connection, table, source, run.id, table.c.arm == arm, table.c.trial.in_(its_trials))
            for trial, source in (references or {}).items():
                _copy_rows(connection, _bags, source, run.id, _bags.c.trial == trial)


def _copy_rows(connection: sa.Connection, table: sa.Table, source: str, target: str, *is_wanted: sa.ColumnElement[bool]) -> None:
    """Copy rows of one run into another, in place of those that it has."""
    names = [column.name for column in table.c if column.name != "run_id"]
    connection.execute(table.delete().where(table.c.run_id == target, *is_wanted))  # another program may have copied them
    rows = sa.select(sa.literal(target), *(table.c[name] for name in names)).where(table.c.run_id == source, *is_wanted)
    connection.execute(table.insert().from_select(["run_id", *names], rows))


def _unpack(data: bytes, run: Run, trial: int, arm: str, what: str) -> dict[str, FloatArray]:
    """The arrays of a trial, whole and finite."""
    try:
        arrays = unpack_arrays(data)
        if not all(np.isfinite(values).all() for values in arrays.values()):
            raise ValueError("some are not finite")
    except (ValueError, TypeError) as error:  # TypeError: not even numbers
        raise UserError(
            f"The {what} of {arm} in trial {trial + 1} of the run {run.id} cannot be used ({error}); restore the store "
            "from a copy, or delete this run and train it again.",
            code="trial-damaged",
        ) from error
    return arrays
