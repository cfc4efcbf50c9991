"""Numbered changes of the store's tables, so that a store of any earlier version opens.

The number of the last change that a store has seen stands in its table `schema_version`. Alembic would do the same with a folder
of scripts, a configuration and another dependency.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from core.errors import UserError
from core.store import schema

Migration = Callable[[sa.Connection], None]

_POSTGRESQL_LOCK = 0x454C4D6F  # any number, the same in every version


def add_columns(table: str, *columns: sa.Column[Any]) -> Migration:
    """A change that adds to a table those of some columns that it lacks; a store of 0.1.0 has no number, but has them all."""

    def migrate(connection: sa.Connection) -> None:
        present = {column["name"] for column in sa.inspect(connection).get_columns(table)}
        quote = connection.dialect.identifier_preparer
        for column in columns:
            if column.name not in present:
                declaration = f"{quote.format_column(column)} {column.type.compile(connection.dialect)}"
                connection.execute(sa.text(f"ALTER TABLE {quote.quote(table)} ADD COLUMN {declaration}"))

    return migrate


def add_table(connection: sa.Connection) -> None:
    """A change whose only trace is its number: its table was made before the changes."""


def rebuild_sentences(connection: sa.Connection) -> None:
    """A change that gives typed sentences ids that are never used twice and keeps one row per run and text.

    SQLite can do neither by altering a table, so it is made anew. Of several rows the newest stays, with the star and the name
    that any of them had.
    """
    table = schema.probes
    if "text_key" in {column["name"] for column in sa.inspect(connection).get_columns(table.name)}:
        return
    rows = connection.execute(sa.text(f"SELECT * FROM {table.name} ORDER BY tried_s, id")).mappings().all()
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = row["run_id"], row["text"]
        earlier = merged.pop(key, {"is_starred": False, "name": ""})
        is_starred, name = bool(row["is_starred"] or earlier["is_starred"]), row["name"] or earlier["name"]
        values = {column: row[column] for column in ("run_id", "text", "probs", "tried_s")}
        merged[key] = {**values, "text_key": schema.text_key(row["text"]), "is_starred": is_starred, "name": name}
    table.drop(connection)
    table.create(connection)
    if merged:
        connection.execute(table.insert(), list(merged.values()))


# Append a change and never alter one: a store that has seen it does not see it again. Missing tables are made before the changes,
# in their newest shape; a version that only adds a table appends a change that does nothing.
MIGRATIONS: tuple[Migration, ...] = (
    add_columns(
        "runs",
        sa.Column("test_labels", sa.Text),
        sa.Column("elmo_version", sa.Text),
        sa.Column("deleted_s", sa.Float(53)),
    ),
    add_columns("sweeps", sa.Column("reused", sa.Text), sa.Column("deleted_s", sa.Float(53))),
    add_columns("runs", sa.Column("driver", sa.String(16))),  # 0.1.0
    add_columns("runs", sa.Column("provenance", sa.Text)),
    rebuild_sentences,
    add_columns("runs", sa.Column("num_computed", sa.Integer)),
    add_table,  # bags_of_words
    add_columns("runs", sa.Column("train_pool_size", sa.Integer)),
    add_columns("runs", sa.Column("example", sa.String(16))),
    add_columns("sweeps", sa.Column("example", sa.String(16))),
    add_table,  # probe_visitors
    add_table,  # owners
)


def migrate(connection: sa.Connection) -> None:
    """Make the tables of a new store, and change those of an earlier version; nothing happens to a store of this version.

    Of several programs that open a store at the same moment one does it, and the others wait and find it done.

    Raises:
        UserError: A newer version of the program has changed the store.
    """
    if _version(connection) == len(MIGRATIONS):
        return
    lock(connection)
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise UserError(
            f"A newer version of ELMo Lens has changed the run store (its tables have number {version}, this version knows "
            f"{len(MIGRATIONS)}); install that version, or set ELMO_LENS_DATA_DIR to another folder.",
            code="store-newer",
        )
    schema.metadata.create_all(connection)
    for change in MIGRATIONS[version:]:
        change(connection)
    connection.execute(schema.schema_version.delete())
    connection.execute(schema.schema_version.insert().values(version=len(MIGRATIONS)))


def _version(connection: sa.Connection) -> int:
    """Number of the last change that the store has seen; 0 for an empty store and for one of 0.1.0 or before."""
    if not sa.inspect(connection).has_table(schema.schema_version.name):
        return 0
    return connection.execute(sa.select(schema.schema_version.c.version)).scalar_one_or_none() or 0


def lock(connection: sa.Connection) -> None:
    """Wait until no other program changes what all share, and keep others waiting until this transaction ends."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRESQL_LOCK)))
