"""A SQL database: its connections, its transactions, and errors that say what to do."""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection

from core.errors import UserError
from core.files import PRIVATE
from core.store import schema

logger = logging.getLogger(__name__)

_LOCK_TIMEOUT_S = 10.0
_ANSWER_TIMEOUT_S = 10  # of a server to a new connection; without a bound, a page would wait for minutes
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0  # before a write is tried again
_ID_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is easily mistaken for another


T = TypeVar("T")


class Database:
    """One SQL database; safe to use from several threads and processes.

    Args:
        url: SQLAlchemy URL, as `Settings.store_url` gives it.
        is_read_only: Whether it is a SQLite file that must not be written, nor anything beside it.

    Attributes:
        is_read_only: The same.

    Raises:
        UserError: There is no such kind of database, its driver is missing, or its file is empty.
    """

    def __init__(self, url: str, *, is_read_only: bool = False) -> None:
        self.is_read_only = is_read_only
        try:
            self._url: URL = sa.make_url(url)
            is_sqlite = self._url.get_backend_name() == "sqlite"
            options = _engine_options(self._url)
            if is_read_only:
                options = {"creator": partial(_connect_to_read, Path(self._url.database or ""))}
            self._engine = sa.create_engine(self._url, **options)
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
            raise UserError(
                f"The database URL cannot be used ({_what_is_wrong(error)}); set ELMO_LENS_DATABASE_URL to a SQLAlchemy URL and "
                "install its driver.",
                code="database-url",
            ) from None  # the URL, and maybe a password in it, stands in the other error
        self._is_file = is_sqlite
        self._where = _without_credentials(self._url)
        self._finalizer = weakref.finalize(self, self._engine.dispose)
        if is_sqlite:
            _require_content(Path(self._url.database or ""))
        if is_sqlite and not is_read_only:
            _make_private(Path(self._url.database or ""))
            sa.event.listen(self._engine, "connect", _set_up_sqlite)
        if self._engine.dialect.name == "postgresql":
            sa.event.listen(self._engine, "connect", _set_up_postgresql)

    def close(self) -> None:
        """Close all connections; happens by itself once the database is no longer used."""
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
        except (sa.exc.DatabaseError, sa.exc.InterfaceError) as error:
            raise self._explain(error) from error

    def write(self, change: Callable[[Connection], T], *, patience_s: float = 0.0) -> T:
        """Make a change in a transaction, again and again while the database is locked or away.

        Args:
            change: May be called several times, and changes nothing but the database.
            patience_s: For how long it is tried again; 0 for what somebody waits for in front of a page.

        Returns:
            What the last call returned.

        Raises:
            UserError: As `begin` does; of a database that is locked or away only once patience is at an end.
        """
        began_s, pause_s = time.monotonic(), _FIRST_PAUSE_S
        while True:
            try:
                with self._engine.begin() as connection:
                    return change(connection)
            except sa.exc.IntegrityError:
                raise
            except (sa.exc.DatabaseError, sa.exc.InterfaceError) as error:
                if not patience_s or not self._may_pass(error):
                    raise self._explain(error) from error
                waited_s = time.monotonic() - began_s
                if waited_s + pause_s > patience_s:
                    raise self._explain(error, waited_s) from error
                logger.warning("The store cannot be written (%s); trying again", self._reason(error))
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _reason(self, error: sa.exc.DBAPIError) -> str:
        """What the database said, or its kind: a server's answer is not repeated."""
        if self._is_file:
            return str(error.orig)
        kind = type(error.orig).__name__  # PostgreSQL's driver has a name for whatever the server says
        return "no connection" if kind == "OperationalError" else kind

    def _may_pass(self, error: sa.exc.DBAPIError) -> bool:
        """Whether the same transaction may succeed a moment later: the database is locked, or it cannot be reached."""
        if self._is_file:
            return any(sign in str(error.orig) for sign in ("locked", "unable to open"))
        return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)

    def _explain(self, error: sa.exc.DBAPIError, waited_s: float = 0.0) -> UserError:
        """The error that people see."""
        reason = self._reason(error)
        code, remedy = _remedy(reason)
        fails = f"could not be used for {waited_s:.0f} seconds" if waited_s else "cannot be used"
        return UserError(f"The store {self._where} {fails} ({reason}); {remedy}.", code=code)

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
                continue  # the id is taken, as happens once in 10^11 for every stored row
            return new_id

    def update(self, table: sa.Table, row_id: str, *conditions: sa.ColumnElement[bool], **values: Any) -> bool:
        """Change a row; False if there is none with that id for which the conditions hold. Raises as `begin` does."""
        with self.begin() as connection:
            result = connection.execute(table.update().where(table.c.id == row_id, *conditions).values(**values))
        return result.rowcount == 1


def _engine_options(url: URL) -> dict[str, Any]:
    """How connections are made to a database, where its URL does not say otherwise."""
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": _LOCK_TIMEOUT_S}}
    options: dict[str, Any] = {"pool_pre_ping": True}
    if url.get_backend_name() == "postgresql":
        options["isolation_level"] = "READ COMMITTED"  # who has waited for a lock sees what its holder has written
    if url.get_driver_name() == "psycopg":
        limits = {"connect_timeout": _ANSWER_TIMEOUT_S, "tcp_user_timeout": 1000 * _ANSWER_TIMEOUT_S, "keepalives_idle": 30}
        options["connect_args"] = {name: value for name, value in limits.items() if name not in url.query}
    return options


def _what_is_wrong(error: Exception) -> str:
    """Of a URL, without anything that stands in it but the names of a kind of database and of a driver."""
    if isinstance(error, sa.exc.NoSuchModuleError):
        return "there is no such kind of database"
    return f"there is no {error.name}" if isinstance(error, ModuleNotFoundError) else "it is malformed"


def _without_credentials(url: URL) -> str:
    """A URL as sentences show it: no user, no password, no options, any of which may be secret."""
    shown = URL.create(url.drivername, host=url.host, port=url.port, database=url.database)
    return shown.render_as_string()


def _require_content(path: Path) -> None:
    """Raises `UserError` for a file that has lost its content: SQLite would take it for a new store, and all runs were gone.

    A file that another program is making this moment is empty, too.
    """
    try:
        found = path.stat()
    except OSError:  # a new store, or one that SQLite says more about
        return
    if found.st_size == 0 and path.is_file() and found.st_mtime < time.time() - _LOCK_TIMEOUT_S:
        raise UserError(
            f"The store {path} has 0 bytes, so its runs are lost; restore it from a copy, or delete the file to start with an "
            "empty store.",
            code="store-empty",
        )


def _make_private(path: Path) -> None:
    """Lets nobody but the owner read a store, which has what people typed; SQLite's files beside it take over its mode."""
    with suppress(OSError):  # a folder that is missing or cannot be written, about which SQLite says more; another's store
        if path.is_file() and path.stat().st_mode & 0o077:
            path.chmod(PRIVATE)
        elif path.is_absolute() and not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, PRIVATE))


def _remedy(reason: str) -> tuple[str, str]:
    """The code of an error for a message of the database, and what to do about it."""
    if "not a database" in reason or "malformed" in reason or "no such table" in reason:
        return "store-damaged", "it is damaged: restore it from a copy, or move it away to start with an empty store"
    if "locked" in reason or reason == "LockNotAvailable":
        return "store-locked", "another program is using it: close that program and try again"
    if "full" in reason or reason == "DiskFull":
        return "disk-full", "free some disk space and try again"
    if "readonly" in reason or "unable to open" in reason:
        return "store-not-writable", "make its folder writable or set ELMO_LENS_DATA_DIR to a folder you can write to"
    return "database-fails", "check the server and ELMO_LENS_DATABASE_URL"


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that needs no file beside the store, where no program that writes to it has left one."""
    has_log = path.with_name(f"{path.name}-wal").exists()  # of what is not in the store itself yet
    options = "mode=ro" if has_log else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True, timeout=_LOCK_TIMEOUT_S, check_same_thread=False)


def _set_up_postgresql(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT_S}s'")  # it waits for ever by default
    cursor.close()
    connection.commit()


def _set_up_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    deadline_s = time.monotonic() + _LOCK_TIMEOUT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")  # readers and the writer do not wait for each other
            break
        except sqlite3.OperationalError as error:  # SQLite does not wait while another program makes the same store
            if "locked" not in str(error) or time.monotonic() > deadline_s:
                raise
            time.sleep(0.01)
    cursor.execute("PRAGMA synchronous=NORMAL")  # no fsync per heartbeat; a crash of the program still loses nothing
    cursor.close()
