"""Whole runs from the command line: seconds from start to result, and growth of time and memory with the number of reviews.

    python -m benchmarks runs [--parts run sizes] [--repeats 5] [--sizes 1000 5000 20000]

Each run is a process of its own on two cores with two workers, and its seconds include starting Python, TensorFlow and workers.

Part `run` is `python -m core run --train-size 1000 --trials 5 --test-size 1000`: cold in an empty data folder, then warm in the
same folder, where vectors are in the cache and everything else is done again. A phase counts until the next begins, and the first
heads train while later reviews are still embedded.

Part `sizes`, the long one, is one trial of both arms for a few epochs at each size, in an empty folder each: seconds of embedding
per review, compared with the same at the smallest size just before, and the highest memory of any process of the run. Private
memory leaves out what a process shares with the page cache: the embeddings on disk that it has looked at.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.measure import ROOT, Figure, at_most, report, use_cores

PARTS = ("run", "sizes")
NUM_CORES = 2
COLD_S, WARM_S = 90, 30  # goals
GROWTH = 1.1
MEMORY_GB = 2.5
TEST_SIZE = 200  # among the reviews of part sizes; IMDB has 19,987 to train on
POLL_S = 0.2


@dataclass(frozen=True)
class Measured:
    """One run.

    Attributes:
        wall_s: From the start of the process to its end.
        phase_s: Seconds per phase of the run.
        private_gb: Highest private memory of any of its processes.
        resident_gb: The same with pages that are shared.
    """

    wall_s: float
    phase_s: dict[str, float]
    private_gb: float
    resident_gb: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Time whole runs and watch their memory.")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--repeats", type=int, default=5, help="cold and warm runs")
    parser.add_argument("--train-size", type=int, default=1000, help="of part run")
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        default=[1000, 5000, 20_000],
        help="reviews, of part sizes; at least two, the smallest first",
    )
    arguments = parser.parse_args()
    if len(arguments.sizes) < 2:
        parser.error("--sizes needs two at least, as each is compared with the smallest")
    use_cores(NUM_CORES)
    if "run" in arguments.parts:
        figures = cold_and_warm(arguments.train_size, arguments.repeats)
        report("runs", f"Five trials of {arguments.train_size:,} reviews, 1,000 test reviews", figures)
    if "sizes" in arguments.parts:
        report("run_sizes", "One trial of both models at several sizes", growth(arguments.sizes))


def cold_and_warm(train_size: int, repeats: int) -> list[Figure]:
    """Seconds of the run with a goal, with and without vectors in the cache."""
    options = ["--train-size", str(train_size), "--trials", "5", "--test-size", "1000"]
    runs: dict[str, list[Measured]] = {"cold": [], "warm": []}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            for measured in runs.values():
                measured.append(run(options, Path(folder)))
    figures = []
    for (name, measured), goal_s in zip(runs.items(), (COLD_S, WARM_S), strict=True):
        figures.append(at_most(goal_s, f"{name}, from start to result", [one.wall_s for one in measured], "s"))
        for phase in measured[0].phase_s:
            figures.append(Figure(f"{name}: {phase}", tuple(one.phase_s[phase] for one in measured), "s"))
        outside = tuple(one.wall_s - sum(one.phase_s.values()) for one in measured)
        figures.append(Figure(f"{name}: before and after the run", outside, "s"))
    return figures


def growth(sizes: Sequence[int]) -> list[Figure]:
    """Seconds of embedding per review, and memory, at each size; the smallest one is measured again before each."""
    figures = []
    smallest, *larger = sizes
    for size in larger:
        base, large = (run_once(one) for one in (smallest, size))
        base_ms = 1000 * base.phase_s["embedding"] / smallest
        large_ms = 1000 * large.phase_s["embedding"] / size
        figures += [
            Figure(f"embedding per review, {smallest:,} reviews just before {size:,}", (base_ms,), "ms"),
            Figure(f"embedding per review, {size:,} reviews", (large_ms,), "ms"),
            at_most(GROWTH, f"embedding per review, {size:,} against {smallest:,} reviews", [large_ms / base_ms], "x"),
            at_most(MEMORY_GB, f"private memory of the largest process, {size:,} reviews", [large.private_gb], "GB"),
            Figure(f"resident memory of the largest process, {size:,} reviews", (large.resident_gb,), "GB"),
        ]
    return figures


def run_once(num_reviews: int) -> Measured:
    """One trial of both models in an empty folder, with few epochs, which affect neither embedding nor memory."""
    with tempfile.TemporaryDirectory() as folder:
        train_size = str(num_reviews - TEST_SIZE)
        options = ["--train-size", train_size, "--trials", "1", "--test-size", str(TEST_SIZE), "--epochs", "3"]
        return run(options, Path(folder))


def run(options: Sequence[str], folder: Path) -> Measured:
    """`python -m core run` with these options and this data folder, watched until it ends."""
    results = folder / "results.json"
    environment = os.environ | {"ELMO_LENS_DATA_DIR": str(folder), "ELMO_LENS_NUM_WORKERS": str(NUM_CORES)}
    command = [sys.executable, "-m", "core", "run", *options, "--json", str(results)]
    private_bytes, resident_bytes = 0, 0
    began_s = time.perf_counter()
    process = psutil.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        for one in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                memory = one.memory_info()
                private_bytes = max(private_bytes, memory.rss - memory.shared)
                resident_bytes = max(resident_bytes, memory.rss)
        time.sleep(POLL_S)
    wall_s = time.perf_counter() - began_s
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    phase_s = json.loads(results.read_text(encoding="utf-8"))["phase_s"]
    return Measured(wall_s, phase_s, private_bytes / 1e9, resident_bytes / 1e9)


if __name__ == "__main__":
    main()
