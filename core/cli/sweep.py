"""The command line's `sweep`: one run per training size, one bar over all of them, the curve as a table."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.analysis.learning_curve import CurvePoint, LabelSaving, label_saving, learning_curve
from core.analysis.outcomes import load_outcomes
from core.analysis.verdicts import label_saving_sentence
from core.cli.console import progress_bar
from core.embedders.loading import require_sources
from core.engine.engine import Engine
from core.engine.sweep_plan import stored_runs
from core.engine.sweep_progress import SweepProgress
from core.errors import UserError
from core.experiment.config import ExperimentConfig, has_pair
from core.files import require_writable, write_result
from core.formatting import rounded
from core.settings import Settings
from core.store.run import Sweep
from core.store.run_store import RunStore

_POLL_S = 0.5
_CANCEL_S = 10.0  # to stop; what takes longer can be resumed all the same


def parse_sizes(text: str) -> list[int]:
    """Training sizes as people type them: "100,200,500".

    Raises:
        UserError: A part of it is no whole number.
    """
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise UserError(f"--train-sizes is {text!r}, but must be whole numbers; write them like 100,200,500.") from None


def sweep(
    settings: Settings,
    *,
    config: ExperimentConfig | None = None,
    train_sizes: list[int] | None = None,
    resume: str | None = None,
    json_path: Path | None = None,
) -> bool:
    """Train over several sizes and print the learning curve.

    Args:
        settings: Of this installation.
        config: Of all runs, with `train_sizes`; without them a stored sweep goes on.
        train_sizes: At least two.
        resume: Id of that stored sweep.
        json_path: File for the curve and everything it rests on.

    Returns:
        Whether every run is finished; False if it was stopped, which one line on stderr has said then.

    Raises:
        UserError: A size or the sweep's id cannot be, or a run failed.
    """
    began_s = time.perf_counter()
    if json_path:
        require_writable(json_path)
    if config:
        require_sources(config, settings)
    store = RunStore(settings.store_url)
    engine = Engine(settings, store)
    try:
        if resume:
            engine.resume_sweep(resume)
        sweep_id = resume or engine.submit_sweep(config or ExperimentConfig(), train_sizes or [])
        try:
            progress = _follow(engine, sweep_id)
        except KeyboardInterrupt:
            _stop(engine, sweep_id)
            return False
    finally:
        engine.close()
    if progress.status == "failed":
        raise UserError(f"{progress.message} ({_how_to_resume(sweep_id)})")
    if progress.status != "finished":
        print(f"Somebody cancelled the learning curve; finish it with: {_how_to_resume(sweep_id)}", file=sys.stderr)
        return False
    _show(store.sweeps.get(sweep_id), store, settings, json_path, time.perf_counter() - began_s)
    return True


def _follow(engine: Engine, sweep_id: str) -> SweepProgress:
    """Draw the bar on stderr until no run goes on; how the sweep stands then."""
    with progress_bar() as draw:
        while (progress := engine.sweep_progress(sweep_id)).is_active:
            at = f"{progress.current.config.train_size:,} reviews" if progress.current else "waiting"
            draw(progress.fraction, at, _detail(progress))
            time.sleep(_POLL_S)
    return progress


def _stop(engine: Engine, sweep_id: str) -> None:
    """Cancel the runs and say in one line what is kept; who presses Ctrl-C again does not wait until they have stopped."""
    with suppress(KeyboardInterrupt):
        engine.cancel_sweep(sweep_id)
        deadline_s = time.monotonic() + _CANCEL_S
        while engine.sweep_progress(sweep_id).is_active and time.monotonic() < deadline_s:
            time.sleep(_POLL_S)
    progress = engine.sweep_progress(sweep_id)
    trained = f"{progress.num_finished:,} of {progress.num_pairs:,} heads are trained and kept"
    print(f"Cancelled; {trained}. Finish it with: {_how_to_resume(sweep_id)}", file=sys.stderr)


def _detail(progress: SweepProgress) -> str:
    left = f", {progress.remaining_s:.0f} s left" if progress.remaining_s else ""
    return f"{progress.num_finished} of {progress.num_pairs} heads{left}"


def _show(stored: Sweep, store: RunStore, settings: Settings, json_path: Path | None, wall_s: float) -> None:
    points = [
        (train_size, load_outcomes(run, store, settings))
        for train_size, run in zip(stored.train_sizes, stored_runs(stored, store), strict=True)
        if run is not None
    ]
    curve, saving = learning_curve(points), label_saving(points)
    print(f"{stored.name} (learning curve {stored.id})")
    Console().print(_table(curve))
    if has_pair(stored.config.arms):
        print(label_saving_sentence(saving))
    print(f"Reused {stored.num_reused} of {stored.num_pairs} heads from earlier runs; {wall_s:.0f} s.")
    if json_path:
        write_result(json_path, _to_json(stored, curve, saving, wall_s))


def _table(curve: list[CurvePoint]) -> Table:
    """Percentages with their 95 % intervals in brackets."""
    table = Table(caption="accuracy in %, with 95 % intervals", caption_justify="left")
    has_difference = curve[0].difference is not None
    for column in ("reviews", *curve[0].means, *(["difference"] if has_difference else [])):
        table.add_column(column, justify="right")
    for point in curve:
        cells = [f"{rounded(mean):.1f} {_brackets(point.intervals[arm], '.1f')}" for arm, mean in point.means.items()]
        if point.difference is not None and point.difference_interval is not None:
            cells.append(f"{rounded(point.difference):+.1f} {_brackets(point.difference_interval, '+.1f')}")
        table.add_row(f"{point.train_size:,}", *cells)
    return table


def _brackets(interval: tuple[float, float], form: str) -> str:
    low, high = interval
    return f"({rounded(low):{form}} to {rounded(high):{form}})"


def _to_json(stored: Sweep, curve: list[CurvePoint], saving: LabelSaving, wall_s: float) -> str:
    results = {
        "sweep": stored.id,
        "config": stored.config.model_dump(mode="json", exclude={"train_size"}),
        "runs": dict(zip(map(str, stored.train_sizes), stored.run_ids, strict=True)),
        "curve": [dataclasses.asdict(point) for point in curve],
        "sentence": label_saving_sentence(saving),
        "label_saving": dataclasses.asdict(saving),
        "num_reused": stored.num_reused,
        "num_pairs": stored.num_pairs,
        "wall_s": round(wall_s, 3),
    }
    return json.dumps(results, indent=2)


def _how_to_resume(sweep_id: str) -> str:
    return f"python -m core sweep --resume {sweep_id}"
