"""What benchmarks of pages share: a dashboard, a run to show, and a visitor."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from playwright.sync_api import Browser

from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore

ROOT = Path(__file__).parents[1]
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGS = ("--no-sandbox", "--disable-gpu")

_START_S = 60
_VISIT_MS = 120_000
# No placeholder is left and every chart has its marks, in three frames in a row: a browser that is still drawing shows no frames.
_IS_DRAWN = """() => {
  const charts = [...document.querySelectorAll("[data-testid=stVegaLiteChart]")];
  const isDrawn = !document.querySelector("[data-testid=stSkeleton]") && charts.every((chart) => chart.querySelector(".marks"));
  window.framesDrawn = isDrawn ? (window.framesDrawn ?? 0) + 1 : 0;
  return window.framesDrawn >= 3;
}"""


@contextmanager
def dashboard(settings: Settings, cores: set[int] | None = None, variables: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of a dashboard that has just started on a data folder, without warming up workers.

    Args:
        settings: Whose data folder it uses.
        cores: That it may use; all if not given.
        variables: Of its environment, beside the usual ones.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    flags = [f"--server.port={url.rpartition(':')[2]}", "--server.address=127.0.0.1", "--server.headless=true"]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard.py", *flags],
        cwd=ROOT,
        env={**os.environ, "ELMO_LENS_DATA_DIR": str(settings.data_dir), "ELMO_LENS_WARM_UP": "0", **(variables or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if cores:
        os.sched_setaffinity(server.pid, cores)
    try:
        _wait_for(f"{url}/_stcore/health")
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def visit(browser: Browser, url: str, *, until: str = "") -> float:
    """Seconds from entering the address to the whole page, or to a button on it, in a browser with an empty cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(_VISIT_MS)
    began_s = time.perf_counter()
    page.goto(url)
    if until:
        page.get_by_role("button", name=until).wait_for()
    else:
        page.get_by_role("heading", level=1).wait_for()
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        page.wait_for_function(_IS_DRAWN)
    seconds = time.perf_counter() - began_s
    context.close()
    return seconds


def train_run(settings: Settings, options: Sequence[str] = ("--train-size", "100", "--trials", "5", "--test-size", "100")) -> Run:
    """A complete run from the command line in a data folder; the newest of its store."""
    command = [sys.executable, "-m", "core", "run", *options]
    environment = {**os.environ, "ELMO_LENS_DATA_DIR": str(settings.data_dir)}
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    return RunStore(settings.store_url).list_runs()[0]


def _wait_for(url: str) -> None:
    deadline_s = time.monotonic() + _START_S
    while True:
        try:
            with urllib.request.urlopen(url):
                return
        except (URLError, ConnectionError):
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.1)
