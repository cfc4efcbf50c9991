"""ELMo Lens without a browser: `elmo-lens` or `python -m core`, its commands, and what they say when they fail."""

from __future__ import annotations

import sys
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Sequence
from typing import Any, Protocol, cast

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    CliApp,
    CliSettingsSource,
    CliSubCommand,
    CliToggleFlag,
    SettingsConfigDict,
    SettingsError,
    get_subcommand,
)

from core import __version__
from core.cli.challenge import ChallengeCommand
from core.cli.cluster.scheduler import SchedulerCommand
from core.cli.cluster.worker import WorkerCommand
from core.cli.console import make_everything_printable, program, without_surrogates
from core.cli.dashboard import DashboardCommand
from core.cli.datasets import DatasetsCommand
from core.cli.doctor import DoctorCommand
from core.cli.elmo import ConvertCommand, ExportCommand, PretrainCommand
from core.cli.experiment_options import flag_of
from core.cli.list_runs import ListRunsCommand
from core.cli.predictions.compare import CompareCommand
from core.cli.predictions.predict import ExportModelCommand, PredictCommand
from core.cli.run import RunCommand
from core.cli.sweep import SweepCommand
from core.disk_cache import remove_leftovers
from core.errors import UserError, refused
from core.settings import Settings, read_settings

EXIT_USER_ERROR = 2
_NOT_GIVEN = "<not given>"  # no text to predict
_METAVARS = {
    "int": "N",
    "float": "X",
    "str": "TEXT",
    "Path": "PATH",
    "list[Path]": "PATH",
    "tuple[str,...]": "NAME",
    "tuple[Path,...]": "PATH",
}


class Command(Protocol):
    """What was typed after the name of a command, checked."""

    def execute(self, settings: Settings) -> int:
        """Does what was asked; the exit status."""


class CommandLine(BaseSettings):
    """Train, predict and look around without a browser, or open the dashboard."""

    model_config = SettingsConfigDict(
        env_prefix="ELMO_LENS_COMMAND_",  # an environment variable named RUN is no command
        cli_kebab_case=True,
        cli_implicit_flags=True,
        cli_enforce_required=True,
        cli_hide_none_type=True,
        cli_avoid_json=True,
        cli_parse_none_str=_NOT_GIVEN,
    )

    run: CliSubCommand[RunCommand] = Field(description="train both models and compare them")
    sweep: CliSubCommand[SweepCommand] = Field(description="train over several sizes and draw a learning curve")
    runs: CliSubCommand[ListRunsCommand] = Field(description="list the stored runs")
    datasets: CliSubCommand[DatasetsCommand] = Field(description="list, rename or delete the datasets, or write their splits")
    predict: CliSubCommand[PredictCommand] = Field(description="predict a text, or a table of texts")
    compare: CliSubCommand[CompareCommand] = Field(description="compare two models of your own by their predictions in a table")
    export_model: CliSubCommand[ExportModelCommand] = Field(description="write the models of a run as a folder")
    challenge: CliSubCommand[ChallengeCommand] = Field(description="put pairs of sentences to both models")
    dashboard: CliSubCommand[DashboardCommand] = Field(description="open the dashboard in the browser")
    scheduler: CliSubCommand[SchedulerCommand] = Field(description="start the scheduler of a cluster")
    worker: CliSubCommand[WorkerCommand] = Field(description="start workers of a cluster on this machine")
    doctor: CliSubCommand[DoctorCommand] = Field(description="check this installation")
    pretrain: CliSubCommand[PretrainCommand] = Field(description="train an ELMo of your own on review text")
    export: CliSubCommand[ExportCommand] = Field(description="write pretrained weights as a TF-Hub module")
    convert: CliSubCommand[ConvertCommand] = Field(description="turn released ELMo weights into a TF-Hub module")
    version: CliToggleFlag[bool] = Field(default=False, description="print the version and exit")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command, with its errors as one line on stderr; the exit status."""
    make_everything_printable()
    try:
        return execute(argv)
    except UserError as error:
        print(error, file=sys.stderr)
        return EXIT_USER_ERROR
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 1


def execute(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status.

    Raises:
        UserError: What was typed cannot be, or the command failed.
    """
    typed = parse(argv)
    if typed.version:
        print(f"ELMo Lens {__version__}")
        return 0
    command = cast("Command | None", get_subcommand(typed, is_required=False))
    if command is None:
        raise UserError(f"Which command? {program()} --help lists them.", code="command-missing")
    settings = read_settings()
    remove_leftovers(settings)
    return command.execute(settings)


def parse(argv: Sequence[str] | None = None) -> CommandLine:
    """What was typed; by default what this program was called with.

    Raises:
        UserError: A value is out of range or of the wrong kind.
    """
    try:
        source = CliSettingsSource[CommandLine](CommandLine, cli_prog_name=program(), add_argument_method=_add_argument)
        arguments = [without_surrogates(argument) for argument in (sys.argv[1:] if argv is None else argv)]
        return CliApp.run(CommandLine, cli_args=arguments, cli_settings_source=source)
    except ValidationError as error:
        raise refused(error.errors()[0], flag_of) from error
    except SettingsError as error:  # a list with an odd quotation mark
        raise UserError(f"A list cannot be read ({error}); write it like basic,elmo.", code="option-unreadable") from error


def _add_argument(parser: ArgumentParser, *names: str, **options: Any) -> None:
    """Adds an option in the words of people: `--epochs` for the field `head.epochs`, N for an int."""
    if options["help"] == SUPPRESS:  # a field that this command has no option for
        return
    for nothing in (_NOT_GIVEN, "[]"):
        options["help"] = options["help"].removesuffix(f" (default: {nothing})")
    if "metavar" in options:
        options["metavar"] = _METAVARS.get(options["metavar"], options["metavar"])
    parser.add_argument(*(flag_of(name[2:]) if name.startswith("--") else name for name in names), **options)
