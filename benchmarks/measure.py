"""What all benchmarks share: measuring things in turn, describing the machine, and the figures as a table and a file."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import psutil

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"


@dataclass(frozen=True)
class Figure:
    """One line of a benchmark's table.

    Attributes:
        name: What was measured.
        values: Each measurement.
        unit: Unit of the values, such as "tokens/s", "ms", or "x" for a ratio.
        goal: The goal, such as "at least 4"; empty for none.
        is_met: Whether the median meets the goal; None without one.
    """

    name: str
    values: tuple[float, ...]
    unit: str
    goal: str = ""
    is_met: bool | None = None

    @property
    def median(self) -> float:
        return float(np.median(self.values))

    def row(self) -> str:
        """A Markdown table's row: name, median, lowest to highest, goal."""
        spread = f"{_text(min(self.values))} – {_text(max(self.values))}" if len(self.values) > 1 else ""
        verdict = "" if self.is_met is None else f"{self.goal}: {'met' if self.is_met else 'not met'}"
        return f"| {self.name} | {_text(self.median)} {self.unit} | {spread} | {verdict} |"


def at_least(goal: float, name: str, values: Sequence[float], unit: str) -> Figure:
    """A figure whose median should not be below the goal."""
    return Figure(name, tuple(values), unit, f"at least {_text(goal)}", bool(np.median(values) >= goal))


def at_most(goal: float, name: str, values: Sequence[float], unit: str) -> Figure:
    """A figure whose median should not be above the goal."""
    return Figure(name, tuple(values), unit, f"at most {_text(goal)}", bool(np.median(values) <= goal))


def in_turn(works: Mapping[str, Callable[[], object]], *, repeats: int = 5) -> dict[str, list[float]]:
    """Seconds of each piece of work, in turn, `repeats` times after one round to warm up.

    On a machine with other things to do, a ratio of neighbours says more than either time.
    """
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for repeat in range(-1, repeats):
        for name, work in works.items():
            elapsed_s = elapsed(work)
            if repeat >= 0:
                seconds[name].append(elapsed_s)
    return seconds


def elapsed(work: Callable[[], object]) -> float:
    """Seconds that a piece of work takes."""
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def ratios(slow: Sequence[float], fast: Sequence[float]) -> list[float]:
    """How many times faster, measurement by measurement."""
    return [a / b for a, b in zip(slow, fast, strict=True)]


def use_cores(number: int) -> None:
    """Restricts this process and its threads to some cores; call it before TensorFlow is imported."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:number]))


def describe_machine() -> dict[str, Any]:
    """The machine and versions, which a reader needs to judge the figures."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
        platform.processor(),
    )
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "processor": model,
        "cores_used": len(os.sched_getaffinity(0)),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load_average": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "tensorflow": version("tensorflow"),
        "commit": commit.stdout.strip(),
    }


def report(benchmark: str, title: str, figures: Sequence[Figure]) -> None:
    """Prints the table and stores it with a description of the machine in benchmarks/results/."""
    machine = describe_machine()
    RESULTS.mkdir(exist_ok=True)
    result = {"title": title, "machine": machine, "figures": [asdict(figure) for figure in figures]}
    (RESULTS / f"{benchmark}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(title, machine, figures), flush=True)


def table(title: str, machine: Mapping[str, Any], figures: Sequence[Figure]) -> str:
    """The figures as Markdown."""
    where = (
        f"{machine['cores_used']} of {machine['cores']} cores, {machine['processor']}; "
        f"load of the machine {machine['load_average']}; TensorFlow {machine['tensorflow']}"
    )
    rows = [figure.row() for figure in figures]
    return "\n".join([f"{title} ({where})", "", "| | median | lowest – highest | goal |", "| --- | --- | --- | --- |", *rows, ""])


def _text(value: float) -> str:
    """A number with three digits, without an exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
