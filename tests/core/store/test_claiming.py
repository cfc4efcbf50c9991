from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import UserError
from core.store.claims import Claim, ResumedElsewhereError
from core.store.run_store import RunStore
from tests.core.store.stored import CONFIG, NOW, claimed, make_stale, num_rows, trial_result


def test_only_one_of_many_may_drive_a_run(store: RunStore) -> None:
    run = store.create_run(CONFIG, NOW)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(store.claim, [run.id] * 8))

    assert sorted(claim is None for claim in answers) == [False] + [True] * 7


def test_a_run_can_be_claimed_again_once_it_has_ended(store: RunStore) -> None:
    run = store.create_run(CONFIG, NOW)
    claim = store.claim(run.id)
    store.set_status(run.id, "failed", "The disk is full; free some space.", claim=claim)
    ended = store.get_run(run.id)
    assert (ended.status, ended.message, ended.can_resume) == ("failed", "The disk is full; free some space.", True)

    assert store.claim(run.id)
    again = store.get_run(run.id)
    assert (again.status, again.message, again.is_active) == ("queued", "", True)


@pytest.mark.parametrize("by_s", [-60, 3600], ids=["none for a minute", "before the clock was set back"])
def test_a_run_without_a_heartbeat_is_interrupted_and_can_be_claimed(store: RunStore, url: str, by_s: float) -> None:
    run = store.create_run(CONFIG, NOW)
    store.set_status(run.id, "running", claim=store.claim(run.id))
    make_stale(url, run.id, by_s=by_s)

    assert store.get_run(run.id).status == "interrupted"
    assert store.overview()["status"].to_list() == ["interrupted"]
    assert store.get_run(run.id).can_resume
    assert store.find_active(CONFIG, NOW) is None
    assert store.claim(run.id)


@pytest.mark.parametrize("by_s", [-60, 3600])
def test_a_heartbeat_keeps_a_run_alive(store: RunStore, url: str, by_s: float) -> None:
    run = store.create_run(CONFIG, NOW)
    claim = claimed(store, run.id)
    store.set_status(run.id, "running", claim=claim)
    make_stale(url, run.id, by_s=by_s)
    store.heartbeat(run.id, claim)

    assert store.get_run(run.id).status == "running"
    assert not store.claim(run.id)


def test_a_run_that_died_before_the_clock_was_set_back_can_be_deleted(store: RunStore, url: str) -> None:
    run = store.create_run(CONFIG, NOW)
    store.set_status(run.id, "running", claim=store.claim(run.id))
    with pytest.raises(UserError):
        store.delete(run.id)
    make_stale(url, run.id, by_s=3600)

    store.delete(run.id)
    assert store.list_runs() == []


def test_a_finished_run_does_not_go_stale(store: RunStore, url: str) -> None:
    run = store.create_run(CONFIG, NOW)
    store.set_status(run.id, "finished")
    make_stale(url, run.id)

    assert store.get_run(run.id).status == "finished"
    assert not store.get_run(run.id).can_resume


def test_a_cancel_from_another_process_reaches_the_driver_and_ends_with_the_next_claim(store: RunStore, url: str) -> None:
    run = store.create_run(CONFIG, NOW)
    claim = claimed(store, run.id)
    assert store.heartbeat(run.id, claim) is False

    RunStore(url).request_cancel(run.id)
    assert store.heartbeat(run.id, claim) is True

    store.set_status(run.id, "cancelled", claim=claim)
    assert store.heartbeat(run.id, claimed(store, run.id)) is False


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
    claim = claimed(store, run.id)

    def use(trial: int) -> int:
        store.heartbeat(run.id, claim)
        store.trials.save(run, trial_result(trial, "basic"), claim=claim)
        return len(store.trials.table(run))

    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(use, range(32)))

    assert max(counts) == 32


def write(store: RunStore, run_id: str, what: str, claim: Claim | None) -> None:
    run = store.get_run(run_id)
    match what:
        case "status":
            store.set_status(run_id, "cancelled", claim=claim)
        case "phases":
            store.set_phases(run_id, {"training": 9.0}, 1.0, claim=claim)
        case "provenance":
            store.set_provenance(run_id, NOW.model_copy(update={"elmo": "another"}), claim=claim)
        case "test reviews":
            store.set_draws(run_id, ["z"], [1], claim=claim)
        case "trial":
            store.trials.save(run, trial_result(0, "basic", 0.1), claim=claim)


WRITES = ["status", "phases", "provenance", "test reviews", "trial"]


@pytest.mark.parametrize("what", WRITES)
def test_a_thread_that_stalled_writes_nothing_after_another_of_the_same_program_claimed_the_run(
    store: RunStore, url: str, what: str
) -> None:
    run = store.create_run(CONFIG, NOW)
    first = claimed(store, run.id)
    make_stale(url, run.id)
    second = claimed(store, run.id)
    store.set_status(run.id, "running", claim=second)
    before = store.get_run(run.id)

    with ThreadPoolExecutor(1) as thread, pytest.raises(ResumedElsewhereError):
        thread.submit(write, store, run.id, what, first).result()
    with pytest.raises(ResumedElsewhereError):
        store.heartbeat(run.id, first)
    assert (store.get_run(run.id), num_rows(url)) == (before, [1, 0, 0])
    store.set_status(run.id, "finished", claim=second)
    with pytest.raises(ResumedElsewhereError):
        write(store, run.id, what, first)
    assert store.get_run(run.id).is_finished


@pytest.mark.parametrize("what", WRITES)
def test_without_a_claim_only_a_run_that_nobody_drives_is_changed(store: RunStore, what: str) -> None:
    run = store.create_run(CONFIG, NOW)
    write(store, run.id, what, None)
    claimed(store, run.id)

    with pytest.raises(ResumedElsewhereError):
        write(store, run.id, what, None)
    with pytest.raises(ResumedElsewhereError):
        store.trials.copy_pairs(run, {(0, "basic"): run.id})


@pytest.mark.parametrize("what", WRITES)
def test_a_driver_whose_run_was_deleted_writes_nothing(store: RunStore, url: str, what: str) -> None:
    run = store.create_run(CONFIG, NOW)
    claim = claimed(store, run.id)
    make_stale(url, run.id)
    store.delete(run.id)

    with pytest.raises(UserError) as error:
        write(store, run.id, what, claim)
    assert error.value.code == "run-deleted"
    assert num_rows(url) == [1, 0, 0]
