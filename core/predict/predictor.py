"""Live predictions by the heads of a run, without TensorFlow unless an embedder needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from core.arrays import FloatArray, HalfArray
from core.classifier.numpy_model import NumpyHeads
from core.embedders.base import Embedder
from core.embedders.loading import load_embedders, loaded_provenance, with_batch_size
from core.errors import UserError
from core.example import EXAMPLE_ID
from core.experiment.arms import kind_of
from core.experiment.config import ExperimentConfig
from core.experiment.provenance import Provenance
from core.predict.priority_thread import PriorityThread
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from core.tokens import Token, tokenise

# Lower bounds of probabilities and how they are described; mirrored below 0.5.
PROB_DESCRIPTIONS = ((0.95, "very "), (0.75, ""), (0.6, "slightly "))

CANNOT_READ = "cannot read this"  # instead of a description, where a model knows no word of a text

_MANY, _STEP = 64, 8  # for many texts: rows per call of ELMo, and the step to which rows and tokens are filled up
_WARM_UP_STEP = 16  # ELMo pads texts to multiples of this
_WARM_UP_TOKENS = 64
_WARM_UP_TEXTS = 32  # a large ELMo takes seconds for more


def describe_prob(prob: float) -> str:
    """A probability in plain words, from "very negative" over "undecided" to "very positive"."""
    side, strength = ("positive", prob) if prob >= 0.5 else ("negative", 1 - prob)
    for threshold, degree in PROB_DESCRIPTIONS:
        if strength >= threshold:
            return degree + side
    return "undecided"


@dataclass(frozen=True, eq=False)
class Prediction:
    """What every head predicts for one text.

    Attributes:
        tokens: The tokens that were read, with their spans in the text.
        known: For each token, whether it has a static vector.
        logits: By arm, float32 (num_heads,): log-odds of "positive" from the head of each trial; without the arms in `unread`.
        unread: Arms that know no word of the text, so that their answer would be about nothing.
        num_cut: Tokens beyond the config's `max_tokens`, which were ignored.
    """

    tokens: list[Token]
    known: list[bool]
    logits: dict[str, FloatArray]
    num_cut: int
    unread: tuple[str, ...] = ()

    @cached_property
    def probs(self) -> dict[str, FloatArray]:
        """By arm, float32 (num_heads,): probability of "positive" from the head of each trial."""
        return {arm: to_probs(values) for arm, values in self.logits.items()}


class Predictor:
    """Predicts with every head of a run. Safe to call from several threads at once.

    Args:
        config: Config of the run.
        heads: By arm, the weights of one head per trial, see `TrialResult.head`.
        embedders: "static", and "elmo" if an arm of `heads` uses it; for one text at a time.
        many: The same for many texts at once, if others are faster then; their vectors may differ within rounding.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        heads: Mapping[str, Sequence[Mapping[str, FloatArray]]],
        embedders: Mapping[str, Embedder],
        many: Mapping[str, Embedder] | None = None,
    ) -> None:
        self._config = config
        self._heads = {arm: NumpyHeads(stacked, pooling=config.head.pooling) for arm, stacked in heads.items() if stacked}
        needed = {"static", *(part for arm in self._heads for part in config.reads(arm))}
        self._embedders = {part: embedders[part] for part in sorted(needed)}
        self._many = {part: (many or embedders)[part] for part in sorted(needed)}
        # oneDNN prepares its kernels once per thread, which takes ELMo some 40 ms, and every rerun of a page is a new thread.
        self._thread = PriorityThread("embedding")

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms that have heads."""
        return tuple(self._heads)

    def predict(self, text: str) -> Prediction:
        """Predicts one text.

        Raises:
            UserError: The text has no words.
        """
        tokens = tokenise(text)
        if not tokens:
            raise UserError("The text is empty; type at least one word.", code="text-empty")
        [prediction] = self._predictions([tokens], self._embedders, urgent=True)
        return prediction

    def predict_texts(self, texts: Sequence[str]) -> list[Prediction]:
        """Predicts many texts at once, much faster than one by one; no arm can read a text without words."""
        return self._predictions([tokenise(text) for text in texts], self._many, urgent=False)

    def predict_many(self, sentences: Sequence[Sequence[str]]) -> dict[str, FloatArray]:
        """Predicts many texts at once, much faster than one by one.

        Args:
            sentences: As in `logits_of_many`.

        Returns:
            By arm, float32 (num_heads, num_texts): probability of "positive".
        """
        return {arm: to_probs(values) for arm, values in self.logits_of_many(sentences).items()}

    def logits_of_many(self, sentences: Sequence[Sequence[str]]) -> dict[str, FloatArray]:
        """The same as log-odds, which tell apart what two sure answers have in common: a probability near 1.

        Args:
            sentences: Tokens of each text; those beyond the config's `max_tokens` are ignored. For a text without tokens, the
                heads have only their biases.

        Returns:
            By arm, float32 (num_heads, num_texts): log-odds of "positive".
        """
        words = [list(words[: self._config.max_tokens]) for words in sentences]
        return self._logits(self._embed(self._many, words, urgent=False))

    def vectors(self, words: Sequence[str]) -> dict[str, HalfArray]:
        """What the heads read of one text: the very vectors from which `predict` starts.

        Args:
            words: Tokens of the text; those beyond the config's `max_tokens` are ignored.

        Returns:
            By embedder, float16 (num_tokens, dim).
        """
        embedded = self._embed(self._embedders, [words[: self._config.max_tokens]], urgent=True)
        return {part: rows for part, [rows] in embedded.items()}

    def logits_of_vectors(self, vectors: Mapping[str, HalfArray]) -> dict[str, FloatArray]:
        """What the heads make of one text whose words are already vectors; of the arms all of whose vectors are there.

        Args:
            vectors: As `vectors` gives them, of any origin.

        Returns:
            By arm, float32 (num_heads,): log-odds of "positive"; of the vectors of a text, those of `predict` to the last digit.
        """
        logits = self._logits({part: [rows] for part, rows in vectors.items()})
        return {arm: values[:, 0] for arm, values in logits.items()}

    def detections(self, vectors: Mapping[str, HalfArray]) -> dict[str, FloatArray]:
        """What the filters of the heads find around each word of one text, in the arms that read words.

        Args:
            vectors: As `vectors` gives them, of at least one word.

        Returns:
            By arm, float32 (num_heads, num_tokens, 64).
        """
        return {
            arm: heads.detections(np.concatenate([vectors[part] for part in self._config.reads(arm)], axis=1))
            for arm, heads in self._heads.items()
            if not self._config.reads_texts(arm)
        }

    def warm_up(self) -> None:
        """Predicts texts of all usual lengths, so that nobody waits for work that is done once per length."""
        for num_tokens in range(_WARM_UP_STEP, min(_WARM_UP_TOKENS, self._config.max_tokens) + 1, _WARM_UP_STEP):
            self.predict("film " * num_tokens)
        for num_texts in range(_STEP, _WARM_UP_TEXTS + 1, _STEP):  # as when each word of a text is left out once
            self.predict_many([["film"] * num_texts] * num_texts)

    def _predictions(
        self, texts: Sequence[Sequence[Token]], embedders: Mapping[str, Embedder], *, urgent: bool
    ) -> list[Prediction]:
        """What all heads predict for each text, given as all its tokens."""
        read = [list(tokens[: self._config.max_tokens]) for tokens in texts]
        vectors = self._embed(embedders, [[token.text for token in tokens] for tokens in read], urgent=urgent)
        logits = self._logits(vectors)
        predictions = []
        for position, (all_tokens, tokens) in enumerate(zip(texts, read, strict=True)):
            known = _known(vectors["static"][position]).tolist()
            unread = tuple(arm for arm in self._heads if not self._can_read(arm, tokens, vectors, position))
            its_own = {arm: values[:, position] for arm, values in logits.items() if arm not in unread}
            num_cut = len(all_tokens) - len(tokens)
            predictions.append(Prediction(tokens=tokens, known=known, logits=its_own, num_cut=num_cut, unread=unread))
        return predictions

    def _can_read(self, arm: str, tokens: Sequence[Token], vectors: Mapping[str, Sequence[HalfArray]], position: int) -> bool:
        """Whether an arm knows a word of a text; of a text without words, such as "!!!", whether static vectors know a sign.

        ELMo and modules read any word, but emoji say nothing to them.
        """
        are_words = np.array([any(character.isalnum() for character in token.text) for token in tokens], np.bool_)
        reads = self._config.reads(arm)
        are_static = all(kind_of(part) == "static" for part in reads)
        known = [_known(vectors[part][position]) for part in (reads if are_static else ("static",))]
        if not are_words.any():
            return bool(np.any(known))
        return not are_static or bool((np.any(known, axis=0) & are_words).any())

    def _embed(
        self, embedders: Mapping[str, Embedder], sentences: Sequence[Sequence[str]], *, urgent: bool
    ) -> dict[str, list[HalfArray]]:
        """Vectors of each text by embedder, rounded to float16 as in the embedding cache: heads see what they were trained on.

        Single texts are urgent: in a class, one student's prediction does not wait for the occlusion of everybody else's text.
        """

        def embed() -> dict[str, list[HalfArray]]:
            return {
                part: [vectors.astype(np.float16) for vectors in embedder.embed(sentences)]
                for part, embedder in embedders.items()
            }

        return self._thread.run(embed, urgent=urgent)

    def _logits(self, vectors: Mapping[str, Sequence[HalfArray]]) -> dict[str, FloatArray]:
        """By arm, float32 (num_heads, num_texts)."""
        logits = {}
        for arm, heads in self._heads.items():
            read = self._config.reads(arm)
            if not set(read) <= set(vectors):
                continue
            parts = [vectors[part] for part in read]
            inputs = [np.concatenate(row, axis=1).astype(np.float32) for row in zip(*parts, strict=True)]  # each (T_i, dim)
            logits[arm] = heads.logits(inputs)
        return logits


def to_probs(logits: FloatArray) -> FloatArray:
    """Probabilities of log-odds, float32 of the same shape."""
    return np.asarray(expit(logits), np.float32)


def _known(vectors: HalfArray) -> npt.NDArray[np.bool_]:
    """Which words static vectors, (T, dim), know, bool (T,): an unknown word has the zero vector."""
    known: npt.NDArray[np.bool_] = (vectors != 0).any(axis=1)
    return known


def load_predictor(run: Run, store: RunStore, settings: Settings) -> Predictor:
    """Loads the heads of a run and the embedders they need.

    Raises:
        UserError: No trial of the run is finished, its heads are damaged, its vectors have changed or cannot be loaded.
    """
    heads = trained_heads(run, store)
    try:
        return build_predictor(run.config, heads, settings, run.require_predictable)
    except ValueError as error:
        raise UserError(
            f"The heads of the run {run.id} are damaged ({error}); restore the store from a copy, or delete this run and train "
            "it again.",
            code="heads-damaged",
        ) from error


def trained_heads(run: Run, store: RunStore) -> dict[str, list[dict[str, FloatArray]]]:
    """Weights of the head of every finished trial, by arm.

    Raises:
        UserError: No trial of the run is finished, or its heads are damaged.
    """
    heads = store.trials.heads(run)
    if run.is_example and not any(heads.values()):
        raise UserError(
            f"The models of {run.name} are not shipped; choose the run {EXAMPLE_ID}, or train one of your own.",
            code="no-trained-heads",
        )
    if not any(heads.values()):
        raise UserError(
            f"The run {run.id} has no trained heads yet; wait for its first trial or resume it.", code="no-trained-heads"
        )
    return heads


def build_predictor(
    config: ExperimentConfig,
    heads: Mapping[str, Sequence[Mapping[str, FloatArray]]],
    settings: Settings,
    check: Callable[[Provenance], None],
) -> Predictor:
    """A predictor with the embedders that a config names.

    Args:
        config: Of the run that trained the heads.
        heads: As for `Predictor`.
        settings: Where the data folder is.
        check: Raises if the vectors, once they are loaded, are not those that the heads were trained on.

    Raises:
        UserError: The vectors cannot be loaded, or `check` refuses them.
        ValueError: Weights are missing or have other shapes.
    """
    embedders = load_embedders(config, settings, batch_size=1)
    check(loaded_provenance(embedders))
    predictor = Predictor(config, heads, embedders, many=with_batch_size(embedders, _MANY, step=_STEP))
    for arm in predictor.arms:
        dim = sum(embedders[part].dim for part in config.reads(arm))
        if wrong := next((len(head["input/mean"]) for head in heads[arm] if len(head["input/mean"]) != dim), None):
            raise ValueError(f"they read vectors of {wrong} numbers instead of {dim}")
    return predictor
