from __future__ import annotations

import psutil

from core.engine.engine import Engine
from core.experiment.config import ExperimentConfig
from core.experiment.events import EpochFinished, Event, RunCancelled
from core.settings import Settings
from core.store.run_store import RunStore
from tests.core.engine.runs import SLOW_HEAD, assert_same_results, progress_of, wait_for_end, wait_for_training, worker_pids
from tests.core.tiny_runs import wait_until


def test_a_cancel_ends_a_run_in_the_middle_and_a_resumed_run_ends_with_the_same_numbers(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    run_id = engine.submit(config)
    wait_until(lambda: progress_of(engine, run_id).finished)

    engine.cancel(run_id)
    wait_until(lambda: progress_of(engine, run_id).outcome == "cancelled")
    finished = store.trials.table(store.get_run(run_id))
    assert store.get_run(run_id).status == "cancelled"
    assert 1 <= len(finished) < 6

    engine.resume(run_id)
    engine.resume(run_id)  # the button pressed twice
    assert wait_for_end(engine, run_id).outcome == "finished"
    kept = store.trials.table(store.get_run(run_id)).merge(finished)
    assert len(kept) == len(finished)  # not trained again: even the seconds are the same
    assert_same_results(store, run_id, reference[0])


def test_workers_stop_training_after_a_cancel(engine: Engine, config: ExperimentConfig) -> None:
    run_id = engine.submit(config.model_copy(update={"head": SLOW_HEAD, "seed": 2}))
    wait_for_training(engine, run_id)
    engine.cancel(run_id)
    wait_for_end(engine, run_id)

    workers = [psutil.Process(pid) for pid in worker_pids()]
    wait_until(lambda: sum(worker.cpu_percent(interval=0.2) for worker in workers) < 30)


def test_a_cancel_from_another_process_is_heard(engine: Engine, settings: Settings, config: ExperimentConfig) -> None:
    run_id = engine.submit(config.model_copy(update={"head": SLOW_HEAD, "seed": 3}))
    wait_for_training(engine, run_id)

    RunStore(settings.store_url).request_cancel(run_id)
    assert wait_for_end(engine, run_id).outcome == "cancelled"


def test_the_last_event_of_a_cancelled_run_says_so(engine: Engine, store: RunStore, config: ExperimentConfig) -> None:
    run = store.create_run(config.model_copy(update={"head": SLOW_HEAD, "seed": 9}))
    events: list[Event] = []
    for event in engine.run_events(run.id):
        events.append(event)
        if isinstance(event, EpochFinished):
            engine.cancel(run.id)

    assert events[-1] == RunCancelled()
