"""Stores of earlier versions open, and those of later ones say so."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import UserError
from core.files import ROOT
from core.store.migrations import MIGRATIONS
from core.store.run_store import RunStore
from tests.core.store.earlier_stores import LACKING, RUN_ID, SWEEP_ID, TEXT, make_store
from tests.core.store.stored import CONFIG, claimed


def columns(path: Path) -> dict[str, set[tuple[str, str, int]]]:
    """Name, type and whether it may be empty of each column, by table."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: {row[1:4] for row in connection.execute(f"PRAGMA table_info({name})")} for name in tables}


def indices(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")}


def versions(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [version for (version,) in connection.execute("SELECT version FROM schema_version")]


@pytest.mark.parametrize("version", LACKING)
def test_a_store_of_an_earlier_version_opens_with_all_that_it_had(path: Path, version: str) -> None:
    make_store(path, version)
    store = RunStore(f"sqlite:///{path}")

    [run] = store.list_runs()
    assert (run.id, run.name, run.status) == (RUN_ID, "IMDB, 50 reviews, 1 trial", "finished")
    assert run.test_labels == (() if "runs.test_labels" in LACKING[version] else (1, 0, 1))
    assert run.provenance.elmo == (None if "runs.elmo_version" in LACKING[version] else "707efd87c2d4e304")
    assert {"the reviews", "the static vectors"} <= set(run.provenance.unknown)
    assert store.trials.accuracies(run).to_numpy().tolist() == [[0.64, 0.705]]
    assert [len(heads) for heads in store.trials.heads(run).values()] == [1, 1]
    assert store.overview()["num_pairs"].to_list() == [2]
    if "sweeps" not in LACKING[version]:
        assert store.sweeps.get(SWEEP_ID).reused == (1, 0)
    if "probes" not in LACKING[version]:
        assert [sentence.text for sentence in store.sentences.find(is_starred=True)] == [TEXT]


@pytest.mark.parametrize("version", LACKING)
def test_a_store_of_an_earlier_version_can_do_what_a_new_one_can(path: Path, version: str) -> None:
    make_store(path, version)
    store = RunStore(f"sqlite:///{path}")

    store.set_draws(RUN_ID, ["a"], [1])
    claim = claimed(store, RUN_ID)
    store.heartbeat(RUN_ID, claim)
    store.set_status(RUN_ID, "finished", claim=claim)
    store.delete(RUN_ID)
    store.restore(RUN_ID)
    assert store.get_run(RUN_ID).test_labels == (1,)
    sweep = store.sweeps.create(CONFIG, (50, 100), (RUN_ID, "b"), reused=(2, 0))
    store.sweeps.delete(sweep.id)
    store.sweeps.restore(sweep.id)
    assert sweep in store.sweeps.all()


@pytest.mark.parametrize("version", LACKING)
def test_a_migrated_store_has_the_tables_of_a_new_one(path: Path, tmp_path: Path, version: str) -> None:
    make_store(path, version)
    RunStore(f"sqlite:///{path}").close()
    RunStore(f"sqlite:///{tmp_path / 'new.sqlite'}").close()

    assert columns(path) == columns(tmp_path / "new.sqlite")
    assert indices(path) == indices(tmp_path / "new.sqlite")
    assert versions(path) == versions(tmp_path / "new.sqlite") == [len(MIGRATIONS)]


def test_a_text_that_an_earlier_version_stored_twice_is_one_row(path: Path) -> None:
    make_store(path, "0.1.0")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO probes SELECT 7, run_id, text, '{\"elmo\": [0.9]}', tried_s + 1, 0, 'twice' FROM probes WHERE id = 1"
        )
    [sentence] = RunStore(f"sqlite:///{path}").sentences.find()

    assert (sentence.text, sentence.name, sentence.is_starred, sentence.means) == (TEXT, "twice", True, {"elmo": 0.9})


def test_only_what_a_store_has_not_seen_is_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    RunStore(f"sqlite:///{path}").close()
    seen: list[str] = []
    monkeypatch.setattr("core.store.migrations.MIGRATIONS", (*MIGRATIONS, lambda _: seen.append("first")))
    RunStore(f"sqlite:///{path}").close()
    RunStore(f"sqlite:///{path}").close()

    assert seen == ["first"]
    assert versions(path) == [len(MIGRATIONS) + 1]


def test_a_change_that_fails_leaves_the_store_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_store(path, "without sweeps")
    before = columns(path)

    def fail(_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("core.store.migrations.MIGRATIONS", (*MIGRATIONS, fail))
        with pytest.raises(RuntimeError):
            RunStore(f"sqlite:///{path}")
    assert columns(path) == before
    assert RunStore(f"sqlite:///{path}").get_run(RUN_ID).is_finished


def test_a_store_of_a_later_version_is_a_user_error_and_is_not_touched(path: Path) -> None:
    RunStore(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE schema_version SET version = version + 1")
    before = columns(path)

    with pytest.raises(UserError) as error:
        RunStore(f"sqlite:///{path}")
    assert error.value.code == "store-newer"
    assert (columns(path), versions(path)) == (before, [len(MIGRATIONS) + 1])


def test_several_threads_may_open_a_store_of_an_earlier_version_at_once(path: Path) -> None:
    make_store(path, "without sweeps")

    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: RunStore(f"sqlite:///{path}"), range(8)))
    assert all(store.get_run(RUN_ID).is_finished for store in stores)
    assert versions(path) == [len(MIGRATIONS)]


def test_two_programs_may_open_a_store_of_an_earlier_version_at_once(path: Path) -> None:
    make_store(path, "without sweeps")
    open_store = f"from core.store.run_store import RunStore; print(RunStore('sqlite:///{path}').get_run('{RUN_ID}').status)"
    programs = [
        subprocess.Popen([sys.executable, "-c", open_store], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]

    assert [program.communicate(timeout=60)[0].strip() for program in programs] == ["finished"] * 2
    assert versions(path) == [len(MIGRATIONS)]


def test_several_programs_may_make_the_same_new_store_at_once(path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: RunStore(f"sqlite:///{path}"), range(8)))

    run = stores[0].create_run(CONFIG)
    assert all(store.get_run(run.id) == run for store in stores)
    assert versions(path) == [len(MIGRATIONS)]
