"""What an experiment is: the config that decides every number of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.errors import UserError, what_it_must
from core.experiment.events import Pair

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


Pooling = Literal["average", "max"]

# An arm is a list of embedders; their vectors are concatenated per token, in this order.
# "elmo-alone" is a control: it tells what ELMo brings without the static vectors beside it.
ARMS: dict[str, tuple[str, ...]] = {"basic": ("static",), "elmo": ("elmo", "static"), "elmo-alone": ("elmo",)}
ARM_TITLES = {"basic": "Basic", "elmo": "ELMo", "elmo-alone": "ELMo alone"}
PAIR = ("basic", "elmo")  # the two that are joined and compared

MIN_TRAIN_SIZE = 10  # two of them validate
SWEEP_SIZES = (100, 200, 500, 1000, 2000)  # of a learning curve: about evenly spaced on its log axis
MIN_SEPARATE_VALIDATION = 50  # fewer reviews than that cannot tell one epoch from the next
_DATASET_TITLES = {"imdb": "IMDB", "rotten-tomatoes": "Rotten Tomatoes"}


def dataset_title(name: str) -> str:
    """A dataset as people call it; added ones are called what they are named."""
    return _DATASET_TITLES.get(name, name)


class HeadConfig(BaseModel):
    """How the head of both arms is trained. Tuned once, on validation reviews, by `tools/tune_head.py`.

    Attributes:
        epochs: Passes over the training reviews at most.
        patience: Epochs in a row that are clearly worse than the best one, after which training stops.
        tolerance: An epoch is clearly worse if its validation loss exceeds the lowest by over so many standard errors of their
            paired difference. The latest epoch that is not clearly worse is kept; 0 keeps the one with the lowest loss.
        batch_size: Reviews per step.
        averaging: Decay per step of the exponential average of the weights, which is what is validated and kept; 0 for none.
        learning_rate: Of Adam.
        learning_rate_decay: Step t uses learning_rate / (1 + learning_rate_decay * t), the `decay` of Keras 1 and 2.
        weight_decay: Decoupled, as in AdamW; kernels only.
        pooling: Over the real tokens of a review.
        spatial_dropout: Share of vector components that are dropped for a whole review.
        dropout: Share of pooled features that are dropped.
        standardise: Shift and scale each vector component to mean 0 and variance 1 over the training tokens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    epochs: int = Field(default=40, ge=1, le=1000)
    patience: int = Field(default=5, ge=1, le=1000)
    tolerance: float = Field(default=1.0, ge=0, le=10)
    batch_size: int = Field(default=32, ge=1, le=1024)
    averaging: float = Field(default=0.9, ge=0, lt=1)
    learning_rate: float = Field(default=2e-3, gt=0, le=1)
    learning_rate_decay: float = Field(default=0.0, ge=0, le=1)
    weight_decay: float = Field(default=0.0, ge=0, le=1)
    pooling: Pooling = "average"
    spatial_dropout: float = Field(default=0.2, ge=0, lt=1)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    standardise: bool = True


class ExperimentConfig(BaseModel):
    """Everything that decides the numbers of a run: two runs with the same config end with the same accuracies.

    Attributes:
        dataset: A built-in dataset or one that was added.
        train_size: Labelled reviews per trial; validation reviews are among them unless `validation` is "separate".
        num_trials: Draws of training reviews; every arm trains on each.
        test_size: Test reviews, the same for all trials.
        max_tokens: Tokens of a review that are read; later ones are cut.
        static: Name, path or URL of the static vectors.
        elmo: "elmo-mini", the folder of a TF-Hub module, or its handle.
        layer_mix: Which ELMo vector: mean of the three layers, one layer, or a mix that is learned with the head.
        validation: "fifth" keeps every fifth drawn review for early stopping, "separate" takes further labelled reviews.
        seed: Of the draws and of the heads.
        arms: Which models are trained, of basic, elmo and elmo-alone.
        head: How the head is trained.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str = Field(default="imdb", min_length=1)
    train_size: int = Field(default=500, ge=MIN_TRAIN_SIZE)
    num_trials: int = Field(default=5, ge=1, le=100)
    test_size: int = Field(default=1000, ge=1)
    max_tokens: int = Field(default=128, ge=8, le=1024)
    static: str = Field(default="glove-6b-50d", min_length=1)
    elmo: str = Field(default="elmo-mini", min_length=1)
    layer_mix: Literal["mean", "0", "1", "2", "learned"] = "mean"
    validation: Literal["fifth", "separate"] = "fifth"
    seed: int = Field(default=0, ge=0, lt=2**32)
    arms: tuple[str, ...] = ("basic", "elmo")
    head: HeadConfig = HeadConfig()

    @field_validator("arms")
    @classmethod
    def _arms_are_known(cls, arms: tuple[str, ...]) -> tuple[str, ...]:
        if not arms or len(set(arms)) < len(arms) or not set(arms) <= set(ARMS):
            raise ValueError(f"it must name one or more of {', '.join(ARMS)}, each once")
        return arms

    @classmethod
    def original(cls, **options: Any) -> Self:
        """The published experiment: max pooling, raw vectors, no dropout, learning rate 1e-4 decaying, separate validation."""
        head = HeadConfig(
            epochs=100,
            patience=10,
            tolerance=0.0,
            averaging=0.0,
            learning_rate=1e-4,
            learning_rate_decay=1e-3,
            pooling="max",
            spatial_dropout=0.0,
            dropout=0.0,
            weight_decay=0.0,
            standardise=False,
        )
        return cls(**{"validation": "separate", "head": head, **options})

    @property
    def validation_size(self) -> int:
        """Reviews of a trial that early stopping looks at; with "separate", labels beyond `train_size`."""
        fifth = self.train_size // 5
        return fifth if self.validation == "fifth" else max(fifth, MIN_SEPARATE_VALIDATION)

    @property
    def num_labelled(self) -> int:
        """Labelled reviews that one trial needs from the training part of the pool."""
        return self.train_size + (self.validation_size if self.validation == "separate" else 0)

    @property
    def pairs(self) -> list[Pair]:
        """Every (trial, arm) of the run, trial by trial."""
        return [(trial, arm) for trial in range(self.num_trials) for arm in self.arms]

    def fingerprint(self) -> str:
        """Sixteen hex digits that differ between any two different configs."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


def parse_config(data: Mapping[str, Any], *, called: Callable[[str], str] = str) -> ExperimentConfig:
    """A config from values that a person or a file gave.

    Args:
        data: By field; those of the head in a mapping of their own.
        called: How whoever gave them knows a field, such as "num_trials" or "head.epochs".

    Raises:
        UserError: A value is missing, unknown or out of range; the sentence names the first such value.
    """
    try:
        return ExperimentConfig.model_validate(data)
    except ValidationError as error:
        raise UserError(_sentence(error.errors()[0], called)) from error


def _sentence(error: ErrorDetails, called: Callable[[str], str]) -> str:
    field = called(".".join(map(str, error["loc"]))) if error["loc"] else "The config"
    if error["type"] == "extra_forbidden":
        return f"There is no setting {field}; remove it or correct its name."
    given = error["input"]
    given = ",".join(map(str, given)) if isinstance(given, tuple) else given
    return f"{field} is {given!r}, but must {what_it_must(error)}; change it and try again."


def has_pair(arms: Iterable[Hashable]) -> bool:
    """Whether the two arms that are compared are among some arms."""
    return set(PAIR) <= set(arms)
