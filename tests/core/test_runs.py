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
import sqlalchemy as sa

from core import database
from core.errors import UserError
from core.experiment import ExperimentConfig, TrialResult
from core.overview import OVERVIEW_COLUMNS
from core.records import Run
from core.runs import RunStore
from core.settings import KEEP_DELETED_S

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


def test_a_run_knows_when_its_elmo_has_changed_since_and_one_without_elmo_never_minds(store: RunStore, path: Path) -> None:
    run, basic = store.create_run(CONFIG), store.create_run(CONFIG.model_copy(update={"arms": ("basic",)}))
    run.require_installed_vectors()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET elmo_version = 'another'")
    with pytest.raises(UserError, match=f"The run {run.id} was trained with another version of elmo-mini"):
        store.get_run(run.id).require_installed_vectors()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET elmo_version = NULL")
    assert not store.get_run(run.id).has_installed_vectors  # stored before versions were
    assert store.get_run(basic.id).has_installed_vectors


def test_run_ids_are_short_and_fit_into_a_url(store: RunStore) -> None:
    ids = {store.create_run(CONFIG).id for _ in range(20)}

    assert len(ids) == 20
    assert all(len(run_id) == 8 and run_id.isalnum() and run_id.isascii() for run_id in ids)


def test_an_id_that_is_taken_is_drawn_again(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("aaaaaaaaaaaaaaaabbbbbbbb")
    monkeypatch.setattr("core.database.secrets.choice", lambda _: next(letters))

    assert [store.create_run(CONFIG).id for _ in range(2)] == ["aaaaaaaa", "bbbbbbbb"]


def test_runs_are_listed_newest_first(store: RunStore) -> None:
    ids = [store.create_run(CONFIG).id for _ in range(3)]

    assert [run.id for run in store.list_runs()] == ids[::-1]


def test_an_unknown_run_is_a_user_error(store: RunStore) -> None:
    for use in (store.get_run, store.results.trials, store.results.heads, store.claim, store.delete, store.request_cancel):
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
        store.results.save(run.id, result)

    probabilities = store.results.probabilities(run.id)
    assert probabilities.keys() == results.keys()
    heads = store.results.heads(run.id)
    assert list(heads) == ["basic", "elmo"]
    for (trial, arm), result in results.items():
        np.testing.assert_array_equal(probabilities[trial, arm], result.probs, strict=True)
        assert heads[arm][trial].keys() == result.head.keys()
        for name, array in result.head.items():
            np.testing.assert_array_equal(heads[arm][trial][name], array, strict=True)


def test_accuracies_are_the_table_of_the_original_experiment(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    for trial, arm, accuracy in [(1, "elmo", 0.9), (0, "elmo", 0.8), (0, "basic", 0.7)]:
        store.results.save(run.id, trial_result(trial, arm, accuracy))

    expected = pd.DataFrame({"basic": [0.7, np.nan], "elmo": [0.8, 0.9]}, index=pd.Index([0, 1], name="trial"))
    pd.testing.assert_frame_equal(store.results.accuracies(run.id), expected)


def test_a_run_without_results_has_empty_tables_with_the_same_columns(store: RunStore) -> None:
    run = store.create_run(CONFIG)

    assert store.results.accuracies(run.id).columns.to_list() == ["basic", "elmo"]
    assert len(store.results.accuracies(run.id)) == 0
    assert len(store.results.trials(run.id)) == 0
    assert store.results.probabilities(run.id) == {}
    assert store.results.heads(run.id) == {"basic": [], "elmo": []}


def test_trial_results_are_one_row_per_pair_with_the_arms_in_their_order(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    for trial, arm in [(1, "elmo"), (1, "basic"), (0, "elmo"), (0, "basic")]:
        store.results.save(run.id, trial_result(trial, arm))

    frame = store.results.trials(run.id)
    assert list(zip(frame["trial"], frame["arm"], strict=True)) == [(0, "basic"), (0, "elmo"), (1, "basic"), (1, "elmo")]
    names = ["trial", "arm", "accuracy", "validation_accuracy", "best_epoch", "num_epochs", "train_s"]
    assert frame.columns.to_list() == names
    assert frame.iloc[0].to_list() == [0, "basic", 0.75, 0.5, 3, 8, 1.5]


def test_a_pair_that_is_saved_twice_counts_once(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.results.save(run.id, trial_result(0, "basic", 0.1))
    store.results.save(run.id, trial_result(0, "basic", 0.2))

    assert store.results.trials(run.id)["accuracy"].to_list() == [0.2]
    assert len(store.results.heads(run.id)["basic"]) == 1


def test_a_head_with_pickled_objects_is_not_loaded(store: RunStore, path: Path, tmp_path: Path) -> None:
    run = store.create_run(CONFIG)
    store.results.save(run.id, trial_result(0, "basic"))
    np.savez(tmp_path / "evil.npz", weights=np.array([{"code": "evil"}], dtype=object))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE heads SET arrays = ?", ((tmp_path / "evil.npz").read_bytes(),))

    with pytest.raises(ValueError, match="allow_pickle=False"):
        store.results.heads(run.id)


def test_test_ids_phases_and_speed_are_kept(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.set_test_ids(run.id, ["a", "b", "c"], [1, 0, 1])
    store.set_phases(run.id, {"embedding": 2.5}, 31.5, 0.99)

    run = store.get_run(run.id)
    assert (run.test_ids, run.test_labels, run.phase_s) == (("a", "b", "c"), (1, 0, 1), {"embedding": 2.5})
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


def make_deleted_yesterday(path: Path, run_id: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET deleted_s = deleted_s - ? WHERE id = ?", (KEEP_DELETED_S + 1, run_id))


def num_rows(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("runs", "trials", "heads")]


def finished_run(store: RunStore, config: ExperimentConfig = CONFIG) -> Run:
    """Trial 0 of both arms: basic 0.7, elmo 0.8."""
    run = store.create_run(config)
    for arm, accuracy in (("basic", 0.7), ("elmo", 0.8)):
        store.results.save(run.id, trial_result(0, arm, accuracy))
    store.set_status(run.id, "finished")
    return store.get_run(run.id)


def test_a_deleted_run_vanishes_from_everything_that_lists_runs(store: RunStore) -> None:
    run = finished_run(store)
    store.delete(run.id)

    assert store.list_runs() == []
    assert store.overview().empty
    assert store.find_runs(lambda _: True) == []
    assert store.results.speeds() == []
    for use in (store.get_run, store.claim, store.request_cancel, lambda run_id: store.rename(run_id, "new")):
        with pytest.raises(UserError, match="no run"):
            use(run.id)


def test_a_deleted_run_that_is_restored_is_as_it_was(store: RunStore) -> None:
    run = finished_run(store)
    results, heads = store.results.trials(run.id), store.results.heads(run.id)
    store.delete(run.id)
    store.restore(run.id)

    assert store.get_run(run.id) == run
    pd.testing.assert_frame_equal(store.results.trials(run.id), results)
    assert store.results.heads(run.id)["elmo"][0].keys() == heads["elmo"][0].keys()


def test_a_run_deleted_over_a_day_ago_leaves_nothing_behind(store: RunStore, path: Path) -> None:
    gone, kept = finished_run(store), finished_run(store)
    store.delete(gone.id)
    assert num_rows(path) == [2, 4, 4]
    make_deleted_yesterday(path, gone.id)

    RunStore(f"sqlite:///{path}").close()
    assert num_rows(path) == [1, 2, 2]
    assert [run.id for run in store.list_runs()] == [kept.id]
    with pytest.raises(UserError, match="no run"):
        store.restore(gone.id)


def test_restoring_a_run_that_was_not_deleted_changes_nothing(store: RunStore) -> None:
    run = finished_run(store)
    store.restore(run.id)

    assert store.get_run(run.id) == run


def test_a_run_that_is_going_is_not_deleted(store: RunStore) -> None:
    run = store.create_run(CONFIG)

    with pytest.raises(UserError, match="cancel it"):
        store.delete(run.id)


@pytest.mark.parametrize("first", ["claim", "delete"])
def test_a_run_is_not_deleted_and_driven_at_the_same_moment(
    store: RunStore, path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    run = store.create_run(CONFIG)
    store.set_status(run.id, "cancelled")
    other = RunStore(f"sqlite:///{path}")

    def be_overtaken(_: str) -> Run:
        getattr(other, first)(run.id)
        return run

    monkeypatch.setattr(store, "get_run", be_overtaken)  # what it says is out of date when it returns
    if first == "delete":
        assert store.claim(run.id) is False
    else:
        with pytest.raises(UserError, match="cancel it"):
            store.delete(run.id)
        assert other.get_run(run.id).status == "queued"


def test_many_threads_can_write_and_read_at_once(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.claim(run.id)

    def use(trial: int) -> int:
        store.heartbeat(run.id)
        store.results.save(run.id, trial_result(trial, "basic"))
        return len(store.results.trials(run.id))

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
    monkeypatch.setattr(database, "_LOCK_TIMEOUT_S", 0.1)
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
    store.results.save(here.id, trial_result(0, "basic"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET machine = 'elsewhere' WHERE id = ?", (elsewhere.id,))

    [past] = store.results.speeds()
    assert (past.config, past.reviews_per_s, past.results["train_s"].to_list()) == (CONFIG, 25.0, [1.5])


def test_the_overview_has_a_row_per_run_with_the_means_of_its_finished_trials(store: RunStore) -> None:
    older = finished_run(store)
    store.results.save(older.id, trial_result(1, "elmo", 0.9))
    newer = store.create_run(CONFIG.model_copy(update={"train_size": 200, "elmo": "/my/elmo"}))
    store.rename(newer.id, "Mine")

    frame = store.overview()
    assert tuple(frame.columns) == OVERVIEW_COLUMNS
    assert frame["id"].to_list() == [newer.id, older.id]
    assert frame["name"].to_list() == ["Mine", older.name]
    assert frame["train_size"].to_list() == [200, 100]
    assert frame["elmo"].to_list() == ["/my/elmo", "elmo-mini"]
    assert frame["status"].to_list() == ["queued", "finished"]
    assert frame["num_pairs"].to_list() == [0, 3]
    assert frame["mean_basic"].to_list() == pytest.approx([np.nan, 0.7], nan_ok=True)
    assert frame["mean_elmo"].to_list() == pytest.approx([np.nan, 0.85], nan_ok=True)
    assert frame["mean_difference"].to_list() == pytest.approx([np.nan, 0.1], nan_ok=True)  # of the one trial with both arms
    assert frame["created_at"].iloc[1] == older.created_at


def test_the_overview_is_one_query_however_many_runs_there_are(store: RunStore) -> None:
    for _ in range(5):
        finished_run(store)
    statements: list[str] = []
    sa.event.listen(
        store._database._engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: statements.append(statement)
    )

    assert len(store.overview()) == 5
    assert len(statements) == 1


def test_the_overview_knows_interrupted_runs_and_leaves_out_those_of_another_version(store: RunStore, path: Path) -> None:
    interrupted, foreign = store.create_run(CONFIG), store.create_run(CONFIG)
    make_stale(path, interrupted.id)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET config = replace(config, 'train_size', 'size') WHERE id = ?", (foreign.id,))

    assert store.overview()[["id", "status"]].to_numpy().tolist() == [[interrupted.id, "interrupted"]]


def test_an_empty_store_has_an_overview_without_rows(store: RunStore) -> None:
    assert tuple(store.overview().columns) == OVERVIEW_COLUMNS
    assert store.overview().empty


def store_of_the_first_version(path: Path) -> str:
    """A finished run in the tables as version 0.1.0 made them; its id."""
    store = RunStore(f"sqlite:///{path}")
    run = finished_run(store)
    store.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for column in ("test_labels", "deleted_s"):
            connection.execute(f"ALTER TABLE runs DROP COLUMN {column}")
        connection.execute("DROP TABLE sweeps")
    return run.id


def test_a_store_of_the_first_version_goes_on_working(path: Path) -> None:
    run_id = store_of_the_first_version(path)
    store = RunStore(f"sqlite:///{path}")

    run = store.get_run(run_id)
    assert (run.status, run.test_labels) == ("finished", ())
    assert store.overview()["num_pairs"].to_list() == [2]
    assert store.sweeps.all() == []
    store.set_test_ids(run_id, ["a"], [1])
    store.delete(run_id)
    store.restore(run_id)
    assert store.get_run(run_id).test_labels == (1,)


def test_several_programs_may_open_a_store_of_the_first_version_at_once(path: Path) -> None:
    run_id = store_of_the_first_version(path)

    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: RunStore(f"sqlite:///{path}"), range(8)))

    assert all(store.get_run(run_id).test_labels == () for store in stores)


def test_several_programs_may_make_the_same_new_store_at_once(path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: RunStore(f"sqlite:///{path}"), range(8)))

    run = stores[0].create_run(CONFIG)
    assert all(store.get_run(run.id) == run for store in stores)


def test_pairs_taken_over_come_with_their_heads_and_the_source_keeps_them(store: RunStore) -> None:
    source, run = finished_run(store), store.create_run(CONFIG)
    store.results.take_over(run.id, {(0, "basic"): source.id, (0, "elmo"): source.id})

    pairs = {(0, "basic"), (0, "elmo")}
    assert store.results.finished_pairs([run.id, source.id]) == {run.id: pairs, source.id: pairs}
    pd.testing.assert_frame_equal(store.results.trials(run.id), store.results.trials(source.id))
    for pair, probs in store.results.probabilities(source.id).items():
        np.testing.assert_array_equal(store.results.probabilities(run.id)[pair], probs, strict=True)
    for arm, heads in store.results.heads(source.id).items():
        for name, array in heads[0].items():
            np.testing.assert_array_equal(store.results.heads(run.id)[arm][0][name], array, strict=True)


def test_pairs_that_another_program_has_taken_over_meanwhile_are_no_error(store: RunStore) -> None:
    source, run = finished_run(store), store.create_run(CONFIG)
    for _ in range(2):
        store.results.take_over(run.id, {(0, "basic"): source.id})

    assert store.results.finished_pairs([run.id]) == {run.id: {(0, "basic")}}


def test_only_the_pairs_asked_for_are_taken_over(store: RunStore) -> None:
    source, run = finished_run(store), store.create_run(CONFIG)
    store.results.take_over(run.id, {(0, "elmo"): source.id})

    assert store.results.finished_pairs([run.id]) == {run.id: {(0, "elmo")}}


def test_runs_can_be_found_by_their_config(store: RunStore) -> None:
    wanted = store.create_run(CONFIG.model_copy(update={"num_trials": 7}))
    store.create_run(CONFIG)

    assert store.find_runs(lambda config: config.num_trials == 7) == [wanted]


def test_a_sweep_comes_back_as_it_was_created(store: RunStore, path: Path) -> None:
    sweep = store.sweeps.create(CONFIG, (50, 200), ("run-one", "run-two"), reused=(2, 1))

    assert RunStore(f"sqlite:///{path}").sweeps.get(sweep.id) == sweep
    assert (sweep.train_sizes, sweep.run_ids, sweep.num_reused) == ((50, 200), ("run-one", "run-two"), 3)
    assert sweep.name == "IMDB, 50 to 200 reviews, 2 trials"
    assert [config.train_size for config in sweep.configs] == [50, 200]
    assert sweep.num_pairs == 8


def test_sweeps_are_listed_newest_first(store: RunStore) -> None:
    ids = [store.sweeps.create(CONFIG, (50, 200), ("a", "b")).id for _ in range(3)]

    assert [sweep.id for sweep in store.sweeps.all()] == ids[::-1]


def test_an_unknown_sweep_is_a_user_error(store: RunStore) -> None:
    with pytest.raises(UserError, match="no learning curve 'nowhere'"):
        store.sweeps.get("nowhere")


def test_a_sweep_can_be_renamed(store: RunStore) -> None:
    sweep = store.sweeps.create(CONFIG, (50, 200), ("a", "b"))
    store.sweeps.rename(sweep.id, "  For class 9b ")

    assert store.sweeps.get(sweep.id).name == "For class 9b"
    with pytest.raises(UserError, match="cannot be empty"):
        store.sweeps.rename(sweep.id, " ")
    with pytest.raises(UserError, match="no learning curve 'nowhere'"):
        store.sweeps.rename("nowhere", "name")


def test_a_deleted_sweep_is_in_no_list_its_runs_stay_and_it_can_be_restored(store: RunStore) -> None:
    run = finished_run(store)
    sweep = store.sweeps.create(CONFIG, (50, 200), (run.id, "b"))
    store.sweeps.delete(sweep.id)

    assert store.sweeps.all() == []
    with pytest.raises(UserError, match="no learning curve"):
        store.sweeps.get(sweep.id)
    assert [stored.id for stored in store.list_runs()] == [run.id]
    store.sweeps.restore(sweep.id)
    assert store.sweeps.all() == [sweep]


def test_a_sweep_deleted_over_a_day_ago_cannot_be_restored(store: RunStore, path: Path) -> None:
    sweep = store.sweeps.create(CONFIG, (50, 200), ("a", "b"))
    store.sweeps.delete(sweep.id)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE sweeps SET deleted_s = 0")
    RunStore(f"sqlite:///{path}").close()

    with pytest.raises(UserError, match="no learning curve"):
        store.sweeps.restore(sweep.id)


def test_a_sweep_of_an_earlier_version_keeps_how_much_it_reused(store: RunStore, path: Path) -> None:
    sweep = store.sweeps.create(CONFIG, (50, 200), ("a", "b"), reused=(4, 1))
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE sweeps DROP COLUMN reused")
        connection.execute("ALTER TABLE sweeps DROP COLUMN deleted_s")

    assert RunStore(f"sqlite:///{path}").sweeps.get(sweep.id).reused == (4, 1)
