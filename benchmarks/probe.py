"""Response time of the Probe page: median and 95th percentile over 200 sentences, with and without a running run.

    python -m benchmarks probe [--sentences 200] [--cores 2]

Trains a small run in a temporary data folder and starts the dashboard on it, with so many cores for the server and, in the
second half, for a large run with one worker beside it; the browser has them all. It fills in the beginnings of test reviews, up
to 60 tokens long, one after the other, and a clock in the page measures from each input until the numbers change: with the
pause after which the field sends its text, the way to the server and back, and drawing. A sentence whose answer reads like the
one before is not counted.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.dashboard import CHROMIUM, CHROMIUM_ARGS, ROOT, dashboard, train_run
from benchmarks.measure import Figure, at_most, report
from core.data.datasets import load_pool
from core.settings import Settings
from core.store.run import Run
from core.tokens import tokenise
from ui.probe import wording

MAX_TOKENS = 60
GOAL_MS, BESIDE_GOAL_MS = 300, 800
ANSWER_MS = 5_000
LOAD_MS = 120_000

# Resolves to the milliseconds from the next input until one of the two big numbers changes; to null if none does.
CLOCK = """timeout_ms => {
  const duel = document.querySelector('.st-key-duel [data-testid=stBidiComponentIsolated]').shadowRoot;
  const shown = () => Array.from(duel.querySelectorAll('.number'), (value) => value.textContent).join();
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
    parser.add_argument("--sentences", type=int, default=200, metavar="N")
    parser.add_argument("--cores", type=int, default=2, metavar="N", help="for the dashboard and the run that trains beside it")
    parser.add_argument("--chromium", default=CHROMIUM)
    arguments = parser.parse_args()
    cores = set(sorted(os.sched_getaffinity(0))[: arguments.cores])
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        run = train_run(settings)
        sentences = pick_sentences(run, settings, arguments.sentences)
        with dashboard(settings, cores) as url:
            page = f"{url}/probe?run={run.id}"
            alone_ms = type_in_browser(page, sentences, arguments.chromium)
            with training(settings, cores):
                beside_ms = type_in_browser(page, sentences, arguments.chromium)
    figures = [*quantiles("nothing else going on", alone_ms, GOAL_MS), *quantiles("a run training", beside_ms, BESIDE_GOAL_MS)]
    what = f"{len(sentences)} beginnings of reviews, {len(alone_ms)} and {len(beside_ms)} of them with another answer than before"
    report("probe", f"Probe page, from the last key to the new numbers: {what}", figures)


def quantiles(name: str, times_ms: Sequence[float], goal_ms: float) -> list[Figure]:
    """Median and 95th percentile."""
    late_ms = float(np.percentile(times_ms, 95))
    return [at_most(goal_ms, name, times_ms, "ms"), at_most(goal_ms, f"{name}, 95th percentile", [late_ms], "ms")]


def pick_sentences(run: Run, settings: Settings, num_sentences: int) -> list[str]:
    """Beginnings of test reviews, of different lengths up to 60 tokens."""
    pool = load_pool(run.config.dataset, settings)
    rng = np.random.default_rng(0)
    sentences = []
    for index in rng.permutation(pool.test)[:num_sentences].tolist():
        text = " ".join(pool.texts[index].split())
        tokens = tokenise(text, int(rng.integers(5, MAX_TOKENS + 1)))
        sentences.append(text[: tokens[-1].end])
    return sentences


@contextmanager
def training(settings: Settings, cores: set[int]) -> Iterator[None]:
    """A large run with one worker on the same machine, as another person might start it."""
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
    """Milliseconds from the input of each sentence to its answer, if that looks different from the previous one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        page = browser.new_page()
        page.goto(url)
        field = page.get_by_role("textbox", name="Sentence", exact=True)
        field.fill("The first of all takes longer.")
        page.get_by_text(wording.EFFECTS_EXPLAINED).wait_for(timeout=LOAD_MS)
        times_ms = []
        for sentence in sentences:
            wait_until_still(page)
            page.evaluate(CLOCK, ANSWER_MS)
            field.fill(sentence)
            if (answered_ms := page.evaluate("window.answered")) is not None:
                times_ms.append(float(answered_ms))
        browser.close()
    return times_ms


def wait_until_still(page: Page) -> None:
    """Waits until the previous answer is drawn and nothing is running."""
    page.wait_for_timeout(400)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


if __name__ == "__main__":
    main()
