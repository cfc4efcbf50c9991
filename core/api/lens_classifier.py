"""The models of the dashboard as a scikit-learn classifier of texts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from core.arrays import FloatArray, HalfArray
from core.embedders.loading import arm_vectors, load_embedders
from core.errors import UserError
from core.experiment.arms import ARMS
from core.experiment.config import MIN_TRAIN_SIZE, ExperimentConfig, HeadConfig, parse_config
from core.experiment.coverage import require_coverage
from core.experiment.results import Examples
from core.plain_text import plain_text
from core.settings import Settings
from core.tokens import token_texts

if TYPE_CHECKING:
    from core.classifier.model import Head
    from core.embedders.static import StaticEmbedder

Texts = Sequence[str] | npt.NDArray[np.object_]


class LensClassifier(ClassifierMixin, BaseEstimator):
    """A small convolutional classifier on frozen word vectors: one arm of the dashboard, as scikit-learn takes it.

    Every fifth text validates, as in a run, so the order of the texts matters, and at least ten are needed. Fitted on the reviews
    of a trial in the order in which they were drawn, with the seed of its run and its number, it predicts what that trial did, to
    the last digit, if TensorFlow has one thread: it gets one unless it has computed before in this process.

    Args:
        arm: "basic" reads static vectors, "elmo" those and ELMo's, "elmo-alone" ELMo's only, "letters"
            its layer 0, and "shuffled" those of the words of each sentence in random order.
        static: Name, path or URL of the static vectors.
        elmo: "elmo-mini", the folder of a TF-Hub module, or its handle.
        layer_mix: ELMo's layers: "mean", "0", "1" or "2".
        max_tokens: Words of a text that are read; the rest is cut.
        head: How the classifier is trained; None for the defaults of the dashboard.
        allow_low_coverage: Train even if the static vectors know almost no word of the texts.
        random_state: Seed, as that of a run.
        trial: Number of the trial, from 0, which decides the initial weights together with the seed.

    Attributes:
        classes_: The two labels; the second is the one that probabilities are about.
        head_: Weights by name, float32.
        validation_accuracy_: Share of the validating texts that the kept epoch classifies correctly.
        best_epoch_: That epoch, from 1.

    Example:
        >>> from elmo_lens import LensClassifier
        >>> model = LensClassifier("elmo").fit(texts, labels)
        >>> model.predict_proba(["Not bad at all."])
    """

    def __init__(
        self,
        arm: str = "elmo",
        *,
        static: str = "glove-6b-50d",
        elmo: str = "elmo-mini",
        layer_mix: str = "2",
        max_tokens: int = 512,
        head: HeadConfig | None = None,
        allow_low_coverage: bool = False,
        random_state: int = 0,
        trial: int = 0,
    ) -> None:
        self.arm = arm
        self.static = static
        self.elmo = elmo
        self.layer_mix = layer_mix
        self.max_tokens = max_tokens
        self.head = head
        self.allow_low_coverage = allow_low_coverage
        self.random_state = random_state
        self.trial = trial

    def fit(self, X: Texts, y: Any) -> Self:
        """Train on texts with labels.

        Args:
            X: Texts, (num_texts,).
            y: Their labels, of two kinds, (num_texts,).

        Raises:
            ValueError: There are too few texts, the labels are not of two kinds, or as many as the texts, or an argument of this
                model cannot be.
            TypeError: X is not a sequence of texts.
            UserError: The vectors cannot be loaded, or the static ones know almost none of the words.
        """
        texts, labels = as_texts(X), column_or_1d(y, warn=True)
        check_classification_targets(labels)
        if len(texts) != len(labels):
            raise ValueError(f"X has {len(texts)} texts and y has {len(labels)} labels; give one label for each text.")
        if len(texts) < MIN_TRAIN_SIZE:
            raise ValueError(f"X has {len(texts)} texts; give at least {MIN_TRAIN_SIZE}, a fifth of which validate.")
        classes, positive = np.unique(labels, return_inverse=True)
        if len(classes) != 2:
            raise ValueError(f"y has {len(classes)} classes; this classifier tells exactly two apart.")
        config = self._config(train_size=len(texts))
        features = self._embed(texts, config, is_training=True)
        validates = validating(len(texts))

        from core.classifier.training import TrainedHead, train_head  # noqa: PLC0415 - imports TensorFlow

        def examples(rows: npt.NDArray[np.bool_]) -> Examples:
            return Examples([features[row] for row in np.flatnonzero(rows)], positive[rows])

        *_, trained = train_head(
            config.head, train=examples(~validates), validation=examples(validates), seed=(config.seed, self.trial)
        )
        assert isinstance(trained, TrainedHead)
        self.classes_ = classes
        self.head_ = trained.head.to_arrays()
        self.validation_accuracy_, self.best_epoch_ = trained.validation_accuracy, trained.best_epoch
        return self

    def decision_function(self, X: Texts) -> FloatArray:
        """Log-odds of the second class, float32 (num_texts,); raises what `predict_proba` does."""
        return self._head().predict_logits(self._features(X))

    def predict_proba(self, X: Texts) -> npt.NDArray[np.float64]:
        """Probabilities of both classes.

        Args:
            X: Texts, (num_texts,); one without words gets what the model makes of nothing.

        Returns:
            float64 (num_texts, 2), in the order of `classes_`.

        Raises:
            NotFittedError: The model was not fitted.
            TypeError: X is not a sequence of texts.
        """
        positive = self._head().predict(self._features(X)).astype(np.float64)
        return np.stack([1 - positive, positive], axis=1)

    def predict(self, X: Texts) -> npt.NDArray[Any]:
        """The likelier class of each text, (num_texts,); raises what `predict_proba` does."""
        is_positive = (self.predict_proba(X)[:, 1] > 0.5).astype(np.intp)
        labels: npt.NDArray[Any] = self.classes_[is_positive]
        return labels

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        assert tags.classifier_tags is not None
        tags.classifier_tags.multi_class = False
        return tags

    def _config(self, *, train_size: int) -> ExperimentConfig:
        if self.arm not in ARMS:
            raise ValueError(f"There is no arm {self.arm!r}; choose one of {', '.join(ARMS)}.")
        if self.layer_mix == "learned":
            raise ValueError('Layers are mixed here by "mean", "0", "1" or "2"; a run can learn the mix.')
        values = {
            "train_size": train_size,
            "num_trials": 1,
            "max_tokens": self.max_tokens,
            "static": self.static,
            "elmo": self.elmo,
            "layer_mix": self.layer_mix,
            "seed": self.random_state,
            "allow_low_coverage": self.allow_low_coverage,
            "arms": (self.arm,),
            "head": self.head or HeadConfig(),
        }
        try:
            return parse_config(values, called=lambda field: "random_state" if field == "seed" else field)
        except UserError as error:
            raise ValueError(str(error)) from error

    def _head(self) -> Head:
        check_is_fitted(self)
        from core.classifier.model import Head  # noqa: PLC0415 - imports TensorFlow

        return Head.from_arrays(self.head_, pooling=(self.head or HeadConfig()).pooling)

    def _features(self, X: Texts) -> list[HalfArray]:
        check_is_fitted(self)
        return self._embed(as_texts(X), self._config(train_size=MIN_TRAIN_SIZE), is_training=False)

    def _embed(self, texts: Sequence[str], config: ExperimentConfig, *, is_training: bool) -> list[HalfArray]:
        """The arm's vectors side by side, float16 (T_i, dim) of each text, as a worker of a run makes them."""
        _compute_with_one_thread()
        settings = Settings()
        tokens = [token_texts(plain_text(text), config.max_tokens) for text in texts]
        embedders = load_embedders(config, settings)
        if is_training:
            static: StaticEmbedder = embedders["static"]  # type: ignore[assignment]
            num_known = sum(int(static.known(words).sum()) for words in tokens)
            require_coverage(num_known / max(1, sum(map(len, tokens))), config)
        return arm_vectors(ARMS[self.arm], tokens, embedders, settings)


def validating(num_texts: int) -> npt.NDArray[np.bool_]:
    """Which texts validate, bool (num_texts,): every fifth, as in the draw of a run."""
    validates: npt.NDArray[np.bool_] = np.arange(num_texts) % 5 == 4
    return validates


def as_texts(X: Texts) -> list[str]:
    """Texts as a list; raises `TypeError` if they are something else."""
    if isinstance(X, str):
        raise TypeError("X is a single text; give a list of texts.")
    texts = list(X)
    if not all(isinstance(text, str) for text in texts):
        other = next(type(text).__name__ for text in texts if not isinstance(text, str))
        raise TypeError(f"X holds something that is no text ({other}); give a list of texts.")
    return texts


def _compute_with_one_thread() -> None:
    """As in the workers of a run, so that every sum is added up in the same order."""
    import tensorflow as tf  # noqa: PLC0415 - takes seconds

    with suppress(RuntimeError):  # it has computed before
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
