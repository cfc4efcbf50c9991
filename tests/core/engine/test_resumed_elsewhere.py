"""Two drivers and one run: one that sent no heartbeat for a while does not touch the run that another has resumed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.engine.engine import Engine
from core.engine.heartbeat import Heartbeat, StoppedError
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.events import Event
from core.settings import Settings
from core.store.claims import Claim, ResumedElsewhereError
from core.store.run_store import RunStore
from tests.core.engine.runs import assert_same_results, progress_of, wait_for_end, wait_for_training
from tests.core.store.stored import claimed, make_stale
from tests.core.tiny_runs import wait_until

CONFIG = ExperimentConfig(train_size=100, num_trials=2)


@pytest.fixture
def own_settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, num_workers=1)


@pytest.fixture
def sleeper(own_settings: Settings) -> Iterator[RunStore]:
    store = RunStore(own_settings.store_url)
    yield store
    store.close()


@pytest.fixture
def other(own_settings: Settings) -> Iterator[RunStore]:
    store = RunStore(own_settings.store_url)
    yield store
    store.close()


def resume_elsewhere(other: RunStore, run_id: str, settings: Settings) -> Claim:
    """As if the driver had slept for a minute."""
    make_stale(settings.store_url, run_id)
    return claimed(other, run_id)


def test_the_former_driver_changes_neither_heartbeat_nor_status(
    sleeper: RunStore, other: RunStore, own_settings: Settings
) -> None:
    run = sleeper.create_run(CONFIG)
    former = claimed(sleeper, run.id)
    claim = resume_elsewhere(other, run.id, own_settings)
    other.set_status(run.id, "running", claim=claim)
    with pytest.raises(ResumedElsewhereError):
        sleeper.heartbeat(run.id, former)
    with pytest.raises(ResumedElsewhereError):
        sleeper.set_status(run.id, "cancelled", claim=former)
    assert other.get_run(run.id).status == "running"
    assert other.heartbeat(run.id, claim) is False


def test_a_deleted_run_is_not_mistaken_for_one_that_was_resumed(sleeper: RunStore) -> None:
    run = sleeper.create_run(CONFIG)
    sleeper.set_status(run.id, "cancelled")
    sleeper.delete(run.id)
    with pytest.raises(UserError) as error:
        sleeper.set_status(run.id, "finished")
    assert error.value.code == "run-deleted"


def test_the_former_driver_stops_at_its_next_heartbeat(sleeper: RunStore, other: RunStore, own_settings: Settings) -> None:
    run = sleeper.create_run(CONFIG)
    heartbeat = Heartbeat(sleeper, run.id, claimed(sleeper, run.id))
    resume_elsewhere(other, run.id, own_settings)

    def has_stopped() -> bool:
        try:
            heartbeat.check()
        except StoppedError as stopped:
            return stopped.reason == "resumed elsewhere"
        return False

    wait_until(has_stopped)
    heartbeat.end()


def test_an_engine_that_wakes_up_leaves_the_run_to_its_new_driver(
    sleeper: RunStore, other: RunStore, own_settings: Settings
) -> None:
    run = sleeper.create_run(CONFIG)
    engine = Engine(own_settings, sleeper)
    events = engine.run_events(run.id)
    next(events)
    resume_elsewhere(other, run.id, own_settings)
    events.close()  # which would have cancelled it
    engine.close()
    assert other.get_run(run.id).is_active


def test_a_thread_that_stalled_leaves_the_run_to_another_thread_of_the_same_engine(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("core.engine.heartbeat._INTERVAL_S", 5.0)  # seldom enough to be taken for dead
        run_id = engine.submit(config)
        wait_for_training(engine, run_id)
    former = engine._claims[run_id]

    def is_resumed() -> bool:
        make_stale(settings.store_url, run_id)
        engine.resume(run_id)
        return engine._claims[run_id] != former

    wait_until(is_resumed)
    assert progress_of(engine, run_id).outcome == "running"
    assert wait_for_end(engine, run_id).outcome == "finished"
    assert len(progress_of(engine, run_id).finished) == len(config.pairs)  # none came twice
    assert store.get_run(run_id).is_finished
    assert_same_results(store, run_id, reference[0])
