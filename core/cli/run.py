"""The command line's `run`: one run with a bar over it, the accuracies as a table, who won."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field
from rich.console import Console
from rich.table import Table

from core.cli.console import EXIT_CANCELLED, program, progress_bar
from core.cli.experiment_options import ExperimentOptions
from core.errors import UserError
from core.experiment.events import Event, Progress, RunCancelled, RunFailed
from core.files import require_writable, write_result

if TYPE_CHECKING:
    import pandas as pd

    from core.analysis.outcomes import Outcomes
    from core.engine.engine import Engine
    from core.settings import Settings
    from core.store.run import Run
    from core.store.run_store import RunStore


class RunCommand(ExperimentOptions):
    """Train both models and compare them."""

    resume: str | None = Field(default=None, description="id of a run that ended early, to finish it with the settings it has")
    json_path: Path | None = Field(default=None, alias="json", description="file for settings, accuracies and seconds per phase")

    def execute(self, settings: Settings) -> int:
        """Trains with a bar on stderr, then prints the accuracies and who won.

        Returns:
            0, or `EXIT_CANCELLED` if the run was stopped; one line on stderr has said so.

        Raises:
            UserError: The experiment or the run's id cannot be, or the run failed.
        """
        from core.analysis.outcomes import load_outcomes
        from core.analysis.paired_tests import compare_arms, compare_reference
        from core.engine.engine import Engine
        from core.example import open_store
        from core.exports.run_json import Reference, run_values

        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the run can be resumed at once
        began_s = time.perf_counter()
        if self.json_path:
            require_writable(self.json_path)
        store = open_store(settings)
        run = store.get_run(self.resume) if self.resume else self._create_run(store, settings)
        how_to_resume = f"{program()} run --resume {run.id}"
        engine = Engine(settings, store)
        try:
            last = _show_events(engine, run) if not run.is_finished else None
        except KeyboardInterrupt:
            print(f"Cancelled; finish it with: {how_to_resume}", file=sys.stderr)
            return EXIT_CANCELLED
        finally:
            engine.close()
        if isinstance(last, RunFailed):
            hint = f" ({how_to_resume})" if last.can_resume else ""
            raise UserError(f"{last.message}{hint}", code="run-failed")
        if isinstance(last, RunCancelled):
            print(f"Somebody cancelled the run; finish it with: {how_to_resume}", file=sys.stderr)
            return EXIT_CANCELLED
        run = store.get_run(run.id)
        accuracies = store.trials.accuracies(run)
        outcomes = load_outcomes(run, store, settings)
        comparison, against_reference = compare_arms(outcomes), compare_reference(outcomes)
        if self.json_path:  # first: printing may fail
            values = run_values(
                run,
                store.trials.table(run),
                comparison,
                settings,
                Reference(store.trials.references(run), against_reference),
                outcomes=outcomes,
            )
            write_result(self.json_path, json.dumps({**values, "wall_s": round(time.perf_counter() - began_s, 3)}, indent=2))
        print(f"{run.name} (run {run.id})")
        Console().print(_table(accuracies, store.trials.reference_accuracies(run)))
        print(*_about_vectors(run, settings), *_sentences(run, outcomes), sep="\n")
        return 0

    def _create_run(self, store: RunStore, settings: Settings) -> Run:
        from core.data.datasets import load_pool
        from core.embedders.loading import require_sources
        from core.experiment.draw import require_enough_reviews
        from core.experiment.lessons import require_untested

        with self.importing(settings) as config:
            pool = load_pool(config.dataset, settings)
            require_enough_reviews(config, pool)
            require_untested(config.lessons, pool)
            require_sources(config, settings)
            return store.create_run(config)


def _show_events(engine: Engine, run: Run) -> Event | None:
    """Runs it with a progress bar on stderr; the last event."""
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


def _table(accuracies: pd.DataFrame, reference: pd.Series) -> Table:
    if not reference.empty:
        accuracies = accuracies.assign(**{"bag of words": reference})
    table = Table()
    table.add_column("trial", justify="right")
    for arm in accuracies:
        table.add_column(str(arm), justify="right")
    for trial, row in zip(accuracies.index, accuracies.to_numpy(), strict=True):
        table.add_row(f"{trial + 1}", *(f"{accuracy:.4f}" for accuracy in row))
    table.add_section()
    table.add_row("mean", *(f"{accuracy:.4f}" for accuracy in accuracies.mean()))
    return table


def _sentences(run: Run, outcomes: Outcomes) -> Iterator[str]:
    """What the trials say."""
    from core.analysis import verdicts
    from core.analysis.paired_tests import compare_arms, compare_reference
    from core.analysis.staircase import staircase
    from core.analysis.uneven_classes import measure_uneven

    comparison, against_reference = compare_arms(outcomes), compare_reference(outcomes)
    if against_reference:
        yield verdicts.reference_sentence(against_reference)
    if uneven := measure_uneven(outcomes):
        yield from verdicts.uneven_sentences(uneven)
    if comparison:
        yield verdicts.verdict(comparison, run.coverage)
        yield from filter(None, [verdicts.chance_to_win(comparison)])
    if stairs := staircase(outcomes):
        yield from (verdicts.staircase_sentence(stairs), *verdicts.staircase_steps(stairs))
    if len(outcomes.trials) > 1 and (comparison or against_reference):  # the verdict on a single trial says it itself
        yield verdicts.holds_for([(run.config.train_size, outcomes)])


def _about_vectors(run: Run, settings: Settings) -> list[str]:
    """How many words the static vectors know and what was odd in their file; on a cluster, only its workers know that."""
    from core.embedders.static import vectors_note
    from core.formatting import percent

    known = [] if run.coverage is None else [f"{run.config.static} knows {percent(run.coverage)} of the words in these reviews."]
    note = "" if settings.scheduler else vectors_note(run.config.static, settings)
    return [*known, *filter(None, [note])]
