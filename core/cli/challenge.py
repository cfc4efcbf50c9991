"""The command line's `challenge`: a suite put to the heads of a run, and its table."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field
from pydantic_settings import CliToggleFlag
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from core.cli.predictions.predict import load_run
from core.errors import UserError, shown
from core.files import write_result

if TYPE_CHECKING:
    from core.challenges.scoring import Rate, Report, Score
    from core.challenges.suite import Suite
    from core.predict.predictor import Predictor
    from core.settings import Settings

EXIT_BELOW = 1
TABLE_WIDTH = 120  # where the output is no terminal


class ChallengeCommand(BaseModel):
    """Put pairs of sentences that differ in one thing, such as a “not”, to both models of a run."""

    run: str = Field(description="id of the run whose heads answer")
    suite: Path | None = Field(default=None, description="pairs of your own: CSV with columns text, expected, family, pair")
    json_path: Path | None = Field(default=None, alias="json", description="file for the scores and the answers to every pair")
    failing: CliToggleFlag[bool] = Field(default=False, description="also print the pairs that each model does not pass")
    fail_under: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="for automatic checks: end with exit status 1 if a model passes a smaller share of all pairs, such as 0.6",
    )
    arm: str | None = Field(default=None, description="with --fail-under: look at this model only, such as elmo")

    def execute(self, settings: Settings) -> int:
        """Prints the share of pairs that each model passes, family by family.

        Returns:
            0, or `EXIT_BELOW` if --fail-under is not reached; one line on stderr has said so.

        Raises:
            UserError: The suite cannot be read, the run or the arm cannot be used, or the JSON cannot be written.
        """
        from core.challenges.export import to_json
        from core.challenges.verdicts import clear_families, shortfall, verdict

        if self.arm is not None and self.fail_under is None:
            raise UserError("--arm says which model --fail-under looks at; give both, or neither.", code="arm-without-threshold")
        suite = _load_suite(self.suite)
        run, predictor = load_run(self.run, settings)
        if self.arm is not None and self.arm not in predictor.arms:
            raise UserError(
                f"The run {run.id} has no model {shown(self.arm)}; give --arm one of {', '.join(predictor.arms)}.",
                code="arm-missing",
            )
        report = _run_suite(suite, predictor)
        if self.json_path:  # first: printing may fail
            write_result(self.json_path, to_json(report, run))
        print(f"{suite.name}: {suite.num_pairs:,} {'pair' if suite.num_pairs == 1 else 'pairs'}, {run.name} (run {run.id})")
        Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(_table(report))
        for sentence in (verdict(report), *clear_families(report)):
            print(sentence)
        print("In brackets: 95 % interval. Pass: both labels right, or the shift to the right side. Flip: the labels differ.")
        if self.failing:
            _print_failing(report)
        arms = report.arms if self.arm is None else (self.arm,)
        if self.fail_under is not None and (sentence := shortfall(report, self.fail_under, arms)):
            print(sentence, file=sys.stderr)
            return EXIT_BELOW
        return 0


def _load_suite(path: Path | None) -> Suite:
    """The suite in a CSV, or the one that ships.

    Raises:
        UserError: The file cannot be read or is no suite.
    """
    from core.challenges.suite import load_csv_suite
    from core.challenges.templates import load_bundled_suite

    if path is None:
        return load_bundled_suite()
    try:
        return load_csv_suite(path.name, path.read_bytes())
    except OSError as error:
        raise UserError(
            f"The suite {path} cannot be read ({error.strerror}); give the path of a CSV.", code="suite-unreadable"
        ) from error


def _run_suite(suite: Suite, predictor: Predictor) -> Report:
    """Puts every pair to the models, with a progress bar on stderr."""
    from core.challenges.run_suite import SuiteProgress, run_suite
    from core.challenges.scoring import Report

    console = Console(stderr=True)
    events: Iterable[SuiteProgress] = track(
        run_suite(suite, predictor),
        total=suite.num_pairs,
        description="Pairs",
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    return Report(suite, tuple(event.result for event in events))


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
    from core.formatting import rounded

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
