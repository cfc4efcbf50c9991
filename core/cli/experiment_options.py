"""An experiment on the command line: one option per field of its config, and a file or folder of one's own for a dataset."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from core.data.csv_import import CsvMapping, guess_mapping, preview_csv
from core.data.datasets import add_csv, list_datasets
from core.data.folder_import import has_labelled_files, read_labelled_files
from core.errors import UserError
from core.experiment.config import ExperimentConfig, HeadConfig, parse_config
from core.settings import Settings

_FLAGS = {"num_trials": "--trials"}


def add_experiment_options(parser: argparse.ArgumentParser, *, without: Sequence[str] = ()) -> None:
    """Everything that `read_config` reads, but for some fields of `ExperimentConfig`."""
    parser.add_argument("--preset", choices=["original"], help="begin with the settings of the published experiment")
    csv = parser.add_argument_group(
        "own reviews", "with --dataset FILE.csv, or a folder or .tar.gz with neg/*.txt and pos/*.txt; guessed where not given"
    )
    csv.add_argument("--text-column", metavar="NAME")
    csv.add_argument("--label-column", metavar="NAME")
    csv.add_argument("--negative", nargs="+", metavar="LABEL", help="labels that mean negative")
    csv.add_argument("--positive", nargs="+", metavar="LABEL", help="labels that mean positive")
    _add_options(parser.add_argument_group("experiment"), ExperimentConfig, without=without)
    head = parser.add_argument_group("head", "how the classifier of both models is trained")
    _add_options(head, HeadConfig, prefix="head.")


def read_config(arguments: argparse.Namespace, settings: Settings) -> ExperimentConfig:
    """The config that somebody typed; a CSV, folder or archive of reviews that it names becomes a dataset.

    Raises:
        UserError: An option cannot be, or the reviews cannot be read or kept.
    """
    base = ExperimentConfig.original() if arguments.preset == "original" else ExperimentConfig()
    data: dict[str, Any] = base.model_dump()
    for name, value in vars(arguments).items():
        head, _, field = name.rpartition(".")
        if value is None or field not in (HeadConfig if head else ExperimentConfig).model_fields:
            continue
        (data["head"] if head else data)[field] = tuple(value.split(",")) if field == "arms" else value
    if data["dataset"] not in list_datasets(settings):
        path = Path(data["dataset"]).expanduser()
        if has_labelled_files(path):
            name = path.resolve().name.partition(".")[0]
            data["dataset"] = _import_csv(read_labelled_files(path), name, path, arguments, settings)
        elif path.suffix.casefold() == ".csv":
            data["dataset"] = _import_csv(_read(path), path.stem, path, arguments, settings)
    return parse_config(data, called=flag_of)


def flag_of(field: str) -> str:
    """The option of a field, such as "num_trials" or "head.epochs"."""
    name = field.removeprefix("head.")
    return _FLAGS.get(name, f"--{name.replace('_', '-')}")


def _add_options(
    group: argparse._ArgumentGroup, model: type[BaseModel], *, prefix: str = "", without: Sequence[str] = ()
) -> None:
    """One option per field of a config; its meaning comes from the docstring, its check from the model."""
    docstring = inspect.cleandoc(model.__doc__ or "")
    attributes: list[tuple[str, str]] = re.findall(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", docstring, re.MULTILINE)
    meanings = {name: " ".join(text.split()).removesuffix(".").partition(". ")[0] for name, text in attributes}
    for name, field in model.model_fields.items():
        if field.annotation is HeadConfig or name in without:
            continue
        flag = flag_of(name)
        default = ",".join(field.default) if isinstance(field.default, tuple) else field.default
        meaning = f"{meanings[name]} (default {default})".replace("%", "%%")
        if field.annotation is bool:
            group.add_argument(flag, dest=prefix + name, action=argparse.BooleanOptionalAction, help=meaning)
        else:
            choices = ",".join(get_args(field.annotation)) if get_origin(field.annotation) is Literal else ""
            group.add_argument(flag, dest=prefix + name, metavar=f"{{{choices}}}" if choices else "X", help=meaning)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"The file {path} cannot be read ({error.strerror}); give the path of a CSV.") from error


def _import_csv(data: bytes, stem: str, path: Path, arguments: argparse.Namespace, settings: Settings) -> str:
    """Add a CSV that was read from a path as a dataset; its name, the stem with what names cannot have replaced."""
    guess = guess_mapping(preview_csv(data, rows=None))
    names = ("text_column", "label_column", "negative", "positive")
    chosen: dict[str, Any] = {name: getattr(arguments, name) or getattr(guess, name, None) for name in names}
    if unknown := [f"--{name.replace('_', '-')}" for name, value in chosen.items() if not value]:
        raise UserError(f"What the columns of {path} mean cannot be guessed; say it with {', '.join(unknown)}.")
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_")[:40]
    add_csv(name, data, CsvMapping(**chosen), settings)
    return name
