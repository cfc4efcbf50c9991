"""What a database does with a row that it does not accept."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from core.store import schema
from core.store.database import Database
from core.store.migrations import migrate

SWEEP = {"name": "a", "config": "{}", "train_sizes": "[]", "run_ids": "[]", "created_s": 0.0, "num_reused": 0}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'runs.sqlite'}", called="The store")
    with database.begin() as connection:
        migrate(connection)
    return database


def test_an_id_that_is_taken_is_drawn_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("a" * schema.ID_LEN * 2 + "b" * schema.ID_LEN)
    monkeypatch.setattr("core.store.database.secrets.choice", lambda _: next(letters))
    assert database.insert(schema.sweeps, SWEEP) == "aaaaaaaa"
    assert database.insert(schema.sweeps, SWEEP) == "bbbbbbbb"


def test_a_row_that_breaks_another_rule_is_an_error_and_no_endless_loop(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="name"):
        database.insert(schema.sweeps, {**SWEEP, "name": None})
