"""The command line's `run`: one run with a bar over it, the accuracies as a table, who won."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.analysis.outcomes import load_outcomes
from core.analysis.paired_tests import Comparison, compare
from core.analysis.verdicts import verdict
from core.cli.console import progress_bar
from core.data.datasets import load_pool
from core.embedders.loading import require_sources
from core.engine.engine import Engine
from core.errors import UserError
from core.experiment.config import ExperimentConfig, has_pair
from core.experiment.draw import require_enough_reviews
from core.experiment.events import Event, Progress, RunCancelled, RunFailed
from core.files import require_writable, write_result
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from core.store.trial_store import as_records


def run(
    settings: Settings, *, config: ExperimentConfig | None = None, resume: str | None = None, json_path: Path | None = None
) -> bool:
    """Train both models and compare them.

    Args:
        settings: Of this installation.
        config: Of a new run; without it a stored one goes on.
        resume: Id of that stored run.
        json_path: File for the settings, the accuracies and the seconds per phase.

    Returns:
        Whether the run is finished; False if it was stopped, which one line on stderr has said then.

    Raises:
        UserError: The config or the run's id cannot be, or the run failed.
    """
    began_s = time.perf_counter()
    if json_path:
        require_writable(json_path)
    store = RunStore(settings.store_url)
    if resume:
        its_run = store.get_run(resume)
    else:
        config = config or ExperimentConfig()
        require_enough_reviews(config, load_pool(config.dataset, settings))
        require_sources(config, settings)
        its_run = store.create_run(config)
    how_to_resume = f"python -m core run --resume {its_run.id}"
    engine = Engine(settings, store)
    try:
        last = _show_events(engine, its_run) if not its_run.is_finished else None
    except KeyboardInterrupt:
        print(f"Cancelled; finish it with: {how_to_resume}", file=sys.stderr)
        return False
    finally:
        engine.close()
    if isinstance(last, RunFailed):
        raise UserError(f"{last.message} ({how_to_resume})")
    if isinstance(last, RunCancelled):
        print(f"Somebody cancelled the run; finish it with: {how_to_resume}", file=sys.stderr)
        return False
    comparison = _print_results(store, its_run, settings)
    if json_path:
        write_result(json_path, _to_json(store, its_run, comparison, time.perf_counter() - began_s))
    return True


def _show_events(engine: Engine, run: Run) -> Event | None:
    """Drive the run with a progress bar on stderr; the last event."""
    progress, event = Progress(), None
    with progress_bar() as draw:
        for event in engine.run_events(run.id):
            progress = progress.after(event)
            draw(progress.fraction, progress.phase, _detail(progress))
    return event


def _detail(progress: Progress) -> str:
    parts = []
    if progress.reviews_per_s and progress.num_embedded < progress.num_reviews:
        parts.append(f"{progress.num_embedded:,} of {progress.num_reviews:,} reviews, {progress.reviews_per_s:.0f}/s")
    if progress.num_pairs:
        parts.append(f"{len(progress.finished)} of {progress.num_pairs} heads")
    if progress.remaining_s:
        parts.append(f"{progress.remaining_s:.0f} s left")
    return ", ".join(parts)


def _print_results(store: RunStore, run: Run, settings: Settings) -> Comparison | None:
    """Print the table and who won; the comparison, None for a run without both arms."""
    accuracies = store.trials.accuracies(run)
    print(f"{run.name} (run {run.id})")
    table = Table()
    table.add_column("trial", justify="right")
    for arm in accuracies:
        table.add_column(str(arm), justify="right")
    for trial, row in zip(accuracies.index, accuracies.to_numpy(), strict=True):
        table.add_row(f"{trial + 1}", *(f"{accuracy:.4f}" for accuracy in row))
    table.add_section()
    table.add_row("mean", *(f"{accuracy:.4f}" for accuracy in accuracies.mean()))
    Console().print(table)
    if not has_pair(accuracies):
        return None
    outcomes = load_outcomes(run, store, settings)
    comparison = compare(outcomes.correct_of("basic"), outcomes.correct_of("elmo"))
    print(verdict(comparison))
    return comparison


def _to_json(store: RunStore, run: Run, comparison: Comparison | None, wall_s: float) -> str:
    finished = store.get_run(run.id)
    results = {
        "run": run.id,
        "config": run.config.model_dump(mode="json"),
        "trials": as_records(store.trials.table(run)),
        "sentence": verdict(comparison) if comparison else None,
        "comparison": asdict(comparison) if comparison else None,
        "coverage": finished.coverage,
        "phase_s": dict(finished.phase_s),
        "wall_s": round(wall_s, 3),
    }
    return json.dumps(results, indent=2)
