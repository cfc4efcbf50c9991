"""Two programs and one run: a driver that sent no heartbeat for a while does not touch the run that another has resumed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.engine.engine import Engine
from core.engine.heartbeat import Heartbeat, StoppedError
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.settings import Settings
from core.store.run_store import ResumedElsewhereError, RunStore
from tests.core.tiny_runs import wait_until

CONFIG = ExperimentConfig(train_size=100, num_trials=2)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, num_workers=1)


@pytest.fixture
def sleeper(settings: Settings) -> Iterator[RunStore]:
    store = RunStore(settings.store_url)
    yield store
    store.close()


@pytest.fixture
def other(settings: Settings) -> Iterator[RunStore]:
    store = RunStore(settings.store_url)
    yield store
    store.close()


def resume_elsewhere(other: RunStore, run_id: str, settings: Settings) -> None:
    """As if the driver had slept for a minute."""
    with closing(sqlite3.connect(settings.folder() / "runs.sqlite")) as connection, connection:
        connection.execute("UPDATE runs SET heartbeat_s = heartbeat_s - 60 WHERE id = ?", (run_id,))
    assert other.claim(run_id)


def test_the_former_driver_changes_neither_heartbeat_nor_status(sleeper: RunStore, other: RunStore, settings: Settings) -> None:
    run = sleeper.create_run(CONFIG)
    sleeper.claim(run.id)
    resume_elsewhere(other, run.id, settings)
    other.set_status(run.id, "running")
    with pytest.raises(ResumedElsewhereError):
        sleeper.heartbeat(run.id)
    with pytest.raises(ResumedElsewhereError):
        sleeper.set_status(run.id, "cancelled")
    assert other.get_run(run.id).status == "running"
    assert other.heartbeat(run.id) is False


def test_a_deleted_run_is_not_mistaken_for_one_that_was_resumed(sleeper: RunStore) -> None:
    run = sleeper.create_run(CONFIG)
    sleeper.set_status(run.id, "cancelled")
    sleeper.delete(run.id)
    with pytest.raises(UserError) as error:
        sleeper.set_status(run.id, "finished")
    assert error.value.code == "run-deleted"


def test_the_former_driver_stops_at_its_next_heartbeat(sleeper: RunStore, other: RunStore, settings: Settings) -> None:
    run = sleeper.create_run(CONFIG)
    sleeper.claim(run.id)
    heartbeat = Heartbeat(sleeper, run.id)
    resume_elsewhere(other, run.id, settings)

    def has_stopped() -> bool:
        try:
            heartbeat.check()
        except StoppedError as stopped:
            return stopped.reason == "resumed elsewhere"
        return False

    wait_until(has_stopped)
    heartbeat.end()


def test_an_engine_that_wakes_up_leaves_the_run_to_its_new_driver(sleeper: RunStore, other: RunStore, settings: Settings) -> None:
    run = sleeper.create_run(CONFIG)
    engine = Engine(settings, sleeper)
    events = engine.run_events(run.id)
    next(events)
    resume_elsewhere(other, run.id, settings)
    events.close()  # which would have cancelled it
    engine.close()
    assert other.get_run(run.id).is_active
