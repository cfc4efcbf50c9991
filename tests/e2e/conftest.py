"""The dashboard as people start it, and a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

ROOT = Path(__file__).parents[2]
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
PAGE_MS = 30_000

expect.set_options(timeout=PAGE_MS)


class Server:
    """One dashboard on a free port, with a data folder of its own."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
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
                env={**os.environ, "ELMO_LENS_DATA_DIR": str(self._data_dir), "ELMO_LENS_NUM_WORKERS": "2"},
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
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("data"))
    started.start()
    yield started
    started.stop()


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
