"""An experiment on the command line: one option per field of its config, and a file or folder of reviews as a dataset."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_settings import CliSuppress, CliToggleFlag, CliVariadicArg

from core.cli.console import program
from core.errors import UserError
from core.experiment.arms import OwnArm
from core.experiment.config import ExperimentConfig, HeadConfig, parse_config
from core.experiment.lessons import Lesson

if TYPE_CHECKING:
    from core.data.columns import ColumnMapping
    from core.data.review_table import ReviewTable
    from core.settings import Settings

_FLAGS = {"num-trials": "--trials", "lessons-path": "--lessons", "own-arms": "--arm"}


class OwnReviews(BaseModel):
    """How to read a file of reviews."""

    text_column: str | None = Field(default=None, description="column of the texts")
    label_column: str | None = Field(default=None, description="column of the labels")
    negative: CliVariadicArg[tuple[str, ...] | None] = Field(default=None, description="labels that mean negative")
    positive: CliVariadicArg[tuple[str, ...] | None] = Field(default=None, description="labels that mean positive")
    encoding: str | None = Field(default=None, description="encoding of the text, such as utf-8 or cp1251")
    replace: CliToggleFlag[bool] = Field(default=False, description="replace the dataset of the same name")

    def read_mapping(self, table: ReviewTable, path: Path) -> ColumnMapping:
        """What the columns mean: as somebody has said, else as their headings and words say.

        Raises:
            UserError: Neither says it beyond doubt; the sentence lists the choices.
        """
        from core.data.columns import ColumnMapping, describe_choices, guess_columns

        guess = guess_columns(table, text_column=self.text_column, label_column=self.label_column)
        is_sure = {"text_column": guess.is_text_sure}
        chosen: dict[str, Any] = {
            name: getattr(self, name) or getattr(guess, name) for name in ("text_column", "label_column", "negative", "positive")
        }
        unclear = [
            name
            for name, value in chosen.items()
            if not value or not (getattr(self, name) or is_sure.get(name, guess.are_labels_sure))
        ]
        if not unclear:
            return ColumnMapping(**chosen)
        perhaps = [f"{flag_of(name)} {_typed(value)}" for name, value in chosen.items() if value and guess.mapping]
        suggestion = f" Perhaps: {' '.join(perhaps)}" if perhaps else ""
        raise UserError(
            f"What the columns of {path} mean is not certain; say it with {', '.join(map(flag_of, unclear))}. "
            f"Its columns are {', '.join(describe_choices(table.frame))}.{suggestion}",
            code="columns-unclear",
        )


class ExperimentOptions(ExperimentConfig):
    """An experiment as it was typed: a preset, the options that change it, and how to read one's own reviews."""

    lessons: CliSuppress[tuple[Lesson, ...]] = ()
    own_arms: CliSuppress[tuple[OwnArm, ...]] = ()
    arm: tuple[str, ...] = Field(
        default=(),
        description="a model of your own, as NAME=READER+READER; readers are static, static:FILE, elmo, elmo:LAYER (mean, 0, 1, "
        "2), letters, shuffled and module:FOLDER (a TF-Hub module that makes a vector of a whole text); can be given again",
    )
    lessons_path: Path | None = Field(
        default=None,
        description="file of texts with labels that join the training reviews of every trial: CSV with the columns text and "
        "label",
    )
    preset: Literal["original"] | None = Field(default=None, description="begin with the settings of the published experiment")
    reviews: OwnReviews = Field(
        default_factory=OwnReviews,
        description="for --dataset FILE, or a folder or archive with neg/*.txt and pos/*.txt; guessed where not given",
    )

    @field_validator("arms")
    @classmethod
    def _arms_are_known(cls, arms: tuple[str, ...], _info: ValidationInfo) -> tuple[str, ...]:
        """Left to the config that `importing` makes: here, nobody knows yet what `--arm` names."""
        return arms

    @contextmanager
    def importing(self, settings: Settings) -> Iterator[ExperimentConfig]:
        """The config that somebody typed; a file or folder of reviews that it names becomes a dataset, and stderr says how.

        If what happens inside fails, nothing is kept of the reviews.

        Raises:
            UserError: The reviews cannot be read or kept, or the lessons cannot be read.
        """
        from core.data.datasets import find_dataset, suggest_name, undone_on_error
        from core.experiment.lesson_file import read_lessons

        base = ExperimentConfig.original() if self.preset == "original" else ExperimentConfig()
        typed = self.model_dump(include=set(ExperimentConfig.model_fields), exclude_unset=True)
        head = HeadConfig(**{**base.head.model_dump(), **typed.pop("head", {})})
        lessons = () if self.lessons_path is None else read_lessons(self.lessons_path)
        data: dict[str, Any] = {**base.model_dump(), **typed, "head": head, "lessons": lessons, **self._arms(base)}
        path = _expanded(data["dataset"])
        if find_dataset(data["dataset"], settings) or not _is_path(path):
            yield parse_config(data, called=flag_of)
            return
        name = suggest_name(path.resolve().name)
        name = find_dataset(name, settings) or name
        config = parse_config({**data, "dataset": name}, called=flag_of)
        with undone_on_error(name, settings):
            self._import(name, path, settings)
            yield config

    def _arms(self, base: ExperimentConfig) -> dict[str, Any]:
        """The arms: those that were named, and those of one's own, which need not be named again."""
        names = [text.partition("=")[0].strip() for text in self.arm]
        arms = self.arms if "arms" in self.model_fields_set else base.arms
        return {"own_arms": self.arm, "arms": (*arms, *(name for name in names if name not in arms and arms != ("staircase",)))}

    def _import(self, name: str, path: Path, settings: Settings) -> None:
        """Adds a file or folder as a dataset and says what was taken from it."""
        from core.data.datasets import add_dataset, import_record
        from core.data.review_file import read_path

        table = read_path(path, self.reviews.encoding)
        mapping = self.reviews.read_mapping(table, path)
        try:
            add_dataset(name, table, mapping, settings, file=path.name, replace=self.reviews.replace)
        except UserError as error:
            if error.code != "dataset-name-taken":
                raise
            raise UserError(
                f'There is a dataset "{name}" with other reviews already; --replace replaces it, and '
                f"{program()} datasets rename {name} NEW_NAME gives it another name.",
                code="dataset-name-taken",
            ) from error
        record = import_record(name, settings)
        print(f'{path.name} is the dataset "{name}".', *record.sentences(), sep="\n", file=sys.stderr)


def flag_of(field: str) -> str:
    """The option of a field, such as "num_trials" or "head.epochs"."""
    name = "own-arms" if field.startswith("own_arms") else field.rpartition(".")[2].replace("_", "-")
    return _FLAGS.get(name, f"--{name}")


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # "~somebody" without such a person
        return Path(text)


def _is_path(path: Path) -> bool:
    """Whether a dataset that is unknown by name is meant as a path."""
    try:
        return bool(path.suffix) or len(path.parts) > 1 or path.exists()
    except OSError:  # longer than a path can be
        return True


def _typed(value: str | tuple[str, ...]) -> str:
    """A value as a shell reads it."""
    return " ".join(map(shlex.quote, [value] if isinstance(value, str) else value))
