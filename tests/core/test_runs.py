from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import runs
from core.errors import UserError
from core.experiment import ExperimentConfig, TrialResult
from core.runs import RunStore

CONFIG = ExperimentConfig(train_size=100, num_trials=2, test_size=3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[RunStore]:
    store = RunStore(f"sqlite:///{path}")
    yield store
    store.close()


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


def make_stale(path: Path, run_id: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET heartbeat_s = heartbeat_s - 60 WHERE id = ?", (run_id,))


def test_a_run_comes_back_as_it_was_created(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG)

    again = RunStore(f"sqlite:///{path}").get_run(run.id)
    assert again == run
    assert again.config == CONFIG
    assert again.name == CONFIG.describe()
    assert again.status == "queued"
    assert abs(again.created_at.timestamp() - time.time()) < 60


def test_run_ids_are_short_and_fit_into_a_url(store: RunStore) -> None:
    ids = {store.create_run(CONFIG).id for _ in range(20)}

    assert len(ids) == 20
    assert all(len(run_id) == 8 and run_id.isalnum() and run_id.isascii() for run_id in ids)


def test_an_id_that_is_taken_is_drawn_again(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("aaaaaaaaaaaaaaaabbbbbbbb")
    monkeypatch.setattr("core.runs.secrets.choice", lambda _: next(letters))

    assert [store.create_run(CONFIG).id for _ in range(2)] == ["aaaaaaaa", "bbbbbbbb"]


def test_runs_are_listed_newest_first(store: RunStore) -> None:
    ids = [store.create_run(CONFIG).id for _ in range(3)]

    assert [run.id for run in store.list_runs()] == ids[::-1]


def test_an_unknown_run_is_a_user_error(store: RunStore) -> None:
    for use in (store.get_run, store.trial_results, store.heads, store.claim, store.delete, store.request_cancel):
        with pytest.raises(UserError, match="no run 'nowhere'"):
            use("nowhere")


def test_a_run_of_another_version_is_left_out_of_the_list_and_says_why_when_asked_for(store: RunStore, path: Path) -> None:
    old, new = store.create_run(CONFIG), store.create_run(CONFIG)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET config = replace(config, 'train_size', 'size') WHERE id = ?", (old.id,))

    assert [run.id for run in store.list_runs()] == [new.id]
    with pytest.raises(UserError, match="another version"):
        store.get_run(old.id)


def test_results_come_back_bit_by_bit(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    results = {(trial, arm): trial_result(trial, arm) for trial in (1, 0) for arm in ("elmo", "basic")}
    for result in results.values():
        store.save_trial(run.id, result)

    probabilities = store.probabilities(run.id)
    assert probabilities.keys() == results.keys()
    heads = store.heads(run.id)
    assert list(heads) == ["basic", "elmo"]
    for (trial, arm), result in results.items():
        np.testing.assert_array_equal(probabilities[trial, arm], result.probs, strict=True)
        assert heads[arm][trial].keys() == result.head.keys()
        for name, array in result.head.items():
            np.testing.assert_array_equal(heads[arm][trial][name], array, strict=True)


def test_accuracies_are_the_table_of_the_original_experiment(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    for trial, arm, accuracy in [(1, "elmo", 0.9), (0, "elmo", 0.8), (0, "basic", 0.7)]:
        store.save_trial(run.id, trial_result(trial, arm, accuracy))

    expected = pd.DataFrame({"basic": [0.7, np.nan], "elmo": [0.8, 0.9]}, index=pd.Index([0, 1], name="trial"))
    pd.testing.assert_frame_equal(store.accuracies(run.id), expected)


def test_a_run_without_results_has_empty_tables_with_the_same_columns(store: RunStore) -> None:
    run = store.create_run(CONFIG)

    assert store.accuracies(run.id).columns.to_list() == ["basic", "elmo"]
    assert len(store.accuracies(run.id)) == 0
    assert len(store.trial_results(run.id)) == 0
    assert store.probabilities(run.id) == {}
    assert store.heads(run.id) == {"basic": [], "elmo": []}


def test_trial_results_are_one_row_per_pair_with_the_arms_in_their_order(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    for trial, arm in [(1, "elmo"), (1, "basic"), (0, "elmo"), (0, "basic")]:
        store.save_trial(run.id, trial_result(trial, arm))

    frame = store.trial_results(run.id)
    assert list(zip(frame["trial"], frame["arm"], strict=True)) == [(0, "basic"), (0, "elmo"), (1, "basic"), (1, "elmo")]
    names = ["trial", "arm", "accuracy", "validation_accuracy", "best_epoch", "num_epochs", "train_s"]
    assert frame.columns.to_list() == names
    assert frame.iloc[0].to_list() == [0, "basic", 0.75, 0.5, 3, 8, 1.5]


def test_a_pair_that_is_saved_twice_counts_once(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.save_trial(run.id, trial_result(0, "basic", 0.1))
    store.save_trial(run.id, trial_result(0, "basic", 0.2))

    assert store.trial_results(run.id)["accuracy"].to_list() == [0.2]
    assert len(store.heads(run.id)["basic"]) == 1


def test_a_head_with_pickled_objects_is_not_loaded(store: RunStore, path: Path, tmp_path: Path) -> None:
    run = store.create_run(CONFIG)
    store.save_trial(run.id, trial_result(0, "basic"))
    np.savez(tmp_path / "evil.npz", weights=np.array([{"code": "evil"}], dtype=object))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE heads SET arrays = ?", ((tmp_path / "evil.npz").read_bytes(),))

    with pytest.raises(ValueError, match="allow_pickle=False"):
        store.heads(run.id)


def test_test_ids_phases_and_speed_are_kept(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.set_test_ids(run.id, ["a", "b", "c"])
    store.set_phases(run.id, {"embedding": 2.5}, 31.5, 0.99)

    run = store.get_run(run.id)
    assert (run.test_ids, run.phase_s) == (("a", "b", "c"), {"embedding": 2.5})
    assert (run.reviews_per_s, run.coverage) == (31.5, 0.99)


def test_only_one_of_many_may_drive_a_run(store: RunStore) -> None:
    run = store.create_run(CONFIG)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(store.claim, [run.id] * 8))

    assert sorted(answers) == [False] * 7 + [True]


def test_a_run_can_be_claimed_again_once_it_has_ended(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.claim(run.id)
    store.set_status(run.id, "failed", "The disk is full; free some space.")
    ended = store.get_run(run.id)
    assert (ended.status, ended.message, ended.can_resume) == ("failed", "The disk is full; free some space.", True)

    assert store.claim(run.id)
    again = store.get_run(run.id)
    assert (again.status, again.message, again.is_active) == ("queued", "", True)


def test_a_run_without_a_sign_of_life_is_interrupted_and_can_be_claimed(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG)
    store.claim(run.id)
    store.set_status(run.id, "running")
    make_stale(path, run.id)

    assert store.get_run(run.id).status == "interrupted"
    assert store.get_run(run.id).can_resume
    assert store.find_active(CONFIG) is None
    assert store.claim(run.id)


def test_a_heartbeat_keeps_a_run_alive(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG)
    store.claim(run.id)
    store.set_status(run.id, "running")
    make_stale(path, run.id)
    store.heartbeat(run.id)

    assert store.get_run(run.id).status == "running"
    assert not store.claim(run.id)


def test_a_finished_run_does_not_go_stale(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG)
    store.set_status(run.id, "finished")
    make_stale(path, run.id)

    assert store.get_run(run.id).status == "finished"
    assert not store.get_run(run.id).can_resume


def test_a_cancel_from_another_process_reaches_the_driver_and_ends_with_the_next_claim(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG)
    store.claim(run.id)
    assert store.heartbeat(run.id) is False

    RunStore(f"sqlite:///{path}").request_cancel(run.id)
    assert store.heartbeat(run.id) is True

    store.set_status(run.id, "cancelled")
    store.claim(run.id)
    assert store.heartbeat(run.id) is False


def test_the_same_configuration_is_found_while_it_runs(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.create_run(CONFIG.model_copy(update={"seed": 1}))

    found = store.find_active(CONFIG)
    assert found is not None
    assert found.id == run.id
    store.set_status(run.id, "finished")
    assert store.find_active(CONFIG) is None


def test_a_run_can_be_renamed_but_not_to_nothing(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.rename(run.id, "  Monday's class ")

    assert store.get_run(run.id).name == "Monday's class"
    with pytest.raises(UserError, match="cannot be empty"):
        store.rename(run.id, "  ")


def test_a_deleted_run_leaves_nothing_behind(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG)
    store.save_trial(run.id, trial_result(0, "basic"))
    store.set_status(run.id, "finished")
    store.delete(run.id)

    assert store.list_runs() == []
    with closing(sqlite3.connect(path)) as connection, connection:
        assert [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("trials", "heads")] == [0, 0]


def test_a_run_that_is_going_is_not_deleted(store: RunStore) -> None:
    run = store.create_run(CONFIG)

    with pytest.raises(UserError, match="cancel it"):
        store.delete(run.id)


def test_many_threads_can_write_and_read_at_once(store: RunStore) -> None:
    run = store.create_run(CONFIG)

    def use(trial: int) -> int:
        store.heartbeat(run.id)
        store.save_trial(run.id, trial_result(trial, "basic"))
        return len(store.trial_results(run.id))

    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(use, range(32)))

    assert max(counts) == 32


def test_a_damaged_store_is_a_user_error_and_is_not_touched(path: Path) -> None:
    garbage = b"this is no database at all " * 1000
    path.write_bytes(garbage)

    with pytest.raises(UserError, match=r"damaged: .*move it away"):
        RunStore(f"sqlite:///{path}")
    assert path.read_bytes() == garbage


def test_a_store_damaged_while_open_is_a_user_error(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG)
    store.close()
    data = path.read_bytes()
    path.write_bytes(data[:100] + os.urandom(len(data) - 100))

    with pytest.raises(UserError, match="damaged"):
        store.get_run(run.id)


def test_a_folder_that_does_not_exist_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="ELMO_LENS_DATA_DIR"):
        RunStore(f"sqlite:///{tmp_path / 'missing' / 'runs.sqlite'}")


def test_a_store_that_cannot_be_written_is_a_user_error(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG)
    store.close()

    with pytest.raises(UserError, match="make its folder writable"):
        RunStore(f"sqlite:///file:{path}?mode=ro&uri=true").rename(run.id, "new")


def test_a_locked_store_is_a_user_error(store: RunStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create_run(CONFIG)
    store.close()
    monkeypatch.setattr(runs, "_LOCK_TIMEOUT_S", 0.1)
    impatient = RunStore(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(UserError, match="another program holds it"):
        impatient.rename(run.id, "new")
    other.close()


@pytest.mark.parametrize("url", ["nonsense", "nosuchdatabase://host/name", "mysql://host/name"])
def test_a_url_that_cannot_be_used_is_a_user_error(url: str) -> None:
    with pytest.raises(UserError, match="ELMO_LENS_DATABASE_URL"):
        RunStore(url)


def test_past_runs_of_this_machine_tell_their_speeds(store: RunStore, path: Path) -> None:
    here, elsewhere = store.create_run(CONFIG), store.create_run(CONFIG)
    store.set_phases(here.id, {}, 25.0)
    store.save_trial(here.id, trial_result(0, "basic"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET machine = 'elsewhere' WHERE id = ?", (elsewhere.id,))

    [past] = store.speeds()
    assert (past.config, past.reviews_per_s, past.results["train_s"].to_list()) == (CONFIG, 25.0, [1.5])
