"""The command line's `sweep`: one run per training size, one bar over all of them, the curve as a table."""

from __future__ import annotations

import dataclasses
import json
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field
from pydantic_settings import CliSuppress
from rich.console import Console
from rich.table import Table

from core.cli.console import EXIT_CANCELLED, program, progress_bar
from core.cli.experiment_options import ExperimentOptions
from core.errors import UserError, shown
from core.experiment.arms import BAG_OF_WORDS, has_pair
from core.experiment.config import SWEEP_SIZES
from core.files import require_writable, write_result

if TYPE_CHECKING:
    from core.analysis.curves.learning_curve import CurvePoint
    from core.engine.engine import Engine
    from core.engine.sweep_progress import SweepProgress
    from core.settings import Settings
    from core.store.run import Sweep
    from core.store.run_store import RunStore

_POLL_S = 0.5
_CANCEL_S = 10.0  # for the runs to stop; one that takes longer can be resumed all the same


class SweepCommand(ExperimentOptions):
    """Train both models over several training sizes and say how many labels ELMo saves."""

    train_size: CliSuppress[int] = SWEEP_SIZES[0]  # every run has its own
    lessons_path: CliSuppress[Path | None] = None
    train_sizes: str = Field(
        default=",".join(map(str, SWEEP_SIZES)), description="two or more numbers of labelled reviews, joined by commas"
    )
    resume: str | None = Field(
        default=None, description="id of a learning curve that ended early, to finish it with the settings it has"
    )
    json_path: Path | None = Field(default=None, alias="json", description="file for settings, the curve and the label saving")

    def execute(self, settings: Settings) -> int:
        """Trains with one bar over all runs on stderr, then prints the curve.

        Returns:
            0, or `EXIT_CANCELLED` if it was stopped; one line on stderr has said so.

        Raises:
            UserError: A size or the sweep's id cannot be, or a run failed.
        """
        from core.engine.engine import Engine
        from core.example import open_store

        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the sweep can be resumed at once
        began_s = time.perf_counter()
        if self.json_path:
            require_writable(self.json_path)
        store = open_store(settings)
        engine = Engine(settings, store)
        try:
            sweep_id = self._start(engine, settings)
            try:
                progress = _follow(engine, sweep_id)
            except KeyboardInterrupt:
                _stop(engine, sweep_id)
                return EXIT_CANCELLED
        finally:
            engine.close()
        if progress.status == "failed":
            raise UserError(f"{progress.message} ({_how_to_resume(sweep_id)})", code="run-failed")
        if progress.status != "finished":
            print(f"Somebody cancelled the learning curve; finish it with: {_how_to_resume(sweep_id)}", file=sys.stderr)
            return EXIT_CANCELLED
        _show(store.sweeps.get(sweep_id), store, settings, self.json_path, time.perf_counter() - began_s)
        return 0

    def _start(self, engine: Engine, settings: Settings) -> str:
        """Queues the runs; the id of the sweep."""
        from core.embedders.loading import require_sources

        if self.resume:
            engine.resume_sweep(self.resume)
            return self.resume
        train_sizes = _parse_sizes(self.train_sizes)
        with self.importing(settings) as config:
            require_sources(config, settings)
            return engine.submit_sweep(config, train_sizes)


def _parse_sizes(text: str) -> list[int]:
    """Training sizes as people type them: "100,200,500".

    Raises:
        UserError: A part of it is no whole number.
    """
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise UserError(
            f"--train-sizes is {shown(text)}, but must be whole numbers; write them like 100,200,500.",
            code="train-sizes-no-numbers",
        ) from None


def _follow(engine: Engine, sweep_id: str) -> SweepProgress:
    """Draws the bar on stderr until no run is running or waiting; the progress at the end."""
    with progress_bar() as draw:
        while (progress := engine.sweep_progress(sweep_id)).is_active:
            at = f"{progress.current.config.train_size:,} reviews" if progress.current else "waiting"
            draw(progress.fraction, at, _detail(progress))
            time.sleep(_POLL_S)
    return progress


def _stop(engine: Engine, sweep_id: str) -> None:
    """Cancels the runs and says in one line what is kept; a second Ctrl-C ends the waiting for them to stop."""
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
    from core.analysis.curves.learning_curve import differences, label_saving, learning_curve
    from core.analysis.outcomes import load_outcomes
    from core.analysis.staircase import staircase
    from core.analysis.verdicts import (
        clear_differences,
        holds_for,
        label_saving_sentence,
        reference_saving_sentence,
        staircase_sentence,
        staircase_steps,
    )
    from core.engine.sweep_plan import stored_runs
    from core.store.run import lowest_coverage

    runs = stored_runs(stored, store)
    points = [
        (train_size, load_outcomes(run, store, settings))
        for train_size, run in zip(stored.train_sizes, runs, strict=True)
        if run is not None
    ]
    curve, saving, reference_saving = learning_curve(points), label_saving(points), label_saving(points, BAG_OF_WORDS)
    sentence, reference_sentence = (
        label_saving_sentence(saving, lowest_coverage(runs)),
        reference_saving_sentence(reference_saving),
    )
    intervals = holds_for(points)
    if json_path:  # first: printing may fail
        reference = {"sentence": reference_sentence, "label_saving": dataclasses.asdict(reference_saving)}
        values = {
            "intervals": intervals,
            "sentence": sentence,
            "label_saving": dataclasses.asdict(saving),
            "reference": reference,
        }
        write_result(json_path, _to_json(stored, curve, values, wall_s))
    print(f"{stored.name} (learning curve {stored.id})")
    Console().print(_table(curve))
    print(intervals)
    if has_pair(stored.config.arms):
        print(sentence)
        for clear in clear_differences(differences(curve), "sizes", saving.models):
            print(clear)
    if reference_sentence:
        print(reference_sentence)
    for size, outcomes in points:
        if stairs := staircase(outcomes):
            print(f"With {size:,} reviews:", staircase_sentence(stairs), *staircase_steps(stairs), sep="\n")
    print(f"Reused {stored.num_reused} of {stored.num_pairs} heads from earlier runs; {wall_s:.0f} s.")


def _table(curve: list[CurvePoint]) -> Table:
    """Percentages with their 95 % intervals in brackets."""
    from core.formatting import rounded

    table = Table(caption="accuracy in %, with 95 % intervals", caption_justify="left")
    has_difference = curve[0].difference is not None
    has_reference = any(point.reference for point in curve)
    extra = [*(["difference"] if has_difference else []), *(["bag of words"] if has_reference else [])]
    for column in ("reviews", *curve[0].means, *extra):
        table.add_column(column, justify="right")
    for point in curve:
        cells = [f"{rounded(mean):.1f} {_brackets(point.intervals[arm], '.1f')}" for arm, mean in point.means.items()]
        if point.difference is not None and point.difference_interval is not None:
            cells.append(f"{rounded(point.difference):+.1f} {_brackets(point.difference_interval, '+.1f')}")
        if has_reference:
            estimate = point.reference
            cells.append(f"{rounded(estimate.mean):.1f} {_brackets(estimate.interval, '.1f')}" if estimate else "–")
        table.add_row(f"{point.train_size:,}", *cells)
    return table


def _brackets(interval: tuple[float, float], form: str) -> str:
    from core.formatting import rounded

    low, high = interval
    return f"({rounded(low):{form}} to {rounded(high):{form}})"


def _to_json(stored: Sweep, curve: list[CurvePoint], sentences: dict[str, Any], wall_s: float) -> str:
    results = {
        "sweep": stored.id,
        "config": stored.config.model_dump(mode="json", exclude={"train_size"}),
        "runs": dict(zip(map(str, stored.train_sizes), stored.run_ids, strict=True)),
        "curve": [dataclasses.asdict(point) for point in curve],
        **sentences,
        "num_reused": stored.num_reused,
        "num_pairs": stored.num_pairs,
        "wall_s": round(wall_s, 3),
    }
    return json.dumps(results, indent=2)


def _how_to_resume(sweep_id: str) -> str:
    return f"{program()} sweep --resume {sweep_id}"
