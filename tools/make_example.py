"""Trains the example that is shipped, and writes it to assets/example.

    make example

A run at the default settings and a learning curve that it is a point of, trained by the engine as any other and at the lowest
priority, in a data folder that is deleted afterwards. It is due whenever `tests/core/test_shipped_example.py` says so: after a
change of the defaults, of the bundled ELMo, or of the code that reads texts or trains.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from core.engine.engine import Engine
from core.errors import UserError
from core.example import FOLDER, write_example
from core.experiment.config import SWEEP_SIZES, ExperimentConfig
from core.settings import Settings
from core.store.run import Run, Sweep
from core.store.run_store import RunStore

_POLL_S = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the example and write its files.")
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--sizes", type=int, nargs="+", default=SWEEP_SIZES, help="training sizes of the learning curve")
    arguments = parser.parse_args()
    os.nice(19)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data_dir:
        settings = Settings(data_dir=Path(data_dir))
        store = RunStore(settings.store_url)
        engine = Engine(settings, store)
        try:
            run, sweep = train(ExperimentConfig(), arguments.sizes, engine, store)
        finally:
            engine.close()
        write_example(settings.store_url, run, sweep, arguments.out)
        store.close()
    print(f"{arguments.out}: {sum(file.stat().st_size for file in arguments.out.iterdir()) / 1e6:.1f} MB")


def train(config: ExperimentConfig, train_sizes: Sequence[int], engine: Engine, store: RunStore) -> tuple[Run, Sweep]:
    """Trains a run, then what a learning curve needs beyond it.

    Args:
        config: Of the run.
        train_sizes: Of the learning curve; the run's own among them.
        engine: That trains.
        store: Of the engine.

    Raises:
        UserError: Something could not be trained.
    """
    run_id = engine.submit(config)
    _wait(store, [run_id])
    sweep = store.sweeps.get(engine.submit_sweep(config, train_sizes))
    _wait(store, sweep.run_ids)
    return store.get_run(run_id), sweep


def _wait(store: RunStore, run_ids: Sequence[str]) -> None:
    for run_id in run_ids:
        began_s = time.perf_counter()
        while (run := store.get_run(run_id)).is_active:
            time.sleep(_POLL_S)
        if not run.is_finished:
            raise UserError(f"{run.name} is {run.status}: {run.message}", code="run-failed")
        print(f"{run.name}: {time.perf_counter() - began_s:.0f} s", flush=True)


if __name__ == "__main__":
    main()
