from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from core.store.run_store import RunStore
from tests.core.store.stored import CONFIG, finished_run


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
