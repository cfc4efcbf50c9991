"""A store of its own for every test, in every kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.store.run_store import RunStore
from tests.core.store.outages.postgresql_server import PostgresqlServer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of a store in a file, for tests of what only happens to files."""
    return tmp_path / "runs.sqlite"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    if reason := PostgresqlServer.reason_to_skip():
        pytest.skip(reason)
    with PostgresqlServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, path: Path) -> Callable[[], str]:
    """Makes the URL of a store that nobody has opened yet; the first one in a file is at `path`."""
    if request.param == "sqlite":
        files = iter([path, *(path.with_name(f"runs-{number}.sqlite") for number in range(2, 10))])
        return lambda: f"sqlite:///{next(files)}"
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.new_url


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
def store(url: str) -> Iterator[RunStore]:
    store = RunStore(url)
    yield store
    store.close()
