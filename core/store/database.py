"""A SQL database: its connections, its transactions, and what is wrong with it in words."""

from __future__ import annotations

import secrets
import sqlite3
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection

from core.errors import UserError
from core.store import schema

_LOCK_TIMEOUT_S = 10.0
_ID_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that reads like something else


class Database:
    """One SQL database; safe to use from several threads and processes.

    Args:
        url: SQLAlchemy URL, as `Settings.store_url` gives it.
        called: How an error names it, before its URL.

    Raises:
        UserError: There is no such kind of database, or its driver is missing.
    """

    def __init__(self, url: str, *, called: str) -> None:
        self._called = called
        try:
            self._url: URL = sa.make_url(url)
            url = self._url.render_as_string(hide_password=True)  # what an error shows from here on
            is_sqlite = self._url.get_backend_name() == "sqlite"
            connect_args = {"timeout": _LOCK_TIMEOUT_S} if is_sqlite else {}
            self._engine = sa.create_engine(self._url, connect_args=connect_args, pool_pre_ping=not is_sqlite)
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
            raise UserError(
                f"The database URL {url!r} cannot be used ({error}); "
                "set ELMO_LENS_DATABASE_URL to a SQLAlchemy URL and install its driver."
            ) from error
        self._finalizer = weakref.finalize(self, self._engine.dispose)
        if is_sqlite:
            sa.event.listen(self._engine, "connect", _set_up_sqlite)

    def close(self) -> None:
        """Let go of all connections; this happens by itself when the database is no longer used."""
        self._finalizer()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction, committed at its end.

        Raises:
            UserError: The database is damaged, locked, full or cannot be reached or written.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.IntegrityError:
            raise
        except sa.exc.DatabaseError as error:
            reason, where = str(error.orig), self._url.render_as_string(hide_password=True)
            raise UserError(f"{self._called} {where} cannot be used ({reason}); {_remedy(reason)}.") from error

    def insert(self, table: sa.Table, values: Mapping[str, Any]) -> str:
        """Insert a row under a new id, which is returned; raises as `begin` does."""
        while True:
            new_id = "".join(secrets.choice(_ID_LETTERS) for _ in range(schema.ID_LEN))
            try:
                with self.begin() as connection:
                    connection.execute(table.insert().values(id=new_id, **values))
            except sa.exc.IntegrityError:
                with self.begin() as connection:
                    if connection.execute(sa.select(table.c.id).where(table.c.id == new_id)).first() is None:
                        raise  # for another reason
                continue  # taken: 1 in 10^11 for every stored row
            return new_id

    def update(self, table: sa.Table, row_id: str, *conditions: sa.ColumnElement[bool], **values: Any) -> bool:
        """Change a row; False if there is none with that id for which the conditions hold. Raises as `begin` does."""
        with self.begin() as connection:
            result = connection.execute(table.update().where(table.c.id == row_id, *conditions).values(**values))
        return result.rowcount == 1


def _remedy(reason: str) -> str:
    """What to do about a message of the database."""
    if "not a database" in reason or "malformed" in reason:
        return "it is damaged: restore it from a copy, or move it away to begin with an empty store"
    if "locked" in reason:
        return "another program holds it: end that program and try again"
    if "full" in reason:
        return "free some disk space and try again"
    if "readonly" in reason or "unable to open" in reason:
        return "make its folder writable or set ELMO_LENS_DATA_DIR to a folder you can write to"
    return "check the server and ELMO_LENS_DATABASE_URL"


def _set_up_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    deadline_s = time.monotonic() + _LOCK_TIMEOUT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")  # readers and the writer do not wait for each other
            break
        except sqlite3.OperationalError as error:  # SQLite does not wait where another program makes the same new store
            if "locked" not in str(error) or time.monotonic() > deadline_s:
                raise
            time.sleep(0.01)
    cursor.execute("PRAGMA synchronous=NORMAL")  # no fsync per heartbeat; a crash of the program still loses nothing
    cursor.close()
