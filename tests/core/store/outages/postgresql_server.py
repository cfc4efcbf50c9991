"""A PostgreSQL server that lives as long as the tests, of what Debian has installed."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

_USER = "postgres"  # of Debian's package: the server refuses to be root
_START_TIMEOUT_S = 30.0
PASSWORD = "hunter2"
# Whoever says to be "stranger" must know a password, so that there is one to be wrong.
_WHO_MAY = "host all stranger 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
_QUICK = ("fsync=off", "full_page_writes=off", "unix_socket_directories=", "shared_buffers=16MB")


def _folder_of_programs() -> Path | None:
    """Where the newest PostgreSQL has its programs; Debian links only those of clients into the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class PostgresqlServer:
    """A server on a free port of 127.0.0.1, whose files are gone once it is left; it ends with this process."""

    def __init__(self) -> None:
        programs = _folder_of_programs()
        if programs is None:
            raise RuntimeError(self.reason_to_skip())
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="elmo-lens-postgresql-"))
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    @staticmethod
    def reason_to_skip() -> str:
        """Why there can be none; empty if there can."""
        if _folder_of_programs() is None:
            return "PostgreSQL is not installed (Debian's package postgresql)"
        if os.geteuid() == 0 and shutil.which("setpriv") is None:
            return "PostgreSQL cannot be started by root without setpriv"
        return ""

    def new_url(self, *, user: str = "elmo", password: str = PASSWORD) -> str:
        """SQLAlchemy URL of a new and empty schema."""
        schema = f"s{secrets.token_hex(6)}"
        with psycopg.connect(self._address("elmo"), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {schema}")
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/postgres?options=-csearch_path%3D{schema}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = [option for setting in _QUICK for option in ("-c", setting)]
        data = str(self._folder / "data")
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._as_its_user(self._programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(self.port), *options),
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )
        deadline_s = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self._address("elmo")).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline_s:
                    raise RuntimeError((self._folder / "server.log").read_text()) from None
                time.sleep(0.05)

    def stop(self, *, is_crash: bool = False) -> None:
        """End it with all its connections: with a word to them, or as if the power went."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT if is_crash else signal.SIGINT)
            self._process.wait(timeout=_START_TIMEOUT_S)
            self._process = None

    def __enter__(self) -> Self:
        if os.geteuid() == 0:
            shutil.chown(self._folder, _USER, _USER)
        create = self._as_its_user(
            self._programs / "initdb", "--pgdata", str(self._folder / "data"), "--username", "elmo", "--encoding", "UTF8",
            "--locale", "C.UTF-8", "--auth", "trust", "--no-sync",
        )  # fmt: skip
        subprocess.run(create, check=True, capture_output=True, cwd=self._folder)
        (self._folder / "data" / "pg_hba.conf").write_text(_WHO_MAY)
        self.start()
        with psycopg.connect(self._address("elmo"), autocommit=True) as connection:
            connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'another'")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def _address(self, user: str) -> str:
        return f"host=127.0.0.1 port={self.port} dbname=postgres user={user} connect_timeout=5"

    def _as_its_user(self, program: Path, *arguments: str) -> list[str]:
        """A command that ends with the thread that starts it, and is not root."""
        if shutil.which("setpriv") is None:
            return [str(program), *arguments]
        user = [f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"] if os.geteuid() == 0 else []
        return ["setpriv", *user, "--pdeathsig", "INT", str(program), *arguments]
