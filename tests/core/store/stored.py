"""Runs and results to put into a store, and what time or other programs do to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import sqlalchemy as sa

from core.experiment.config import ExperimentConfig
from core.experiment.provenance import Provenance
from core.experiment.results import ReferenceResult, TrialResult
from core.settings import KEEP_DELETED_S
from core.store.claims import Claim
from core.store.run import Run
from core.store.run_store import RunStore

# What the names in a config stood for, with everything known.
NOW = Provenance(reviews="r", static="s", elmo="e", reading="c", training="d", packages={"numpy": "2"})
CONFIG = ExperimentConfig(train_size=100, num_trials=2, test_size=3)


def trial_result(trial: int, arm: str, accuracy: float = 0.75) -> TrialResult:
    rng = np.random.default_rng((trial, len(arm)))
    return TrialResult(
        trial=trial,
        arm=arm,
        accuracy=accuracy,
        validation_accuracy=0.5,
        best_epoch=3,
        num_epochs=8,
        train_s=1.5,
        probs=rng.random(3, dtype=np.float32),
        head={"conv/kernel": rng.random((3, 5, 4), dtype=np.float32), "mix/gamma": np.float32(1.0) + np.zeros((), np.float32)},
    )


def reference_result(trial: int, accuracy: float = 0.6) -> ReferenceResult:
    probs = np.random.default_rng((trial, 99)).random(3, dtype=np.float32)
    return ReferenceResult(trial=trial, accuracy=accuracy, chosen_c=10.0, train_s=0.5, probs=probs)


def finished_run(store: RunStore, config: ExperimentConfig = CONFIG) -> Run:
    """Trial 0 of both arms: basic 0.7, elmo 0.8."""
    run = store.create_run(config)
    for arm, accuracy in (("basic", 0.7), ("elmo", 0.8)):
        store.trials.save(run, trial_result(0, arm, accuracy))
    store.set_status(run.id, "finished")
    return store.get_run(run.id)


def claimed(store: RunStore, run_id: str) -> Claim:
    """The claim on a run that nobody else drives."""
    claim = store.claim(run_id)
    assert claim
    return claim


@contextmanager
def another_program(url: str) -> Iterator[sa.Connection]:
    """A connection of its own to the database of a store, for what the store does not do; committed at its end."""
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def change(url: str, statement: str, **values: object) -> None:
    """Change the rows of a store behind its back."""
    with another_program(url) as connection:
        connection.execute(sa.text(statement), values)


def make_stale(url: str, run_id: str, *, by_s: float = -60.0) -> None:
    """Move the last heartbeat, into the future as if this computer's clock was set back since."""
    change(url, "UPDATE runs SET heartbeat_s = heartbeat_s + :by_s WHERE id = :id", by_s=by_s, id=run_id)


def make_deleted_long_ago(url: str, run_id: str) -> None:
    change(url, "UPDATE runs SET deleted_s = deleted_s - :ago_s WHERE id = :id", ago_s=KEEP_DELETED_S + 1, id=run_id)


def num_rows(url: str) -> list[int]:
    with another_program(url) as connection:
        return [
            connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() for table in ("runs", "trials", "heads")
        ]
