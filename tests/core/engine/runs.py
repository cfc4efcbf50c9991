"""What tests ask of an engine and of its runs."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd
import psutil

from core.engine.engine import Engine
from core.experiment.config import HeadConfig
from core.experiment.events import Progress
from core.store.run_store import RunStore
from tests.core.tiny_runs import wait_until

SLOW_HEAD = HeadConfig(epochs=1000, patience=1000)


def progress_of(engine: Engine, run_id: str) -> Progress:
    progress = engine.progress(run_id)
    assert progress is not None
    return progress


def wait_for_end(engine: Engine, run_id: str) -> Progress:
    wait_until(lambda: progress_of(engine, run_id).outcome != "running")
    return progress_of(engine, run_id)


def wait_for_training(engine: Engine, run_id: str) -> None:
    wait_until(lambda: progress_of(engine, run_id).epochs or progress_of(engine, run_id).outcome != "running")
    assert progress_of(engine, run_id).outcome == "running"


def worker_pids() -> list[int]:
    children = psutil.Process().children(recursive=True)
    return [child.pid for child in children if any("multiprocessing.spawn" in part for part in child.cmdline())]


def nannies() -> list[psutil.Process]:
    """The processes that start the local workers, and start them again when they die."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # which a zombie is as well
            if "distributed.Nanny" in " ".join(child.cmdline()):
                found.append(child)
    return found


def kill_with_children(process: psutil.Process) -> None:
    """At one moment, before anybody starts anything again."""
    children = process.children(recursive=True)
    process.kill()
    for child in children:
        with suppress(psutil.NoSuchProcess):  # it ends with its parent
            child.kill()


def assert_same_results(store: RunStore, run_id: str, other_id: str) -> None:
    pd.testing.assert_frame_equal(
        store.trials.accuracies(store.get_run(run_id)), store.trials.accuracies(store.get_run(other_id)), check_exact=True
    )
    probabilities, others = store.trials.probabilities(store.get_run(run_id)), store.trials.probabilities(store.get_run(other_id))
    assert probabilities.keys() == others.keys()
    for pair, probs in probabilities.items():
        np.testing.assert_array_equal(probs, others[pair])
