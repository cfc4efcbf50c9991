"""How quickly the Probe page answers: median and 95th percentile over 200 sentences, with and without a run training.

    python -m benchmarks.probe --run ID [--sentences 200] [--cores 2] [--json FILE]

Copies the runs of the usual data folder to a temporary one and starts the dashboard on it, with so many cores for the server
and, in the second half, for a run with one worker beside it; the browser has them all. It fills in the beginnings of test
reviews, up to 60 tokens long, one after the other, and a clock in the page measures from each input until the numbers change:
with the pause after which the field sends its text, the way to the server and back, and drawing. Before that, the prediction
alone and the prediction with the effects of all words are measured in this process, on the same cores.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.screenshot import ROOT, wait_for
from core.attribution import attribute
from core.predictor import Predictor
from core.records import Run
from core.reviews import load_pool
from core.runs import RunStore
from core.settings import Settings
from core.tasks import load_embedders, with_batch_size
from core.tokens import tokenise

MAX_TOKENS = 60
ANSWER_MS = 5_000
LOAD_MS = 120_000
MANY = 32  # as in ui/session.py

# Resolves to the milliseconds from the next input until one of the two big numbers changes; to null if none does.
_CLOCK = """timeout_ms => {
  const shown = () => Array.from(document.querySelectorAll('[data-testid=stMetricValue]'), (value) => value.textContent).join();
  const before = shown();
  window.answered = new Promise((resolve) => {
    document.addEventListener('input', () => {
      const began = performance.now();
      const look = () => {
        const waited = performance.now() - began;
        if (shown() !== before) resolve(waited);
        else if (waited > timeout_ms) resolve(null);
        else requestAnimationFrame(look);
      };
      look();
    }, { once: true, capture: true });
  });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description="How quickly the Probe page answers.")
    parser.add_argument("--run", required=True, metavar="ID", dest="run_id", help="a run of the usual data folder with models")
    parser.add_argument("--sentences", type=int, default=200, metavar="N")
    parser.add_argument("--cores", type=int, default=2, metavar="N", help="for the dashboard and the run that trains beside it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every time measured")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    arguments = parser.parse_args()
    all_cores = os.sched_getaffinity(0)
    cores = set(sorted(all_cores)[: arguments.cores])
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        shutil.copy(Settings().folder() / "runs.sqlite", settings.data_dir)
        run = RunStore(settings.store_url).get_run(arguments.run_id)
        sentences = pick_sentences(run, settings, arguments.sentences)
        lengths = [len(tokenise(text)) for text in sentences]
        print(f"{len(sentences)} sentences of {min(lengths)} to {max(lengths)} tokens, median {np.median(lengths):.0f}")
        print(f"{run.name}; {arguments.cores} cores; load of the machine {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
        print("\n| | median | 95th percentile | slowest | not measured |\n| --- | --- | --- | --- | --- |", flush=True)
        measured: dict[str, list[float]] = {}

        def report(name: str, times_ms: list[float]) -> None:
            measured[name] = times_ms
            quantiles = [f"{np.percentile(times_ms, percentile):.0f} ms" for percentile in (50, 95, 100)]
            print("|", " | ".join([name, *quantiles, str(len(sentences) - len(times_ms))]), "|", flush=True)

        os.sched_setaffinity(0, cores)
        predictor = load_predictor(run, settings)
        report("prediction alone", [elapsed_ms(partial(predictor.predict, text)) for text in sentences])
        report("prediction and all effects", [elapsed_ms(partial(explain, predictor, text)) for text in sentences])
        os.sched_setaffinity(0, all_cores)
        url_path = f"probe?run={run.id}"
        with dashboard(settings, cores) as url:
            report("answer in the browser", type_in_browser(f"{url}/{url_path}", sentences, arguments.chromium))
            with training(settings, cores):
                times_ms = type_in_browser(f"{url}/{url_path}", sentences, arguments.chromium)
            report("answer in the browser, a run training", times_ms)
    print(f"\nNot measured: the answer reads like the one before, or took over {ANSWER_MS // 1000} s.")
    if arguments.json:
        arguments.json.write_text(json.dumps(measured))


def pick_sentences(run: Run, settings: Settings, num_sentences: int) -> list[str]:
    """Beginnings of test reviews, each of another length up to 60 tokens."""
    pool = load_pool(run.config.dataset, settings)
    rng = np.random.default_rng(0)
    sentences = []
    for index in rng.permutation(pool.test)[:num_sentences].tolist():
        text = " ".join(pool.texts[index].split())
        tokens = tokenise(text, int(rng.integers(5, MAX_TOKENS + 1)))
        sentences.append(text[: tokens[-1].end])
    return sentences


def load_predictor(run: Run, settings: Settings) -> Predictor:
    embedders = load_embedders(run.config, settings, batch_size=1)
    predictor = Predictor(
        run.config, RunStore(settings.store_url).heads(run.id), embedders, many=with_batch_size(embedders, MANY)
    )
    explain(predictor, "The first of all takes longer.")
    return predictor


def explain(predictor: Predictor, text: str) -> None:
    list(attribute(predictor, predictor.predict(text)))


def elapsed_ms(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return (time.perf_counter() - began_s) * 1000


@contextmanager
def dashboard(settings: Settings, cores: set[int]) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard.py", *flags],
        cwd=ROOT,
        env={**os.environ, "ELMO_LENS_DATA_DIR": str(settings.data_dir), "ELMO_LENS_WARM_UP": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.sched_setaffinity(server.pid, cores)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


@contextmanager
def training(settings: Settings, cores: set[int]) -> Iterator[None]:
    """A large run with one worker beside, as somebody's on the same server."""
    command = [sys.executable, "-m", "core", "run", "--train-size", "10000", "--trials", "5", "--test-size", "2000"]
    run = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "ELMO_LENS_DATA_DIR": str(settings.data_dir), "ELMO_LENS_NUM_WORKERS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.sched_setaffinity(run.pid, cores)
    try:
        time.sleep(30)  # until it embeds reviews
        yield
        if run.poll() is not None:
            raise RuntimeError("the run ended before the last sentence was typed; its figures say nothing")
    finally:
        run.terminate()
        run.wait(timeout=60)


def type_in_browser(url: str, sentences: Sequence[str], chromium: str) -> list[float]:
    """Milliseconds from the input of each sentence to its answer, where the answer reads differently from the one before."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(url)
        field = page.get_by_role("textbox", name="Sentence", exact=True)
        field.fill("The first of all takes longer.")
        page.get_by_text("A number says by how many").wait_for(timeout=LOAD_MS)
        times_ms = []
        for sentence in sentences:
            wait_until_still(page)
            page.evaluate(_CLOCK, ANSWER_MS)
            field.fill(sentence)
            if (answered_ms := page.evaluate("window.answered")) is not None:
                times_ms.append(float(answered_ms))
        browser.close()
    return times_ms


def wait_until_still(page: Page) -> None:
    """Until the answer to the sentence before is drawn and nothing runs."""
    page.wait_for_timeout(400)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


if __name__ == "__main__":
    main()
