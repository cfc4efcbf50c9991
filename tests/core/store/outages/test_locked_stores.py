"""A store that another program has locked, or whose folder is away for a while: a driver waits, a page is told at once."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from core.errors import UserError
from core.store import claims, database
from core.store.claims import Claim
from core.store.run import Run
from core.store.run_store import RunStore
from tests.core.store.stored import CONFIG, NOW, claimed, reference_result, trial_result

LOCKED_S = 1.5  # many times the timeout of SQLite below


@pytest.fixture
def impatient(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    """A store in which SQLite itself waits for a moment only."""
    monkeypatch.setattr(database, "_LOCK_TIMEOUT_S", 0.05)
    store = RunStore(f"sqlite:///{path}")
    yield store
    store.close()


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Another connection that holds the lock to write."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield other


def trial_of(store: RunStore, run: Run, claim: Claim) -> None:
    store.trials.save(run, trial_result(0, "elmo"), claim=claim)


def bag_of_words(store: RunStore, run: Run, claim: Claim) -> None:
    store.trials.save_reference(run, reference_result(0), claim=claim)


def status(store: RunStore, run: Run, claim: Claim) -> None:
    store.set_status(run.id, "finished", claim=claim)


@pytest.mark.parametrize("write", [trial_of, bag_of_words, status])
def test_a_driver_waits_for_a_locked_store_and_writes_then(
    impatient: RunStore, path: Path, write: Callable[[RunStore, Run, Claim], None]
) -> None:
    run = impatient.create_run(CONFIG, NOW)
    claim = claimed(impatient, run.id)
    with locked(path) as other:
        unlock = threading.Timer(LOCKED_S, other.execute, ["ROLLBACK"])
        began_s = time.monotonic()
        unlock.start()
        write(impatient, run, claim)
        waited_s = time.monotonic() - began_s
        unlock.join()
    assert waited_s > LOCKED_S * 0.9  # it was locked indeed
    stored = impatient.get_run(run.id)
    assert stored.is_finished or impatient.trials.num_results(run) == 1


def test_who_is_no_driver_is_told_at_once(impatient: RunStore, path: Path) -> None:
    run = impatient.create_run(CONFIG, NOW)
    with locked(path):
        changes: list[Callable[[], object]] = [
            lambda: impatient.rename(run.id, "new"),
            lambda: impatient.set_status(run.id, "cancelled"),
            lambda: impatient.claim(run.id),
        ]
        for change in changes:
            with pytest.raises(UserError) as error:
                change()
            assert error.value.code == "store-locked"
        assert impatient.get_run(run.id) == run  # reading waits for nobody


def test_a_driver_gives_up_in_the_end_with_one_sentence(impatient: RunStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "_PATIENCE_S", 1.0)
    run = impatient.create_run(CONFIG, NOW)
    claim = claimed(impatient, run.id)
    with locked(path), pytest.raises(UserError, match=r"for 1 seconds \(database is locked\)") as error:
        impatient.trials.save(run, trial_result(0, "elmo"), claim=claim)
    assert error.value.code == "store-locked"
    impatient.trials.save(run, trial_result(0, "elmo"), claim=claim)


def test_a_driver_waits_until_the_folder_of_the_store_is_there_again(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "drive", tmp_path / "unplugged"
    folder.mkdir()
    store = RunStore(f"sqlite:///{folder / 'runs.sqlite'}")
    run = store.create_run(CONFIG, NOW)
    claim = claimed(store, run.id)
    store.close()  # as if every connection had broken
    folder.rename(elsewhere)
    with pytest.raises(UserError) as error:
        store.rename(run.id, "new")
    assert error.value.code == "store-not-writable"

    plugged_in = threading.Timer(LOCKED_S, elsewhere.rename, [folder])
    plugged_in.start()
    store.trials.save(run, trial_result(0, "elmo"), claim=claim)
    plugged_in.join()
    assert store.trials.num_finished(run) == 1
    store.close()
