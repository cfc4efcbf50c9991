"""Live predictions and first pages: how long people wait.

    python -m benchmarks predicting [--sentences 200] [--cores 2]

Trains a small run of five trials in a temporary data folder. On so many cores it then predicts the first twenty tokens of test
reviews with both arms and all ten heads, explains them by leaving out each token once, puts the pairs of sentences that ship
to the models (at once, and text by text), and opens the dashboard's first page in Chromium on a server that has just
started, and again, until its button can be pressed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.dashboard import CHROMIUM, CHROMIUM_ARGS, ROOT, dashboard, train_run, visit
from benchmarks.measure import Figure, at_most, elapsed, in_turn, ratios, report, use_cores
from core.challenges.run_suite import run_suite
from core.challenges.suite import Suite
from core.challenges.templates import load_bundled_suite
from core.data.datasets import load_pool
from core.predict.occlusion import occlude
from core.predict.predictor import Predictor, load_predictor
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from core.tokens import tokenise

NUM_TOKENS = 20
NUM_EXPLAINED = 40
NUM_PAIRS = 4
NUM_VISITS = 5
GOAL_MS, LATE_GOAL_MS, WHY_GOAL_MS, PAGE_GOAL_S = 25, 60, 250, 2


def main() -> None:
    parser = argparse.ArgumentParser(description="How long people wait for predictions and pages.")
    parser.add_argument("--sentences", type=int, default=200, metavar="N")
    parser.add_argument("--cores", type=int, default=2, metavar="N")
    parser.add_argument("--chromium", default=CHROMIUM)
    arguments = parser.parse_args()
    use_cores(arguments.cores)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        run = train_run(settings)
        figures = time_first_page(settings, arguments.chromium)
        predictor = load_predictor(run, RunStore(settings.store_url), settings)
        predictor.warm_up()
        sentences = pick_sentences(run, settings, arguments.sentences)
        figures = [*time_predictions(predictor, sentences), *time_challenges(predictor), *figures]
    report("predicting", f"Both arms, five heads each, sentences of {NUM_TOKENS} tokens; first pages", figures)


def pick_sentences(run: Run, settings: Settings, num_sentences: int) -> list[str]:
    """Beginnings of test reviews, all of the same length in tokens."""
    pool = load_pool(run.config.dataset, settings)
    sentences = []
    for index in np.random.default_rng(0).permutation(pool.test)[:num_sentences].tolist():
        tokens = tokenise(pool.texts[index], NUM_TOKENS)
        sentences.append(pool.texts[index][: tokens[-1].end])
    return sentences


def time_predictions(predictor: Predictor, sentences: list[str]) -> list[Figure]:
    times_ms = [elapsed(partial(predictor.predict, text)) * 1000 for text in sentences]
    explained_ms = [elapsed(partial(explain, predictor, text)) * 1000 for text in sentences[:NUM_EXPLAINED]]
    return [
        at_most(GOAL_MS, "one sentence", times_ms, "ms"),
        at_most(LATE_GOAL_MS, "one sentence, 95th percentile", [float(np.percentile(times_ms, 95))], "ms"),
        at_most(WHY_GOAL_MS, "one sentence with the effect of each token", explained_ms, "ms"),
    ]


def explain(predictor: Predictor, text: str) -> None:
    list(occlude(predictor, predictor.predict(text)))


def time_challenges(predictor: Predictor) -> list[Figure]:
    """Some pairs of each family, all at once and text by text, as live predictions would be."""
    bundled = load_bundled_suite()
    suite = Suite("some", tuple(replace(family, pairs=family.pairs[:NUM_PAIRS]) for family in bundled.families))
    texts = [text for family in suite.families for pair in family.pairs for text in pair.texts]
    seconds = in_turn(
        {
            "text by text": lambda: [predictor.predict(text) for text in texts],
            "at once": lambda: list(run_suite(suite, predictor)),
        }
    )
    faster = ratios(seconds["text by text"], seconds["at once"])
    return [
        Figure(f"{suite.num_pairs} pairs of sentences", tuple(seconds["at once"]), "s"),
        Figure("the same, times faster than text by text", tuple(faster), "x"),
    ]


def time_first_page(settings: Settings, chromium: str) -> list[Figure]:
    seconds = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        first_s = []
        for _ in range(NUM_VISITS):
            with dashboard(settings) as url:
                first_s.append(visit(browser, url, until="Train both"))
                seconds.append(visit(browser, url, until="Train both models"))
        browser.close()
    imported = "import sys, ui.app.server, ui.train.form, ui.app.navigation; sys.exit('tensorflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", imported], cwd=ROOT, check=True)  # fails if a page would wait for TensorFlow
    return [
        at_most(PAGE_GOAL_S, "first page, server warm", seconds, "s"),
        Figure("first page of a server that has just started", tuple(first_s), "s"),
    ]


if __name__ == "__main__":
    main()
