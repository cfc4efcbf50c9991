"""Runs and results to put into a store, and what time or other programs do to them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

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


def make_stale(path: Path, run_id: str, *, by_s: float = -60.0) -> None:
    """Move the last heartbeat, into the future as if this computer's clock was set back since."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET heartbeat_s = heartbeat_s + ? WHERE id = ?", (by_s, run_id))


def make_deleted_long_ago(path: Path, run_id: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET deleted_s = deleted_s - ? WHERE id = ?", (KEEP_DELETED_S + 1, run_id))


def num_rows(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("runs", "trials", "heads")]
