"""What an experiment is: the config that decides every number of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.access.addresses import require_without_credentials
from core.errors import refused
from core.experiment.events import Pair
from core.experiment.lessons import MAX_LESSONS, Lesson

Pooling = Literal["average", "max"]

# An arm is a list of embedders; their vectors are concatenated per token, in this order.
# "elmo-alone" is a control: it tells what ELMo brings without the static vectors beside it.
ARMS: dict[str, tuple[str, ...]] = {"basic": ("static",), "elmo": ("elmo", "static"), "elmo-alone": ("elmo",)}
ARM_TITLES = {"basic": "Basic", "elmo": "ELMo", "elmo-alone": "ELMo alone"}
PAIR = ("basic", "elmo")  # the two that are joined and compared
BAG_OF_WORDS = "bag-of-words"  # a reference beside the arms, which wins and loses nothing
MODEL_TITLES = {**ARM_TITLES, BAG_OF_WORDS: "Bag of words"}

MIN_TRAIN_SIZE = 10  # two of them validate
SWEEP_SIZES = (100, 200, 500, 1000, 2000)  # of a learning curve: about evenly spaced on its log axis
MIN_SEPARATE_VALIDATION = 50  # fewer reviews than that cannot tell one epoch from the next
_DATASET_TITLES = {"imdb": "IMDB", "rotten-tomatoes": "Rotten Tomatoes"}


def dataset_title(name: str) -> str:
    """A dataset as people call it; added ones are called what they are named."""
    return _DATASET_TITLES.get(name, name)


class HeadConfig(BaseModel):
    """How the head of both arms is trained. Tuned once, on validation reviews, by `tools/tune_head.py`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    epochs: int = Field(default=40, ge=1, le=1000, description="most passes over the training reviews")
    patience: int = Field(default=5, ge=1, le=1000, description="stop after this many epochs in a row that are clearly worse")
    tolerance: float = Field(
        default=1.0,
        ge=0,
        le=10,
        description="an epoch is clearly worse if its validation loss is more than this many standard errors (of the paired "
        "difference) above the lowest; the latest epoch that is not clearly worse is kept, with 0 the best one",
    )
    batch_size: int = Field(default=32, ge=1, le=1024, description="reviews per training step")
    averaging: float = Field(
        default=0.9,
        ge=0,
        lt=1,
        description="decay per step of the moving average of the weights, which is what is validated and kept; 0 for no average",
    )
    learning_rate: float = Field(default=2e-3, gt=0, le=1, description="learning rate of Adam")
    learning_rate_decay: float = Field(
        default=0.0, ge=0, le=1, description="step t uses the learning rate / (1 + decay * t), the decay of Keras 1 and 2"
    )
    weight_decay: float = Field(default=0.0, ge=0, le=1, description="decoupled weight decay, as in AdamW, of kernels only")
    pooling: Pooling = Field(
        default="average", description="how the vectors of the words of a review become one: their average or their maximum"
    )
    spatial_dropout: float = Field(
        default=0.2, ge=0, lt=1, description="share of vector components that are dropped for a whole review"
    )
    dropout: float = Field(default=0.0, ge=0, lt=1, description="share of pooled features that are dropped")
    standardise: bool = Field(
        default=True, description="shift and scale each vector component to mean 0 and variance 1 over the training reviews"
    )


class ExperimentConfig(BaseModel):
    """Everything that decides the numbers of a run: two runs with the same config end with the same accuracies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str = Field(default="imdb", min_length=1, description="imdb, rotten-tomatoes, or a dataset that was added")
    train_size: int = Field(
        default=500,
        ge=MIN_TRAIN_SIZE,
        description="labelled reviews per trial, including those for validation unless validation is separate",
    )
    num_trials: int = Field(default=5, ge=1, le=100, description="draws of training reviews; every model is trained on each")
    test_size: int = Field(default=1000, ge=1, description="test reviews, the same ones in every trial")
    max_tokens: int = Field(default=512, ge=8, le=1024, description="tokens of a review that are read; the rest is cut")
    static: str = Field(default="glove-6b-50d", min_length=1, description="name, path or URL of the static vectors")
    elmo: str = Field(default="elmo-mini", min_length=1, description="elmo-mini, the folder of a TF-Hub module, or its handle")
    layer_mix: Literal["mean", "0", "1", "2", "learned"] = Field(
        default="2", description="ELMo's layers: the mean of all three, one of them, or a mix that is learned with the head"
    )
    validation: Literal["fifth", "separate"] = Field(
        default="fifth", description="early stopping watches every fifth training review, or labelled reviews beyond them"
    )
    seed: int = Field(default=0, ge=0, lt=2**32, description="seed of the draws and of the heads")
    allow_low_coverage: bool = Field(
        default=False,
        exclude_if=lambda is_allowed: not is_allowed,  # so that a config has the fingerprint that it had in version 0.1
        description="train even if the static vectors know almost no word of the reviews",
    )
    bag_of_words: bool = Field(
        default=True,
        exclude_if=lambda is_trained: is_trained,  # so that a config has the fingerprint that it had before there was any
        description="also train a bag of words (TF-IDF of one and two words, logistic regression) on each draw, as a reference",
    )
    lessons: tuple[Lesson, ...] = Field(
        default=(),
        max_length=MAX_LESSONS,
        exclude_if=lambda lessons: not lessons,  # so that a config has the fingerprint that it had before there were any
        description="texts with labels that join the training reviews of every trial",
    )
    arms: tuple[str, ...] = Field(default=PAIR, description=f"models to train, joined by commas: {', '.join(ARMS)}")
    head: HeadConfig = Field(default=HeadConfig(), description="how the classifier of both models is trained")

    @field_validator("arms")
    @classmethod
    def _arms_are_known(cls, arms: tuple[str, ...]) -> tuple[str, ...]:
        if not arms or len(set(arms)) < len(arms) or not set(arms) <= set(ARMS):
            raise ValueError(f"it must name one or more of {', '.join(ARMS)}, each once")
        return arms

    @classmethod
    def original(cls, **options: Any) -> Self:
        """The published experiment.

        128 tokens, mean of ELMo's layers, max pooling, raw vectors, learning rate 1e-4 decaying, separate validation reviews.
        """
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
        return cls(**{"max_tokens": 128, "layer_mix": "mean", "validation": "separate", "head": head, **options})

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
    def untaught(self) -> ExperimentConfig:
        """The same experiment without lessons."""
        return self.model_copy(update={"lessons": ()})

    @property
    def pairs(self) -> list[Pair]:
        """Every (trial, arm) of the run, trial by trial."""
        return [(trial, arm) for trial in range(self.num_trials) for arm in self.arms]

    @property
    def reference_trials(self) -> list[int]:
        """The trials in which a bag of words is trained."""
        return list(range(self.num_trials)) if self.bag_of_words else []

    def fingerprint(self) -> str:
        """Sixteen hex digits that differ between any two different configs."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


def parse_config(data: Mapping[str, Any], *, called: Callable[[str], str] = str) -> ExperimentConfig:
    """A config from values given by a person or a file.

    Args:
        data: Values by field; fields of the head in a mapping of their own.
        called: Turns a field, such as "num_trials" or "head.epochs", into the name that its giver knows.

    Raises:
        UserError: A value is missing, unknown or out of range; the sentence names the first such value. Or a source has a
            password in it.
    """
    try:
        config = ExperimentConfig.model_validate(data)
    except ValidationError as error:
        raise refused(error.errors()[0], called) from error
    for source in (config.static, config.elmo):
        require_without_credentials(source)
    return config


def in_order(arms: Iterable[str]) -> list[str]:
    """Arms in the order in which all pages show them, each once."""
    among = set(arms)
    return [arm for arm in ARMS if arm in among]


def has_pair(arms: Iterable[Hashable]) -> bool:
    """Whether arms include the two that are compared."""
    return set(PAIR) <= set(arms)
