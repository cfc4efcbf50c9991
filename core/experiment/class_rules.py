"""What members of a class may ask for: sources from the operator's list only, and experiments that leave time for the others'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.errors import UserError, refused
from core.experiment.arms import is_of_elmo, kind_of, source_of
from core.experiment.config import ExperimentConfig

Sources = Annotated[tuple[str, ...], NoDecode]  # in a variable joined by commas, not as JSON
_PREFIX = "ELMO_LENS_CLASS_"


class ClassRules(BaseSettings):
    """Rules of a server for a class, each from an environment variable `ELMO_LENS_CLASS_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True)

    elmo: Sources = Field(default=(), description="folders and handles of ELMo modules beside the packaged one, joined by commas")
    vectors: Sources = Field(default=(), description="files and addresses of static vectors beside the packaged ones")
    max_trials: int = Field(default=10, ge=1, description="trials of a run")
    max_train_size: int = Field(default=5_000, ge=10, description="training reviews of a trial")
    max_test_size: int = Field(default=5_000, ge=1, description="test reviews")
    max_tokens: int = Field(default=512, ge=8, description="words that are read of a review")
    max_epochs: int = Field(default=100, ge=1, description="passes over the training reviews")
    max_runs_per_person: int = Field(default=6, ge=1, description="runs of one person that wait or run at once")
    max_runs: int = Field(default=60, ge=1, description="runs of all that wait or run at once")
    max_upload_mb: int = Field(default=20, ge=1, le=200, description="size of an uploaded file")
    max_uploads_per_person: int = Field(default=3, ge=0, description="datasets and tables of predictions that one person may add")
    max_uploads: int = Field(default=100, ge=0, description="datasets and tables of predictions that all may add")

    @field_validator("elmo", "vectors", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    def require_allowed(self, config: ExperimentConfig) -> None:
        """Checks that a member of the class may run an experiment.

        Raises:
            UserError: It names a source that is not on the list, or is too large.
        """
        packaged = ExperimentConfig()
        for what, source, allowed in (
            ("static vectors", config.static, (packaged.static, *self.vectors)),
            ("ELMo", config.elmo, (packaged.elmo, *self.elmo)),
            *(
                ("static vectors", source, (packaged.static, *self.vectors))
                if kind_of(reader) == "static"
                else ("modules", source, self.elmo)
                for reader in config.readers
                if not is_of_elmo(reader) and (source := source_of(reader))
            ),
        ):
            if source not in allowed:
                if not allowed:
                    raise UserError(
                        f"On this server there are no {what} to choose from; ask the operator to add yours.", code="class-source"
                    )
                raise UserError(
                    f"On this server, {what} can be {_either(allowed)}; choose from the list, or ask the operator to add yours.",
                    code="class-source",
                )
        for what, size, most in (
            ("trials", config.num_trials, self.max_trials),
            ("training reviews", config.train_size, self.max_train_size),
            ("test reviews", config.test_size, self.max_test_size),
            ("words of a review", config.max_tokens, self.max_tokens),
            ("epochs", config.head.epochs, self.max_epochs),
        ):
            if size > most:
                raise UserError(
                    f"On this server an experiment may have {most:,} {what} and this one has {size:,}; choose fewer.",
                    code="class-size",
                )

    def require_room_for_runs(self, num_new: int, num_own: int, num_all: int) -> None:
        """Checks that the queue has room.

        Args:
            num_new: Runs to be started.
            num_own: Runs of the same person that wait or run.
            num_all: Runs of everybody that wait or run.

        Raises:
            UserError: It has none, or one person would have too many.
        """
        if num_own + num_new > self.max_runs_per_person:
            raise UserError(
                f"On this server one person may have {self.max_runs_per_person:,} runs waiting or running, you have {num_own:,}, "
                f"and this would add {num_new:,}; wait for yours or cancel one.",
                code="class-queue",
            )
        if num_all + num_new > self.max_runs:
            raise UserError(
                f"The queue of this server is full ({num_all:,} runs are waiting or running); try again later.",
                code="class-queue",
            )

    def require_room_for_upload(self, num_own: int, num_all: int) -> None:
        """Checks that one more dataset or table of predictions may be added.

        Args:
            num_own: Those that the same person has added.
            num_all: Those that everybody has added.

        Raises:
            UserError: There are too many.
        """
        if num_own >= self.max_uploads_per_person or num_all >= self.max_uploads:
            whose, num = ("you have", num_own) if num_own >= self.max_uploads_per_person else ("this server has", num_all)
            raise UserError(
                f"No more files can be added: {whose} added {num:,} already; delete one, or ask the operator.",
                code="class-uploads",
            )


def read_class_rules() -> ClassRules:
    """The rules from the environment.

    Raises:
        UserError: A variable has an impossible value.
    """
    try:
        return ClassRules()
    except ValidationError as error:
        raise refused(error.errors()[0], lambda field: f"{_PREFIX}{field}".upper()) from error


def _either(names: Sequence[str]) -> str:
    """Names as alternatives."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else f"only {last}"
