"""The example that is shipped: a run and a learning curve, so that a new installation has something to look at.

`make example` trains it and writes two files: the rows of the store without their arrays as JSON, and the arrays as one npz file.
Opening the store puts these rows in, and replaces those of an earlier example.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.arrays import pack_arrays, unpack_arrays
from core.errors import UserError
from core.files import ROOT
from core.settings import Settings
from core.store import schema
from core.store.database import Database
from core.store.run import Run, Sweep
from core.store.run_store import RunStore

FOLDER = ROOT / "assets" / "example"
EXAMPLE_ID = "example"  # of the run and of the learning curve: no other id has an l

_ROWS, _ARRAYS = "rows.json", "arrays.npz"
_TABLES = (schema.runs, schema.sweeps, schema.trials, schema.heads, schema.bags_of_words)

Rows = Mapping[str, Sequence[Mapping[str, Any]]]  # by table


def open_store(settings: Settings, folder: Path = FOLDER) -> RunStore:
    """The run store of an installation, with the example unless the settings hide it.

    Args:
        settings: Of the installation.
        folder: With the files of the example.

    Raises:
        UserError: The store cannot be used, or the files of the example are damaged.
    """
    store = RunStore(settings.store_url)
    digest = example_digest(folder) if settings.example else ""
    if digest != store.example_digest():
        store.replace_example(digest, read_example(folder) if digest else {})
    return store


def open_store_to_read(settings: Settings) -> RunStore:
    """The run store for a command that changes nothing: as `open_store` gives it, or as it lies in a read-only folder.

    Raises:
        UserError: The store cannot be used, or is that of another version in such a folder.
    """
    if settings.is_read_only and not settings.database_url:
        return RunStore(settings.store_url_to_read, is_read_only=True)
    return open_store(settings)


def example_digest(folder: Path = FOLDER) -> str:
    """Sixteen hex digits that differ between any two examples; empty if the files are missing."""
    files = [folder / name for name in (_ROWS, _ARRAYS)]
    if not all(file.is_file() for file in files):
        return ""
    return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).hexdigest()[:16]


def read_example(folder: Path = FOLDER) -> Rows:
    """The rows that `write_example` wrote.

    Raises:
        UserError: The files are damaged.
    """
    digest = example_digest(folder)
    try:
        rows: dict[str, list[dict[str, Any]]] = json.loads((folder / _ROWS).read_text(encoding="utf-8"))
        packed: dict[tuple[str, int, str], dict[str, Any]] = {}
        for key, values in unpack_arrays((folder / _ARRAYS).read_bytes()).items():
            table, number, column, name = key.split("/", 3)
            packed.setdefault((table, int(number), column), {})[name] = values
        for (table, row_number, column), arrays in packed.items():
            rows[table][row_number][column] = pack_arrays(arrays)
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise UserError(
            f"The example in {folder} cannot be read ({error}); install ELMo Lens again, or set ELMO_LENS_EXAMPLE=0.",
            code="example-damaged",
        ) from error
    for row in (*rows["runs"], *rows["sweeps"]):
        row["example"] = digest
    return rows


def write_example(store_url: str, run: Run, sweep: Sweep, folder: Path) -> None:
    """Writes a finished run and a finished learning curve, of which it is a point, as the example.

    The other runs of the curve go without their heads, which take the most space by far.

    Args:
        store_url: Where both are.
        run: The run that predicts.
        sweep: The learning curve.
        folder: That gets the files.
    """
    ids = {run.id: EXAMPLE_ID} | {
        its_id: f"ex-{size}" for its_id, size in zip(sweep.run_ids, sweep.train_sizes, strict=True) if its_id != run.id
    }
    rows: dict[str, list[dict[str, Any]]] = {}
    with Database(store_url).begin() as connection:
        for table in _TABLES:
            if table is schema.sweeps:
                is_wanted = table.c.id == sweep.id
            elif table is schema.runs:
                is_wanted = table.c.id.in_(ids)
            else:
                is_wanted = table.c.run_id.in_([run.id] if table is schema.heads else list(ids))
            query = sa.select(table).where(is_wanted).order_by(*table.primary_key)
            rows[table.name] = [dict(row) for row in connection.execute(query).mappings()]
    for row in rows["runs"]:  # the run that predicts is the first in every list, and nothing is known of this machine
        created_s = run.created_at.timestamp() - (row["id"] != run.id)
        row.update(id=ids[row["id"]], name=_named(row), created_s=created_s, heartbeat_s=created_s, machine="", driver=None)
    for row in rows["sweeps"]:
        created_s = run.created_at.timestamp() - 1
        row.update(
            id=EXAMPLE_ID, name=_named(row), created_s=created_s, run_ids=json.dumps([ids[its_id] for its_id in sweep.run_ids])
        )
    arrays = {}
    for table in _TABLES[2:]:
        for number, row in enumerate(rows[table.name]):
            row["run_id"] = ids[row["run_id"]]
            [column] = [name for name, value in row.items() if isinstance(value, bytes)]
            for name, values in unpack_arrays(row.pop(column)).items():
                arrays[f"{table.name}/{number}/{column}/{name}"] = values
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _ROWS).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    (folder / _ARRAYS).write_bytes(pack_arrays(arrays))


def _named(row: Mapping[str, Any]) -> str:
    return f"Example: {row['name']}"
