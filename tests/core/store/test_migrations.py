"""Stores of earlier versions open, and those of later ones say so."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from core.errors import UserError
from core.files import ROOT
from core.store.migrations import MIGRATIONS
from core.store.run_store import RunStore
from tests.core.store.earlier_stores import LACKING, RUN_ID, SWEEP_ID, TEXT, make_store
from tests.core.store.stored import CONFIG, another_program, change, claimed


def columns(url: str) -> dict[str, set[tuple[str, str, bool]]]:
    """Name, type and whether it may be empty of each column, by table."""
    with another_program(url) as connection:
        inspector = sa.inspect(connection)
        return {
            table: {(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)}
            for table in inspector.get_table_names()
        }


def indices(url: str) -> list[str]:
    with another_program(url) as connection:
        inspector = sa.inspect(connection)
        found = [index for table in inspector.get_table_names() for index in inspector.get_indexes(table)]
    return sorted(
        f"{index['name']} {index['column_names']} {index['unique']} {sorted(map(str, index['dialect_options'].values()))}"
        for index in found
    )


def versions(url: str) -> list[int]:
    with another_program(url) as connection:
        return list(connection.execute(sa.text("SELECT version FROM schema_version")).scalars())


@pytest.mark.parametrize("version", LACKING)
def test_a_store_of_an_earlier_version_opens_with_all_that_it_had(url: str, version: str) -> None:
    make_store(url, version)
    store = RunStore(url)

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
def test_a_store_of_an_earlier_version_can_do_what_a_new_one_can(url: str, version: str) -> None:
    make_store(url, version)
    store = RunStore(url)

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
def test_a_migrated_store_has_the_tables_of_a_new_one(url: str, new_url: Callable[[], str], version: str) -> None:
    make_store(url, version)
    other = new_url()
    for either in (url, other):
        RunStore(either).close()

    assert columns(url) == columns(other)
    assert indices(url) == indices(other)
    assert versions(url) == versions(other) == [len(MIGRATIONS)]


def test_a_text_that_an_earlier_version_stored_twice_is_one_row(url: str) -> None:
    make_store(url, "0.1.0")
    with another_program(url) as connection:
        probs = '{"elmo": [0.9]}'
        copy = "INSERT INTO probes SELECT 7, run_id, text, :probs, tried_s + 1, :is_starred, 'twice' FROM probes WHERE id = 1"
        connection.execute(sa.text(copy), {"probs": probs, "is_starred": False})
    [sentence] = RunStore(url).sentences.find()

    assert (sentence.text, sentence.name, sentence.is_starred, sentence.means) == (TEXT, "twice", True, {"elmo": 0.9})


def test_only_what_a_store_has_not_seen_is_changed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    RunStore(url).close()
    seen: list[str] = []
    monkeypatch.setattr("core.store.migrations.MIGRATIONS", (*MIGRATIONS, lambda _: seen.append("first")))
    RunStore(url).close()
    RunStore(url).close()

    assert seen == ["first"]
    assert versions(url) == [len(MIGRATIONS) + 1]


def test_a_change_that_fails_leaves_the_store_as_it_was(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_store(url, "without sweeps")
    before = columns(url)

    def fail(_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("core.store.migrations.MIGRATIONS", (*MIGRATIONS, fail))
        with pytest.raises(RuntimeError):
            RunStore(url)
    assert columns(url) == before
    assert RunStore(url).get_run(RUN_ID).is_finished


def test_a_store_of_a_later_version_is_a_user_error_and_is_not_touched(url: str) -> None:
    RunStore(url).close()
    change(url, "UPDATE schema_version SET version = version + 1")
    before = columns(url)

    with pytest.raises(UserError) as error:
        RunStore(url)
    assert error.value.code == "store-newer"
    assert (columns(url), versions(url)) == (before, [len(MIGRATIONS) + 1])


def test_several_threads_may_open_a_store_of_an_earlier_version_at_once(url: str) -> None:
    make_store(url, "without sweeps")

    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: RunStore(url), range(8)))
    assert all(store.get_run(RUN_ID).is_finished for store in stores)
    assert versions(url) == [len(MIGRATIONS)]


def test_two_programs_may_open_a_store_of_an_earlier_version_at_once(url: str) -> None:
    make_store(url, "without sweeps")
    open_store = f"from core.store.run_store import RunStore; print(RunStore({url!r}).get_run('{RUN_ID}').status)"
    programs = [
        subprocess.Popen([sys.executable, "-c", open_store], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]

    assert [program.communicate(timeout=60)[0].strip() for program in programs] == ["finished"] * 2
    assert versions(url) == [len(MIGRATIONS)]


def test_several_programs_may_make_the_same_new_store_at_once(url: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: RunStore(url), range(8)))

    run = stores[0].create_run(CONFIG)
    assert all(store.get_run(run.id) == run for store in stores)
    assert versions(url) == [len(MIGRATIONS)]
