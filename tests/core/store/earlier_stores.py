"""Stores as earlier versions wrote them, with a finished run, a learning curve through it and a typed sentence."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from core.arrays import pack_arrays
from tests.core.store.stored import another_program, trial_result

RUN_ID = "m3yxskg5"
SWEEP_ID = "mghvh7eb"
TEXT = "Not bad at all"

# Every table and column of 0.1.0, in the words of its CREATE TABLE statements.
_TABLES = {
    "runs": {
        "id": "VARCHAR(8) NOT NULL",
        "name": "TEXT NOT NULL",
        "config": "TEXT NOT NULL",
        "fingerprint": "VARCHAR(64) NOT NULL",
        "machine": "TEXT NOT NULL",
        "status": "VARCHAR(16) NOT NULL",
        "message": "TEXT NOT NULL",
        "created_s": "FLOAT NOT NULL",
        "heartbeat_s": "FLOAT NOT NULL",
        "is_driven": "BOOLEAN NOT NULL",
        "driver": "VARCHAR(16)",
        "is_cancel_requested": "BOOLEAN NOT NULL",
        "phase_s": "TEXT NOT NULL",
        "reviews_per_s": "FLOAT",
        "coverage": "FLOAT",
        "test_ids": "TEXT NOT NULL",
        "test_labels": "TEXT",
        "elmo_version": "TEXT",
        "deleted_s": "FLOAT",
        "PRIMARY KEY": "(id)",
    },
    "trials": {
        "run_id": "VARCHAR(8) NOT NULL",
        "trial": "INTEGER NOT NULL",
        "arm": "VARCHAR(32) NOT NULL",
        "accuracy": "FLOAT NOT NULL",
        "validation_accuracy": "FLOAT NOT NULL",
        "best_epoch": "INTEGER NOT NULL",
        "num_epochs": "INTEGER NOT NULL",
        "train_s": "FLOAT NOT NULL",
        "probs": "BLOB NOT NULL",
        "PRIMARY KEY": "(run_id, trial, arm)",
    },
    "heads": {
        "run_id": "VARCHAR(8) NOT NULL",
        "trial": "INTEGER NOT NULL",
        "arm": "VARCHAR(32) NOT NULL",
        "arrays": "BLOB NOT NULL",
        "PRIMARY KEY": "(run_id, trial, arm)",
    },
    "sweeps": {
        "id": "VARCHAR(8) NOT NULL",
        "name": "TEXT NOT NULL",
        "config": "TEXT NOT NULL",
        "train_sizes": "TEXT NOT NULL",
        "run_ids": "TEXT NOT NULL",
        "created_s": "FLOAT NOT NULL",
        "num_reused": "INTEGER NOT NULL",
        "reused": "TEXT",
        "deleted_s": "FLOAT",
        "PRIMARY KEY": "(id)",
    },
    "probes": {
        "id": "INTEGER NOT NULL",
        "run_id": "VARCHAR(8) NOT NULL",
        "text": "TEXT NOT NULL",
        "probs": "TEXT NOT NULL",
        "tried_s": "FLOAT NOT NULL",
        "is_starred": "BOOLEAN NOT NULL",
        "name": "TEXT NOT NULL",
        "PRIMARY KEY": "(id)",
    },
}
_INDICES = {"runs": ("fingerprint",), "probes": ("run_id", "tried_s")}
_CONFIG = (
    '{"dataset":"imdb","train_size":50,"num_trials":1,"test_size":3,"max_tokens":128,"static":"glove-6b-50d","elmo":"elmo-mini",'
    '"layer_mix":"mean","validation":"fifth","seed":0,"arms":["basic","elmo"],"head":{"epochs":40,"patience":5,"tolerance":1.0,'
    '"batch_size":32,"averaging":0.9,"learning_rate":0.002,"learning_rate_decay":0.0,"weight_decay":0.0,"pooling":"average",'
    '"spatial_dropout":0.2,"dropout":0.0,"standardise":true}}'
)
_ROWS = {
    "runs": {
        "id": RUN_ID,
        "name": "IMDB, 50 reviews, 1 trial",
        "config": _CONFIG,
        "fingerprint": "6ab51535b66a20b7",
        "machine": "vm",
        "status": "finished",
        "message": "",
        "created_s": 1795985740.0,
        "heartbeat_s": 1795985750.0,
        "is_driven": False,
        "driver": "df3be51a289fee1d",
        "is_cancel_requested": False,
        "phase_s": '{"training": 1.907}',
        "test_ids": '["a", "b", "c"]',
        "test_labels": "101",
        "elmo_version": "707efd87c2d4e304",
    },
    "sweeps": {
        "id": SWEEP_ID,
        "name": "IMDB, 50 to 100 reviews, 1 trial",
        "config": _CONFIG,
        "train_sizes": "[50, 100]",
        "run_ids": f'["{RUN_ID}", "s9s8eh5k"]',
        "created_s": 1795985747.64,
        "num_reused": 1,
        "reused": "[1, 0]",
    },
    "probes": {
        "id": 1,
        "run_id": RUN_ID,
        "text": TEXT,
        "probs": '{"basic": [0.25], "elmo": [0.75]}',
        "tried_s": 1795985760.0,
        "is_starred": True,
        "name": "",
    },
}

# What each version lacked, as "table" or "table.column". The last is 0.1.0.
LACKING: dict[str, Collection[str]] = {
    "without sweeps": ("sweeps", "probes", "runs.test_labels", "runs.elmo_version", "runs.deleted_s", "runs.driver"),
    "with sweeps that nobody deletes": ("probes", "sweeps.reused", "sweeps.deleted_s", "runs.driver"),
    "without drivers": ("runs.driver",),
    "0.1.0 without sentences": ("probes",),
    "0.1.0": (),
}


def make_store(url: str, version: str) -> None:
    """Write the store of a version, one of `LACKING`."""
    lacking = LACKING[version]
    with another_program(url) as connection:
        for table, columns in _TABLES.items():
            if table not in lacking:
                kinds = {name: kind for name, kind in columns.items() if f"{table}.{name}" not in lacking}
                _create(connection, table, kinds)
        for table, row in _ROWS.items():
            if table not in lacking:
                _insert(connection, table, {name: value for name, value in row.items() if f"{table}.{name}" not in lacking})
        for arm, accuracy in (("basic", 0.64), ("elmo", 0.705)):
            result = trial_result(0, arm, accuracy)
            key = {"run_id": RUN_ID, "trial": 0, "arm": arm}
            measured = {"accuracy": accuracy, "validation_accuracy": 0.5, "best_epoch": 3, "num_epochs": 8, "train_s": 1.5}
            _insert(connection, "trials", {**key, **measured, "probs": pack_arrays({"probs": result.probs})})
            _insert(connection, "heads", {**key, "arrays": pack_arrays(result.head)})


def _create(connection: sa.Connection, table: str, kinds: dict[str, str]) -> None:
    if connection.dialect.name == "postgresql":  # SQLAlchemy called it so there
        kinds = {name: kind.replace("BLOB", "BYTEA") for name, kind in kinds.items()}
    declared = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    connection.execute(sa.text(f"CREATE TABLE {table} ({declared})"))
    for column in _INDICES.get(table, ()):
        connection.execute(sa.text(f"CREATE INDEX ix_{table}_{column} ON {table} ({column})"))


def _insert(connection: sa.Connection, table: str, row: dict[str, object]) -> None:
    values = ", ".join(f":{name}" for name in row)
    connection.execute(sa.text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})"), row)
