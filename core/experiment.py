"""What is trained: the config of a run, the draw of each trial, and `run_trial`. Pure: no files, no network, no printing."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.errors import UserError, what_it_must
from core.events import EpochFinished, Pair

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from core.reviews import ReviewPool

FloatArray = npt.NDArray[np.float32]
IndexArray = npt.NDArray[np.int64]
Pooling = Literal["average", "max"]

# An arm is a list of embedders; their vectors are concatenated per token, in this order.
# "elmo-alone" is a control: it tells what ELMo brings without the static vectors beside it.
ARMS: dict[str, tuple[str, ...]] = {"basic": ("static",), "elmo": ("elmo", "static"), "elmo-alone": ("elmo",)}

MIN_TRAIN_SIZE = 10  # two of them validate
SWEEP_SIZES = (100, 200, 500, 1000, 2000)  # of a learning curve: about evenly spaced on its log axis
MIN_SEPARATE_VALIDATION = 50  # fewer reviews than that cannot tell one epoch from the next
DATASET_TITLES = {"imdb": "IMDB", "rotten-tomatoes": "Rotten Tomatoes"}


class HeadConfig(BaseModel):
    """How the head of both arms is trained. Tuned once, on validation reviews, by `benchmarks/tune_head.py`.

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


def check_against(config: ExperimentConfig, pool: ReviewPool) -> None:
    """Compare the sizes of a config with those of its pool.

    Raises:
        UserError: More reviews are asked for than the pool has.
    """
    if config.num_labelled > len(pool.train):
        extra = f" and {config.validation_size:,} for validation" if config.validation == "separate" else ""
        raise UserError(
            f"{config.train_size:,} training reviews{extra} were asked for, but {pool.name} has {len(pool.train):,}; "
            f"choose a smaller training size{' or validate on a fifth of it' if extra else ''}."
        )
    if config.test_size > len(pool.test):
        raise UserError(
            f"{config.test_size:,} test reviews were asked for, but {pool.name} has {len(pool.test):,}; "
            "choose a smaller test size."
        )


@dataclass(frozen=True, eq=False)
class Draw:
    """The reviews of one trial, as int64 indices into the pool; no review is in two of them."""

    train: IndexArray
    validation: IndexArray
    test: IndexArray


def draw_trial(pool: ReviewPool, config: ExperimentConfig, trial: int) -> Draw:
    """Draw the reviews of a trial; every arm uses the same draw.

    Trial i at size n has the first n of permutation i, so that the reviews of a smaller size are among those of a larger one.
    "fifth" keeps every fifth of them for validation, so that training and validation reviews are nested too; "separate"
    validates on the far end of the permutation. Test reviews depend on the seed alone.

    Raises:
        UserError: The pool is too small.
    """
    check_against(config, pool)
    permutation = np.random.default_rng((config.seed, trial)).permutation(pool.train)
    drawn = permutation[: config.train_size]
    if config.validation == "fifth":
        is_validation = np.arange(len(drawn)) % 5 == 4
        train, validation = drawn[~is_validation], drawn[is_validation]
    else:
        train, validation = drawn, permutation[::-1][: config.validation_size]
    test = np.random.default_rng(config.seed).permutation(pool.test)[: config.test_size]
    return Draw(train=train, validation=validation, test=test)


@dataclass(frozen=True, eq=False)
class Examples:
    """Embedded reviews with their labels.

    Attributes:
        features: Token vectors of each review, float16 or float32 (T_i, dim).
        labels: 0 negative, 1 positive, (num_reviews,).
    """

    features: Sequence[npt.NDArray[np.floating[Any]]]
    labels: npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class TrialResult:
    """What one arm reached in one trial.

    Attributes:
        trial: Counts from 0.
        arm: Key of `ARMS`.
        accuracy: Share of test reviews that are classified correctly.
        validation_accuracy: The same for the validation reviews, after the epoch whose weights were kept.
        best_epoch: The epoch whose weights were kept; counts from 1.
        num_epochs: Epochs that were trained.
        train_s: Seconds of training and testing.
        probs: float32 (test_size,), probability that each test review is positive, in the order of the draw.
        head: Weights by name, float32; `core.classifier.Head.from_arrays` takes them.
    """

    trial: int
    arm: str
    accuracy: float
    validation_accuracy: float
    best_epoch: int
    num_epochs: int
    train_s: float
    probs: FloatArray
    head: dict[str, FloatArray]


def run_trial(
    *,
    config: ExperimentConfig,
    trial: int,
    arm: str,
    train: Examples,
    validation: Examples,
    test: Examples,
    mix_dim: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[EpochFinished | TrialResult]:
    """Train the head of one arm on one draw and test it.

    Args:
        config: Of the run; decides everything but the features.
        trial: Counts from 0; the head's seed depends on it and on `config.seed`, not on the arm.
        arm: Key of `ARMS`, only reported.
        train: Training reviews.
        validation: Reviews that choose the epoch.
        test: Reviews that nothing is fitted on.
        mix_dim: Width of one ELMo layer if the first 3 * mix_dim components of each vector are three layers to be mixed; else 0.
        should_stop: Asked between batches; once it answers true the generator ends without a result.

    Yields:
        `EpochFinished` after each epoch and, unless stopped, one `TrialResult` last. The same arguments give the same numbers.
    """
    from core.classifier import TrainingStopped  # noqa: PLC0415  # TensorFlow takes seconds to import
    from core.head_training import EpochTrained, train_head  # noqa: PLC0415

    started = time.perf_counter()
    seed = (config.seed, trial)
    with suppress(TrainingStopped):
        for event in train_head(
            config.head, train=train, validation=validation, seed=seed, mix_dim=mix_dim, should_stop=should_stop
        ):
            if isinstance(event, EpochTrained):
                yield EpochFinished(trial, arm, event.epoch, event.num_epochs, event.loss, event.validation_accuracy)
                continue
            probs = event.head.predict(test.features, should_stop)  # (test_size,)
            yield TrialResult(
                trial=trial,
                arm=arm,
                accuracy=float(np.mean((probs > 0.5) == (test.labels > 0))),
                validation_accuracy=event.validation_accuracy,
                best_epoch=event.best_epoch,
                num_epochs=event.num_epochs,
                train_s=time.perf_counter() - started,
                probs=probs,
                head=event.head.to_arrays(),
            )
