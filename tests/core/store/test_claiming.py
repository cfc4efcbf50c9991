from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.store.run_store import RunStore
from tests.core.store.stored import CONFIG, NOW, make_stale, trial_result


def test_only_one_of_many_may_drive_a_run(store: RunStore) -> None:
    run = store.create_run(CONFIG, NOW)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(store.claim, [run.id] * 8))

    assert sorted(answers) == [False] * 7 + [True]


def test_a_run_can_be_claimed_again_once_it_has_ended(store: RunStore) -> None:
    run = store.create_run(CONFIG, NOW)
    store.claim(run.id)
    store.set_status(run.id, "failed", "The disk is full; free some space.")
    ended = store.get_run(run.id)
    assert (ended.status, ended.message, ended.can_resume) == ("failed", "The disk is full; free some space.", True)

    assert store.claim(run.id)
    again = store.get_run(run.id)
    assert (again.status, again.message, again.is_active) == ("queued", "", True)


def test_a_run_without_a_heartbeat_is_interrupted_and_can_be_claimed(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG, NOW)
    store.claim(run.id)
    store.set_status(run.id, "running")
    make_stale(path, run.id)

    assert store.get_run(run.id).status == "interrupted"
    assert store.get_run(run.id).can_resume
    assert store.find_active(CONFIG, NOW) is None
    assert store.claim(run.id)


def test_a_heartbeat_keeps_a_run_alive(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG, NOW)
    store.claim(run.id)
    store.set_status(run.id, "running")
    make_stale(path, run.id)
    store.heartbeat(run.id)

    assert store.get_run(run.id).status == "running"
    assert not store.claim(run.id)


def test_a_finished_run_does_not_go_stale(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG, NOW)
    store.set_status(run.id, "finished")
    make_stale(path, run.id)

    assert store.get_run(run.id).status == "finished"
    assert not store.get_run(run.id).can_resume


def test_a_cancel_from_another_process_reaches_the_driver_and_ends_with_the_next_claim(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG, NOW)
    store.claim(run.id)
    assert store.heartbeat(run.id) is False

    RunStore(f"sqlite:///{path}").request_cancel(run.id)
    assert store.heartbeat(run.id) is True

    store.set_status(run.id, "cancelled")
    store.claim(run.id)
    assert store.heartbeat(run.id) is False


def test_the_same_configuration_is_found_while_it_runs(store: RunStore) -> None:
    run = store.create_run(CONFIG, NOW)
    store.create_run(CONFIG.model_copy(update={"seed": 1}))

    found = store.find_active(CONFIG, NOW)
    assert found is not None
    assert found.id == run.id
    store.set_status(run.id, "finished")
    assert store.find_active(CONFIG, NOW) is None


def test_many_threads_can_write_and_read_at_once(store: RunStore) -> None:
    run = store.create_run(CONFIG, NOW)
    store.claim(run.id)

    def use(trial: int) -> int:
        store.heartbeat(run.id)
        store.trials.save(run, trial_result(trial, "basic"))
        return len(store.trials.table(run))

    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(use, range(32)))

    assert max(counts) == 32
