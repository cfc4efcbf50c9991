from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import UserError
from core.store import database, schema
from core.store.run_store import RunStore
from tests.core.store.stored import CONFIG


def test_a_damaged_store_is_a_user_error_and_is_not_touched(path: Path) -> None:
    garbage = b"this is no database at all " * 1000
    path.write_bytes(garbage)

    with pytest.raises(UserError) as error:
        RunStore(f"sqlite:///{path}")
    assert error.value.code == "store-damaged"
    assert path.read_bytes() == garbage


def test_a_store_damaged_while_open_is_a_user_error(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG)
    store.close()
    data = path.read_bytes()
    path.write_bytes(data[:100] + os.urandom(len(data) - 100))

    with pytest.raises(UserError) as error:
        store.get_run(run.id)
    assert error.value.code == "store-damaged"


def test_a_folder_that_does_not_exist_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        RunStore(f"sqlite:///{tmp_path / 'missing' / 'runs.sqlite'}")
    assert error.value.code == "store-not-writable"


def test_a_store_that_cannot_be_written_is_a_user_error(store: RunStore, path: Path) -> None:
    run = store.create_run(CONFIG)
    store.close()

    with pytest.raises(UserError) as error:
        RunStore(f"sqlite:///file:{path}?mode=ro&uri=true").rename(run.id, "new")
    assert error.value.code == "store-not-writable"


def test_a_locked_store_is_a_user_error(store: RunStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create_run(CONFIG)
    store.close()
    monkeypatch.setattr(database, "_LOCK_TIMEOUT_S", 0.1)
    impatient = RunStore(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(UserError) as error:
        impatient.rename(run.id, "new")
    assert error.value.code == "store-locked"
    other.close()


@pytest.mark.parametrize("url", ["nonsense", "nosuchdatabase://host/name", "mysql://host/name"])
def test_a_url_that_cannot_be_used_is_a_user_error(url: str) -> None:
    with pytest.raises(UserError) as error:
        RunStore(url)
    assert error.value.code == "database-url"


def test_a_row_that_breaks_another_rule_than_that_of_ids_is_an_error_and_no_endless_loop(store: RunStore) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="name"):
        store._database.insert(schema.sweeps, {"name": None, "config": "{}", "train_sizes": "[]", "run_ids": "[]"})
