"""ELMo Lens without a browser: `python -m core run | sweep | predict | challenge | doctor | pretrain | export | convert`."""

from __future__ import annotations

import argparse
import inspect
import json
import logging
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table

from core import sweep_command
from core.challenges import command as challenge_command
from core.elmo import commands as elmo_commands
from core.engine import Engine
from core.errors import UserError
from core.events import Event, Progress, RunCancelled, RunFailed
from core.experiment import SWEEP_SIZES, ExperimentConfig, HeadConfig, check_against, parse_config
from core.outcomes import load_outcomes
from core.predictor import Predictor, load_predictor, verbal
from core.records import Run
from core.reviews import CsvMapping, add_csv, guess_mapping, load_pool, preview_csv
from core.runs import RunStore
from core.settings import Settings
from core.statistics import Comparison, compare

EXIT_USER_ERROR = 2
EXIT_CANCELLED = 130  # what shells report after Ctrl-C

_FLAGS = {"num_trials": "--trials"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    arguments = _build_parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    try:
        return int(arguments.run(arguments, Settings()) or 0)
    except UserError as error:
        print(error, file=sys.stderr)
        return EXIT_USER_ERROR
    except KeyboardInterrupt:
        print("Cancelled.", file=sys.stderr)
        return EXIT_CANCELLED
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
    _add_experiment_options(run)

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
    _add_experiment_options(sweep, without=("train_size",))

    predict = subparsers.add_parser(
        "predict", help="predict a sentence", description="Predict a sentence with every head of a run."
    )
    predict.set_defaults(run=_predict)
    predict.add_argument("--run", required=True, metavar="ID", dest="run_id")
    predict.add_argument("text")

    challenge_command.add_parser(subparsers).set_defaults(run=_challenge)

    doctor = subparsers.add_parser(
        "doctor", help="check this installation", description="Say what works and how to mend the rest."
    )
    doctor.set_defaults(run=_doctor)
    doctor.add_argument("--static", default=ExperimentConfig().static, help="static vectors to try")
    doctor.add_argument("--elmo", default=ExperimentConfig().elmo, help="ELMo to try")

    elmo_commands.add_parsers(subparsers)
    return parser


def _add_experiment_options(parser: argparse.ArgumentParser, *, without: Sequence[str] = ()) -> None:
    """Everything that `_config` reads."""
    parser.add_argument("--preset", choices=["original"], help="begin with the settings of the published experiment")
    csv = parser.add_argument_group("own reviews", "with --dataset FILE.csv; guessed where not given")
    csv.add_argument("--text-column", metavar="NAME")
    csv.add_argument("--label-column", metavar="NAME")
    csv.add_argument("--negative", nargs="+", metavar="LABEL", help="labels that mean negative")
    csv.add_argument("--positive", nargs="+", metavar="LABEL", help="labels that mean positive")
    _add_options(parser.add_argument_group("experiment"), ExperimentConfig, without=without)
    head = parser.add_argument_group("head", "how the classifier of both models is trained")
    _add_options(head, HeadConfig, prefix="head.")


def _add_options(
    group: argparse._ArgumentGroup, model: type[BaseModel], *, prefix: str = "", without: Sequence[str] = ()
) -> None:
    """One option per field of a config; its meaning comes from the docstring, its check from the model."""
    docstring = inspect.cleandoc(model.__doc__ or "")
    meanings: dict[str, str] = dict(re.findall(r"^ {4}(\w+): (.+?)\.?$", docstring, re.MULTILINE))
    for name, field in model.model_fields.items():
        if field.annotation is HeadConfig or name in without:
            continue
        flag = _FLAGS.get(name, f"--{name.replace('_', '-')}")
        default = ",".join(field.default) if isinstance(field.default, tuple) else field.default
        meaning = f"{meanings[name]} (default {default})".replace("%", "%%")
        if field.annotation is bool:
            group.add_argument(flag, dest=prefix + name, action=argparse.BooleanOptionalAction, help=meaning)
        else:
            group.add_argument(flag, dest=prefix + name, metavar="X", help=meaning)


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    began_s = time.perf_counter()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the run can be resumed at once
    store = RunStore(settings.store_url)
    if arguments.resume:
        run = store.get_run(arguments.resume)
    else:
        config = _config(arguments, settings)
        check_against(config, load_pool(config.dataset, settings))
        run = store.create_run(config)
    engine = Engine(settings, store)
    try:
        last = _show_events(engine, run) if run.status != "finished" else None
    except KeyboardInterrupt:
        print(f"Cancelled; finish it with: python -m core run --resume {run.id}", file=sys.stderr)
        return EXIT_CANCELLED
    finally:
        engine.close()
    if isinstance(last, RunFailed):
        raise UserError(f"{last.message} (python -m core run --resume {run.id})")
    if isinstance(last, RunCancelled):
        print(f"Somebody cancelled the run; finish it with: python -m core run --resume {run.id}", file=sys.stderr)
        return EXIT_CANCELLED
    comparison = _print_results(store, run, settings)
    if arguments.json:
        _write_json(arguments.json, store, run, comparison, time.perf_counter() - began_s)
    return 0


def _sweep(arguments: argparse.Namespace, settings: Settings) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the sweep can be resumed at once
    config = None if arguments.resume else _config(arguments, settings)
    is_finished = sweep_command.sweep(
        settings,
        config=config,
        train_sizes=sweep_command.parse_sizes(arguments.train_sizes),
        resume=arguments.resume,
        json_path=arguments.json,
    )
    return 0 if is_finished else EXIT_CANCELLED


def _show_events(engine: Engine, run: Run) -> Event | None:
    """Drive the run with a progress bar on stderr; the last event."""
    progress, event = Progress(), None
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %  {task.fields[detail]}"))
    with ProgressBar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1.0, detail="")
        for event in engine.run_events(run.id):
            progress = progress.after(event)
            bar.update(task, completed=progress.fraction, description=progress.phase, detail=_detail(progress))
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
    accuracies = store.accuracies(run.id)
    print(f"{run.name} (run {run.id})")
    table = Table()
    table.add_column("trial", justify="right")
    for arm in accuracies:
        table.add_column(str(arm), justify="right")
    for trial, row in accuracies.iterrows():
        table.add_row(str(trial), *(f"{accuracy:.4f}" for accuracy in row))
    table.add_section()
    table.add_row("mean", *(f"{accuracy:.4f}" for accuracy in accuracies.mean()))
    Console().print(table)
    if not {"basic", "elmo"} <= set(accuracies):
        return None
    outcomes = load_outcomes(run, store, settings)
    comparison = compare(outcomes.correct_of("basic"), outcomes.correct_of("elmo"))
    print(comparison.sentence)
    return comparison


def _write_json(path: Path, store: RunStore, run: Run, comparison: Comparison | None, wall_s: float) -> None:
    results = {
        "run": run.id,
        "config": run.config.model_dump(mode="json"),
        "trials": store.trial_results(run.id).to_dict("records"),
        "sentence": comparison.sentence if comparison else None,
        "comparison": asdict(comparison) if comparison else None,
        "coverage": store.get_run(run.id).coverage,
        "phase_s": dict(store.get_run(run.id).phase_s),
        "wall_s": round(wall_s, 3),
    }
    try:
        path.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}); give a file in a folder that you can write to.") from error


def _config(arguments: argparse.Namespace, settings: Settings) -> ExperimentConfig:
    base = ExperimentConfig.original() if arguments.preset == "original" else ExperimentConfig()
    data: dict[str, Any] = base.model_dump()
    for name, value in vars(arguments).items():
        head, _, field = name.rpartition(".")
        if value is None or field not in (HeadConfig if head else ExperimentConfig).model_fields:
            continue
        (data["head"] if head else data)[field] = tuple(value.split(",")) if field == "arms" else value
    if Path(data["dataset"]).suffix.casefold() == ".csv":
        data["dataset"] = _import_csv(Path(data["dataset"]), arguments, settings)
    return parse_config(data)


def _import_csv(path: Path, arguments: argparse.Namespace, settings: Settings) -> str:
    """Add a CSV under the name of its file; the name."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"The file {path} cannot be read ({error.strerror}); give the path of a CSV.") from error
    guess = guess_mapping(preview_csv(data, rows=None))
    names = ("text_column", "label_column", "negative", "positive")
    chosen: dict[str, Any] = {name: getattr(arguments, name) or getattr(guess, name, None) for name in names}
    if unknown := [f"--{name.replace('_', '-')}" for name, value in chosen.items() if not value]:
        raise UserError(f"What the columns of {path} mean cannot be guessed; say it with {', '.join(unknown)}.")
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")[:40]
    add_csv(name, data, CsvMapping(**chosen), settings)
    return name


def _predict(arguments: argparse.Namespace, settings: Settings) -> None:
    run, predictor = _load_predictor(arguments.run_id, settings)
    prediction = predictor.predict(arguments.text)
    print(f"{run.name} (run {run.id})")
    table = Table()
    for column in ("model", "positive", "lowest", "highest", "verdict"):
        table.add_column(column, justify="left" if column in ("model", "verdict") else "right")
    for arm, probs in prediction.probs.items():
        mean = float(probs.mean())
        table.add_row(arm, f"{mean:.3f}", f"{probs.min():.3f}", f"{probs.max():.3f}", verbal(mean))
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
    with _quiet_stderr():
        return run, load_predictor(run, store, settings)


def _doctor(arguments: argparse.Namespace, settings: Settings) -> int:
    from core.doctor import examine  # noqa: PLC0415 - imports TensorFlow

    is_well = True
    with _quiet_stderr():
        for finding in examine(settings, static=arguments.static, elmo=arguments.elmo):
            print(f"{'ok ' if finding.is_well else 'BAD'}  {finding.what}: {finding.message}", flush=True)
            is_well = is_well and finding.is_well
    return 0 if is_well else 1


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """TensorFlow 2.21 prints when it is imported, whatever its settings say, until it has no stderr."""
    sys.stderr.flush()
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


if __name__ == "__main__":
    sys.exit(main())
