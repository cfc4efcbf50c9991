"""ELMo Lens without a browser: `python -m core`, its commands and what they say when they fail."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.cli import challenge as challenge_command
from core.cli import elmo as elmo_commands
from core.cli import list_runs, run, sweep
from core.cli.console import quiet_stderr
from core.cli.experiment_options import add_experiment_options, read_config
from core.errors import UserError
from core.experiment.config import SWEEP_SIZES, ExperimentConfig
from core.predict.predictor import Predictor, describe_prob, load_predictor
from core.settings import Settings, read_settings
from core.store.run import Run
from core.store.run_store import RunStore

EXIT_USER_ERROR = 2
EXIT_CANCELLED = 130  # what shells report after Ctrl-C


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    arguments = _build_parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    try:
        return int(arguments.run(arguments, read_settings()) or 0)
    except UserError as error:
        print(error, file=sys.stderr)
        return EXIT_USER_ERROR
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 1


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Train, predict and look around without the dashboard.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")

    run = subparsers.add_parser("run", help="train both models", description="Train both models and compare them.")
    run.set_defaults(run=_run)
    run.add_argument("--resume", metavar="ID", help="go on with a run that ended early, with the settings that it has")
    run.add_argument("--json", type=Path, metavar="FILE", help="write settings, accuracies and seconds per phase")
    add_experiment_options(run)

    sweep = subparsers.add_parser(
        "sweep",
        help="train over several sizes",
        description="Train both models over several training sizes and say how many labels ELMo saves.",
    )
    sweep.set_defaults(run=_sweep)
    sizes = ",".join(map(str, SWEEP_SIZES))
    sweep.add_argument("--train-sizes", metavar="X,X,...", default=sizes, help=f"training sizes (default {sizes})")
    sweep.add_argument("--resume", metavar="ID", help="go on with a learning curve that ended early, with its settings")
    sweep.add_argument("--json", type=Path, metavar="FILE", help="write settings, the curve and the label saving")
    add_experiment_options(sweep, without=("train_size",))

    runs = subparsers.add_parser("runs", help="list the stored runs", description="List the stored runs, the newest first.")
    runs.set_defaults(run=_runs)
    runs.add_argument("--json", type=Path, metavar="FILE", help="write the list")

    predict = subparsers.add_parser(
        "predict", help="predict a sentence", description="Predict a sentence with every head of a run."
    )
    predict.set_defaults(run=_predict)
    predict.add_argument("--run", required=True, metavar="ID", dest="run_id", help="the run whose heads predict")
    predict.add_argument("text", help="any text, between quotation marks")

    challenge_command.add_parser(subparsers).set_defaults(run=_challenge)

    doctor = subparsers.add_parser(
        "doctor", help="check this installation", description="Say what works and how to mend the rest."
    )
    doctor.set_defaults(run=_doctor)
    doctor.add_argument("--static", default=ExperimentConfig().static, help="static vectors to try")
    doctor.add_argument("--elmo", default=ExperimentConfig().elmo, help="ELMo to try")

    elmo_commands.add_parsers(subparsers)
    return parser


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the run can be resumed at once
    config = None if arguments.resume else read_config(arguments, settings)
    is_finished = run.run(settings, config=config, resume=arguments.resume, json_path=arguments.json)
    return 0 if is_finished else EXIT_CANCELLED


def _sweep(arguments: argparse.Namespace, settings: Settings) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the sweep can be resumed at once
    config = None if arguments.resume else read_config(arguments, settings)
    is_finished = sweep.sweep(
        settings,
        config=config,
        train_sizes=sweep.parse_sizes(arguments.train_sizes),
        resume=arguments.resume,
        json_path=arguments.json,
    )
    return 0 if is_finished else EXIT_CANCELLED


def _runs(arguments: argparse.Namespace, settings: Settings) -> None:
    list_runs.list_runs(settings, json_path=arguments.json)


def _predict(arguments: argparse.Namespace, settings: Settings) -> None:
    run, predictor = _load_predictor(arguments.run_id, settings)
    prediction = predictor.predict(arguments.text)
    print(f"{run.name} (run {run.id})")
    table = Table()
    for column in ("model", "positive", "lowest", "highest", "verdict"):
        table.add_column(column, justify="left" if column in ("model", "verdict") else "right")
    for arm, probs in prediction.probs.items():
        mean = float(probs.mean())
        table.add_row(arm, f"{mean:.3f}", f"{probs.min():.3f}", f"{probs.max():.3f}", describe_prob(mean))
    Console().print(table)
    unknown = [token.text for token, is_known in zip(prediction.tokens, prediction.known, strict=True) if not is_known]
    if unknown:
        print(f"Unknown to {run.config.static}: {' '.join(unknown)}")
    if prediction.num_cut:
        print(f"Read the first {len(prediction.tokens)} tokens; {prediction.num_cut} were cut.")


def _challenge(arguments: argparse.Namespace, settings: Settings) -> None:
    suite = challenge_command.load_suite(arguments.suite)
    run, predictor = _load_predictor(arguments.run_id, settings)
    challenge_command.challenge(suite, predictor, run, json_path=arguments.json, is_failing_wanted=arguments.failing)


def _load_predictor(run_id: str, settings: Settings) -> tuple[Run, Predictor]:
    """A run and the predictor of its heads.

    Raises:
        UserError: There is no such run, no trial of it is finished, or its ELMo has changed since.
    """
    store = RunStore(settings.store_url)
    run = store.get_run(run_id)
    with quiet_stderr():
        return run, load_predictor(run, store, settings)


def _doctor(arguments: argparse.Namespace, settings: Settings) -> int:
    from core.cli.doctor import examine  # noqa: PLC0415 - imports TensorFlow

    is_well = True
    with quiet_stderr():
        for finding in examine(settings, static=arguments.static, elmo=arguments.elmo):
            print(f"{'ok ' if finding.is_well else 'BAD'}  {finding.what}: {finding.message}", flush=True)
            is_well = is_well and finding.is_well
    return 0 if is_well else 1
