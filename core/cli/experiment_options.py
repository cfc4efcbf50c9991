"""An experiment on the command line: one option per field of its config, and a file or folder of reviews as a dataset."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field
from pydantic_settings import CliVariadicArg

from core.errors import UserError
from core.experiment.config import ExperimentConfig, HeadConfig, parse_config

if TYPE_CHECKING:
    from core.settings import Settings

_FLAGS = {"num-trials": "--trials"}


class OwnReviews(BaseModel):
    """What the columns of a CSV mean."""

    text_column: str | None = Field(default=None, description="column of the texts")
    label_column: str | None = Field(default=None, description="column of the labels")
    negative: CliVariadicArg[tuple[str, ...] | None] = Field(default=None, description="labels that mean negative")
    positive: CliVariadicArg[tuple[str, ...] | None] = Field(default=None, description="labels that mean positive")


class ExperimentOptions(ExperimentConfig):
    """An experiment as it was typed: a preset, the options that change it, and how to read one's own reviews."""

    preset: Literal["original"] | None = Field(default=None, description="begin with the settings of the published experiment")
    reviews: OwnReviews = Field(
        default_factory=OwnReviews,
        description="for --dataset FILE.csv, or a folder or .tar.gz with neg/*.txt and pos/*.txt; guessed where not given",
    )

    def read_config(self, settings: Settings) -> ExperimentConfig:
        """The config that somebody typed; a CSV, folder or archive of reviews that it names becomes a dataset.

        Raises:
            UserError: The reviews cannot be read or kept.
        """
        from core.data.datasets import list_datasets
        from core.data.folder_import import has_labelled_files, read_labelled_files

        base = ExperimentConfig.original() if self.preset == "original" else ExperimentConfig()
        typed = self.model_dump(include=set(ExperimentConfig.model_fields), exclude_unset=True)
        head = HeadConfig(**{**base.head.model_dump(), **typed.pop("head", {})})
        data: dict[str, Any] = {**base.model_dump(), **typed, "head": head}
        if data["dataset"] not in list_datasets(settings):
            path = Path(data["dataset"]).expanduser()
            if has_labelled_files(path):
                name = path.resolve().name.partition(".")[0]
                data["dataset"] = self._import_csv(read_labelled_files(path), name, path, settings)
            elif path.suffix.casefold() == ".csv":
                data["dataset"] = self._import_csv(_read(path), path.stem, path, settings)
        return parse_config(data, called=flag_of)

    def _import_csv(self, data: bytes, stem: str, path: Path, settings: Settings) -> str:
        """Adds a CSV that was read from a path as a dataset; its name, the stem with what names cannot have replaced."""
        from core.data.csv_import import CsvMapping, guess_mapping, preview_csv
        from core.data.datasets import add_csv

        guess = guess_mapping(preview_csv(data, rows=None))
        chosen: dict[str, Any] = {name: typed or getattr(guess, name, None) for name, typed in self.reviews}
        if unknown := [flag_of(name) for name, value in chosen.items() if not value]:
            raise UserError(
                f"What the columns of {path} mean cannot be guessed; say it with {', '.join(unknown)}.",
                code="csv-columns-unclear",
            )
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_")[:40]
        add_csv(name, data, CsvMapping(**chosen), settings)
        return name


def flag_of(field: str) -> str:
    """The option of a field, such as "num_trials" or "head.epochs"."""
    name = field.rpartition(".")[2].replace("_", "-")
    return _FLAGS.get(name, f"--{name}")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"The file {path} cannot be read ({error.strerror}); give the path of a CSV.", code="csv-unreadable"
        ) from error
