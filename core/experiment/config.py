"""What an experiment is: the config that decides every number of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from core.access.addresses import require_without_credentials
from core.errors import refused
from core.experiment.arms import ARMS, MAX_ARMS, PAIR, STAIRCASE, OwnArm, in_order, is_of_elmo, is_of_texts, kind_of, source_of
from core.experiment.events import Pair
from core.experiment.lessons import MAX_LESSONS, Lesson

Pooling = Literal["average", "max"]

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
    own_arms: tuple[OwnArm, ...] = Field(
        default=(),
        exclude_if=lambda arms: not arms,  # so that a config has the fingerprint that it had before there were any
        description="models of one's own among the arms, each with what it reads",
    )
    arms: tuple[str, ...] = Field(
        default=PAIR, description=f"models to train, joined by commas: {', '.join(ARMS)}; or staircase, for all of them"
    )
    head: HeadConfig = Field(default=HeadConfig(), description="how the classifier of both models is trained")

    @field_validator("own_arms")
    @classmethod
    def _own_arms_have_names_of_their_own(cls, own: tuple[OwnArm, ...]) -> tuple[OwnArm, ...]:
        if len({arm.name for arm in own}) < len(own):
            raise ValueError("it must have a name of its own for each model")
        return own

    @field_validator("arms")
    @classmethod
    def _arms_are_known(cls, arms: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        own = [arm.name for arm in info.data.get("own_arms", ())]
        if arms == ("staircase",):
            arms = (*in_order(STAIRCASE), *own)
        if not arms or len(set(arms)) < len(arms) or not set(arms) <= {*ARMS, *own}:
            raise ValueError(f"it must name one or more of {', '.join([*ARMS, *own])}, each once, or be staircase")
        if not set(own) <= set(arms):
            raise ValueError(f"it must name {', '.join(name for name in own if name not in arms)}, too")
        if len(arms) > MAX_ARMS:
            raise ValueError(f"it must name {MAX_ARMS} models at most")
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

    def reads(self, arm: str) -> tuple[str, ...]:
        """What an arm reads, see `OwnArm.reads`."""
        own = {each.name: each.reads for each in self.own_arms}
        return own[arm] if arm in own else ARMS[arm]

    def reads_elmo(self, arm: str) -> bool:
        """Whether an arm has vectors of ELMo, of whatever layer and in whatever order."""
        return any(map(is_of_elmo, self.reads(arm)))

    def reads_texts(self, arm: str) -> bool:
        """Whether an arm reads one vector of a whole text instead of one of each word."""
        return any(map(is_of_texts, self.reads(arm)))

    @property
    def readers(self) -> tuple[str, ...]:
        """All that the arms read, each once, and always the static vectors, which tell unknown words."""
        return tuple(dict.fromkeys(["static", *(reader for arm in self.arms for reader in self.reads(arm))]))

    @property
    def elmo_readers(self) -> tuple[str, ...]:
        """Those of its readers that read with its ELMo."""
        return tuple(filter(is_of_elmo, self.readers))

    @property
    def num_elmo_passes(self) -> int:
        """How many times ELMo has to read each review; letters come along, as they take no time beside it."""
        return max(1, sum(kind_of(reader) != "letters" for reader in self.elmo_readers))

    @property
    def sources(self) -> tuple[str, ...]:
        """Every file, folder, address and packaged name that it reads from."""
        own = (source_of(reader) for reader in self.readers if not is_of_elmo(reader))
        return (self.static, self.elmo, *filter(None, own))

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
    for source in config.sources:
        require_without_credentials(source)
    return config
