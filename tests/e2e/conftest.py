"""The dashboard as people start it, and a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from core.files import ROOT
from core.settings import Settings
from core.store.run_store import RunStore

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_S = 60
PAGE_MS = 60_000  # a page takes a second or two; beside a browser test that trains, on two slow cores, half a minute

expect.set_options(timeout=PAGE_MS)


class Server:
    """One dashboard on a free port.

    Args:
        data_dir: Its data folder.
        warm_up: Whether opening the Train page starts the worker processes, which takes a core for seconds.
        variables: Further variables of its environment.
    """

    def __init__(self, data_dir: Path, *, warm_up: bool, variables: Mapping[str, str]) -> None:
        self._data_dir = data_dir
        usual = {"ELMO_LENS_DATA_DIR": str(data_dir), "ELMO_LENS_NUM_WORKERS": "1", "ELMO_LENS_WARM_UP": str(warm_up)}
        self._variables = usual | dict(variables)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        flags = [f"--server.port={self._port}", "--server.address=127.0.0.1", "--server.headless=true"]
        with (self._data_dir / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "dashboard.py", *flags],
                cwd=ROOT,
                env=os.environ | self._variables,
                stdout=log,
                stderr=log,
            )
        deadline_s = time.monotonic() + START_S
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health"):
                    return
            except (URLError, ConnectionError):
                if time.monotonic() > deadline_s or self._process.poll() is not None:
                    raise AssertionError(f"the dashboard did not start:\n{self.log()}") from None
                time.sleep(0.1)

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        self._process.terminate()
        self._process.wait(timeout=30)

    def log(self) -> str:
        """What it has written so far."""
        return (self._data_dir / "server.log").read_text(errors="replace")


def settle(page: Page) -> None:
    """Wait until the page is built; until then what stood there before can still be seen beside what replaces it."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def query(page: Page, name: str) -> str:
    """The value of a parameter of the address, as soon as it has one."""
    page.wait_for_url(lambda url: name in parse_qs(urlparse(url).query))
    [value] = parse_qs(urlparse(page.url).query)[name]
    return value


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
    yield launched
    launched.close()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def store(data_dir: Path) -> Iterator[RunStore]:
    """The store of the server, to put runs into it."""
    opened = RunStore(Settings(data_dir=data_dir).store_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def warm_up() -> bool:
    """Whether the server of this file gets its workers ready, as it does for people; a file that trains says so."""
    return False


@pytest.fixture(scope="module")
def variables() -> Mapping[str, str]:
    """Of the environment of the server of this file, beside the usual ones."""
    return {}


@pytest.fixture(scope="module")
def server(data_dir: Path, variables: Mapping[str, str], *, warm_up: bool) -> Iterator[Server]:
    """The server of one file; whatever its tests did, it met no bug."""
    started = Server(data_dir, warm_up=warm_up, variables=variables)
    started.start()
    yield started
    log = started.log()
    started.stop()
    assert "Traceback" not in log


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor with a browser of their own."""
    opened = browser.new_context(viewport={"width": 1280, "height": 1000})
    opened.set_default_timeout(PAGE_MS)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A visitor with a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    context.set_default_timeout(PAGE_MS)
    yield context.new_page()
    context.close()
