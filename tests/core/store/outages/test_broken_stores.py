from __future__ import annotations

import os
import sqlite3
import time
import traceback
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from core.arrays import pack_arrays
from core.errors import UserError
from core.settings import Settings
from core.store import database, schema
from core.store.run_store import RunStore
from tests.core.store.stored import CONFIG, finished_run


@pytest.fixture
def url(path: Path) -> str:
    """Only a store in a file breaks like this."""
    return f"sqlite:///{path}"


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


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:hunter2@host:port/name",
        "postgresql://user:hunter2@[host/name",
        "sqlite://user:hunter2@host/name",
        "nosuchdatabase://user:hunter2@host/name?sslpassword=hunter2",
        "hunter2",
        "user:hunter2@host",
    ],
)
def test_no_password_of_a_url_is_shown(url: str) -> None:
    with pytest.raises(UserError) as error:
        RunStore(url)
    assert error.value.code in ("database-url", "database-fails")  # some are malformed only for who connects
    assert "hunter2" not in "".join(traceback.format_exception(error.value))


def test_a_store_that_fails_is_named_without_its_password() -> None:
    shown = database._without_credentials(sa.make_url("postgresql://user:hunter2@host:5432/name?sslpassword=hunter2"))
    assert shown == "postgresql://host:5432/name"
    assert "hunter2" not in repr(Settings(database_url="postgresql://user:hunter2@host/name"))


def test_nobody_else_can_read_a_store(path: Path) -> None:
    path.touch(mode=0o644)
    store = RunStore(f"sqlite:///{path}")
    store.create_run(CONFIG)
    assert {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {
        path.name: 0o600,
        f"{path.name}-shm": 0o600,
        f"{path.name}-wal": 0o600,
    }
    store.close()


def test_a_row_that_breaks_another_rule_than_that_of_ids_is_an_error_and_no_endless_loop(store: RunStore) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="name"):
        store._database.insert(schema.sweeps, {"name": None, "config": "{}", "train_sizes": "[]", "run_ids": "[]"})


def test_a_store_that_has_lost_its_content_is_a_user_error(path: Path) -> None:
    path.touch()
    os.utime(path, (time.time() - 60,) * 2)

    with pytest.raises(UserError) as error:
        RunStore(f"sqlite:///{path}")
    assert error.value.code == "store-empty"


def test_a_store_that_another_program_is_making_may_be_empty(path: Path) -> None:
    path.touch()
    assert RunStore(f"sqlite:///{path}").list_runs() == []


WHOLE = pack_arrays({"probs": np.zeros(3, np.float32)})
DAMAGED = [
    b"",
    b"no archive",
    WHOLE[: len(WHOLE) // 2],
    WHOLE.replace(bytes(12), bytes([1] * 12)),
    pack_arrays({"probs": np.array([0.5, np.nan, 0.5], np.float32)}),
    pack_arrays({"probs": np.array(["a", "b", "c"])}),
]


@pytest.mark.parametrize("data", DAMAGED, ids=["empty", "nonsense", "cut", "other bytes", "not finite", "no numbers"])
@pytest.mark.parametrize("table", ["heads", "trials"])
def test_a_damaged_trial_is_a_user_error_that_names_its_run(store: RunStore, path: Path, data: bytes, table: str) -> None:
    run = finished_run(store)
    assert store.trials.heads(run)
    assert store.trials.probabilities(run)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE {table} SET {'arrays' if table == 'heads' else 'probs'} = ? WHERE arm = 'elmo'", (data,))

    with pytest.raises(UserError, match=run.id) as error:
        store.trials.heads(run) if table == "heads" else store.trials.probabilities(run)
    assert error.value.code == "trial-damaged"


@pytest.mark.parametrize("column", ["phase_s", "test_ids", "test_labels", "provenance"])
def test_a_damaged_row_is_a_user_error_and_in_no_list(store: RunStore, path: Path, column: str) -> None:
    run = finished_run(store)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE runs SET {column} = '[{{'")

    with pytest.raises(UserError, match=run.id) as error:
        store.get_run(run.id)
    assert error.value.code == "row-damaged"
    assert store.list_runs() == []
