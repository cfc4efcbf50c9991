"""The command line's `challenge`: a suite put to the heads of a run, and its table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from core.challenges.export import to_json
from core.challenges.run_suite import SuiteProgress, run_suite
from core.challenges.scoring import Rate, Report, Score
from core.challenges.suite import Suite, load_csv_suite
from core.challenges.templates import load_bundled_suite
from core.challenges.verdicts import verdict
from core.errors import UserError
from core.files import write_result
from core.formatting import rounded
from core.predict.predictor import Predictor
from core.store.run import Run

TABLE_WIDTH = 120  # where the output is no terminal


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the subcommand; whoever calls sets `run`."""
    parser = commands.add_parser(
        "challenge",
        help="put pairs of sentences to both models",
        description="Put pairs of sentences that differ in one thing, such as a “not”, to both models of a run.",
    )
    parser.add_argument("--run", required=True, metavar="ID", dest="run_id")
    parser.add_argument("--suite", type=Path, metavar="FILE", help="own pairs: CSV with columns text, expected, family, pair")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write scores and every pair with its probabilities")
    parser.add_argument("--failing", action="store_true", help="print the pairs that each model does not pass, too")
    return parser


def load_suite(path: Path | None) -> Suite:
    """The suite in a CSV, or the one that ships.

    Raises:
        UserError: The file cannot be read or is no suite.
    """
    if path is None:
        return load_bundled_suite()
    try:
        return load_csv_suite(path.name, path.read_bytes())
    except OSError as error:
        raise UserError(f"The suite {path} cannot be read ({error.strerror}); give the path of a CSV.") from error


def challenge(suite: Suite, predictor: Predictor, run: Run, *, json_path: Path | None, is_failing_wanted: bool) -> None:
    """Examine with a progress bar on stderr, print the table, write the JSON.

    Raises:
        UserError: The JSON cannot be written.
    """
    console = Console(stderr=True)
    events: Iterable[SuiteProgress] = track(
        run_suite(suite, predictor),
        total=suite.num_pairs,
        description="Pairs",
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    report = Report(suite, tuple(event.result for event in events))
    print(f"{suite.name}: {suite.num_pairs:,} {'pair' if suite.num_pairs == 1 else 'pairs'}, {run.name} (run {run.id})")
    Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(_table(report))
    print(verdict(report))
    print("In brackets: 95 % interval. Pass: both labels right, or the shift to the right side. Flip: the labels differ.")
    if is_failing_wanted:
        _print_failing(report)
    if json_path:
        write_result(json_path, to_json(report, run))


def _table(report: Report) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("family", no_wrap=True)
    table.add_column("must")
    table.add_column("pairs", justify="right")
    for arm in report.arms:
        table.add_column(f"{arm} pass %", justify="right")
        table.add_column(f"{arm} flip %", justify="right")
    for family in report.suite.families:
        table.add_row(
            family.title, family.demand, str(len(family.pairs)), *_cells(s for s in report.scores if s.family == family.title)
        )
    table.add_section()
    for demand in dict.fromkeys(score.demand for score in report.totals):
        scores = [score for score in report.totals if score.demand == demand]
        table.add_row("all families", demand, str(scores[0].passed.total), *_cells(scores))
    return table


def _cells(scores: Iterable[Score]) -> list[str]:
    return [_cell(rate) for score in scores for rate in (score.passed, score.flipped)]


def _cell(rate: Rate) -> str:
    low, high = rate.interval
    return f"{rounded(rate.fraction, 0):.0f} ({rounded(low, 0):.0f}–{rounded(high, 0):.0f})"


def _print_failing(report: Report) -> None:
    for score in report.scores:
        failing = report.failing(score.family, score.arm)
        print(f"\n{score.family}, {score.arm}: {len(failing)} of {score.passed.total} pairs not passed")
        for result in failing:
            means = result.means(score.arm)
            for text, expected, mean in zip(result.pair.texts, result.pair.expected, means, strict=True):
                print(f"  {mean:.3f}  {expected:<13}  {text}")
            print()
