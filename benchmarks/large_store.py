"""Seconds to show each page on a store of 200 runs x 20 trials x 2 arms x 2,000 test reviews.

    python -m benchmarks large_store [--runs 200] [--trials 20] [--test-size 2000] [--folder DIR]

Writes made-up runs straight to a store (kept in DIR if given, and used again), starts the dashboard on it and opens every
page in Chromium as a new visitor does, with nothing in the browser's cache: the first time on a fresh server, which then
imports what the page needs and reads the reviews, then five times more. A page is shown when its script has ended, nothing is
left of its placeholders and every chart is drawn. What is counted once and kept in the data folder is counted before, by a
visit that does not count. The heads of the newest runs have the shapes of real ones, the others have none: pages read the
heads of the runs that they show.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from playwright.sync_api import sync_playwright

from benchmarks.dashboard import CHROMIUM, CHROMIUM_ARGS, dashboard, visit
from benchmarks.measure import Figure, at_most, report
from core.data.datasets import load_pool
from core.experiment.config import SWEEP_SIZES, ExperimentConfig
from core.experiment.draw import draw_trial
from core.experiment.results import TrialResult
from core.settings import Settings
from core.store.run_store import RunStore

STATIC_DIM, ELMO_DIM = 50, 256  # of the packaged vectors
GOAL_S = 2.0
NUM_REPEATS = 5
NUM_WITH_HEADS = len(SWEEP_SIZES)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time every page on a large store.")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--test-size", type=int, default=2000)
    parser.add_argument("--folder", type=Path, help="data folder to fill, or one that this command has filled before")
    parser.add_argument("--chromium", default=CHROMIUM)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        settings = Settings(data_dir=arguments.folder or Path(temporary))
        run_ids = fill(settings, arguments.runs, arguments.trials, arguments.test_size)
        size_mb = (settings.folder() / "runs.sqlite").stat().st_size / 1e6
        time_visits(settings, list(pages(run_ids).values()), arguments.chromium)
        firsts, agains = [], []
        for name, path in pages(run_ids).items():
            first_s, *again_s = time_visits(settings, [path] * (1 + NUM_REPEATS), arguments.chromium)
            agains.append(at_most(GOAL_S, name, again_s, "s"))
            firsts.append(Figure(f"{name}, first visit of a fresh server", (first_s,), "s"))
        what = f"{len(run_ids)} runs x {arguments.trials} trials x 2 arms x {arguments.test_size:,} test reviews"
        report("large_store", f"Pages on a store of {what} ({size_mb:,.0f} MB)", [*agains, *firsts])


def fill(settings: Settings, num_runs: int, num_trials: int, test_size: int) -> list[str]:
    """Fills the store to the requested size; returns ids of its runs, the newest first."""
    store = RunStore(settings.store_url)
    run_ids = [run.id for run in store.list_runs()]
    pool = load_pool("imdb", settings)
    rng = np.random.default_rng(0)
    while len(run_ids) < num_runs:
        number = len(run_ids)
        config = ExperimentConfig(
            train_size=SWEEP_SIZES[number % len(SWEEP_SIZES)],
            num_trials=num_trials,
            test_size=test_size,
            seed=number // len(SWEEP_SIZES),
        )
        test = draw_trial(pool, config, 0).test
        labels = pool.labels[test]
        run = store.create_run(config)
        store.set_draws(run.id, [pool.ids[i] for i in test], labels.tolist(), len(pool.train))
        hardness = rng.normal(size=test_size)  # some reviews are harder than others, for both arms
        for trial in range(num_trials):
            for arm in config.arms:
                probs = made_up_probs(rng, config.train_size, arm, labels, hardness)
                accuracy = float(np.mean((probs > 0.5) == (labels > 0)))
                head = made_up_head(rng, arm) if number >= num_runs - NUM_WITH_HEADS else {}
                store.trials.save(run, TrialResult(trial, arm, accuracy, accuracy, 9, 14, 4.0, probs, head))
        store.set_phases(run.id, {"embedding": 30.0, "training": 60.0}, 80.0, 0.98)
        store.set_status(run.id, "finished")
        run_ids.insert(0, run.id)
        if run.config.train_size == SWEEP_SIZES[-1]:
            store.sweeps.create(config, SWEEP_SIZES, run_ids[len(SWEEP_SIZES) - 1 :: -1])
    store.close()
    return run_ids


def made_up_probs(
    rng: np.random.Generator, train_size: int, arm: str, labels: npt.NDArray[np.int8], hardness: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """Probabilities as from a head, (test_size,); better with more reviews and with ELMo."""
    skill = 0.3 * np.log10(train_size) + (0.3 if arm == "elmo" else 0.0)
    logits = np.where(labels > 0, 1, -1) * (skill + 0.7 * hardness + rng.normal(0, 0.5, len(labels)))
    probs: npt.NDArray[np.float32] = (1 / (1 + np.exp(-2 * logits))).astype(np.float32)
    return probs


def made_up_head(rng: np.random.Generator, arm: str) -> dict[str, npt.NDArray[np.float32]]:
    """Weights in the shapes of a real head."""
    dim = STATIC_DIM + (ELMO_DIM if arm == "elmo" else 0)
    shapes: dict[str, tuple[int, ...]] = {"input/mean": (dim,), "input/scale": (dim,)}
    shapes |= {"conv/kernel": (3, dim, 64), "conv/bias": (64,), "dense/kernel": (64, 250), "dense/bias": (250,)}
    shapes |= {"output/kernel": (250, 1), "output/bias": (1,)}
    return {name: rng.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}


def pages(run_ids: list[str]) -> dict[str, str]:
    """The pages to open: name and path of each."""
    newest, several = run_ids[0], ",".join(run_ids[: len(SWEEP_SIZES)])
    return {
        "Train": "/",
        "Train, a run": f"/?run={newest}",
        "Compare, accuracy": f"/compare?run={newest}&view=pairs",
        "Compare, learning curve": f"/compare?runs={several}&view=curve",
        "Compare, beyond accuracy": f"/compare?run={newest}&view=quality",
        "Compare, single reviews": f"/compare?run={newest}&view=reviews",
        "Compare, cost": f"/compare?runs={several}&view=cost",
        "Probe": f"/probe?run={newest}",
        "Reviews": "/reviews",
        "Reviews, telling words": "/reviews?reviews_view=Telling+words",
        "Reviews, unknown words": "/reviews?reviews_view=Unknown+words",
        "How it works": "/how_it_works",
    }


def time_visits(settings: Settings, paths: Sequence[str], chromium: str) -> list[float]:
    """Seconds until each of some pages is shown, one after another, on a server that has just started."""
    with dashboard(settings) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        seconds = [visit(browser, f"{url}{path}") for path in paths]
        browser.close()
    return seconds


if __name__ == "__main__":
    main()
