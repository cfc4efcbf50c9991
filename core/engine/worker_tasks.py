"""The tasks that workers run: embed a chunk of reviews, train one (trial, arm) pair."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
from distributed import Event as DaskEvent
from distributed import get_worker

from core.arrays import HalfArray
from core.embedders.base import Embedder
from core.embedders.cache import CachedEmbedder, open_cache
from core.embedders.loading import ELMO_BATCH_SIZE, load_embedder, load_embedders, loaded_provenance
from core.embedders.static import StaticEmbedder
from core.experiment.arms import is_of_texts
from core.experiment.config import ExperimentConfig
from core.experiment.coverage import require_coverage
from core.experiment.provenance import Provenance, require_same
from core.experiment.results import Examples, ReferenceResult, TrialResult
from core.settings import Settings
from core.tokens import token_texts

Part = Literal["train", "validation", "test"]

_SLICE_LEN = ELMO_BATCH_SIZE  # reviews between two checks for a cancel: less than a second of ELMo
_CANCEL_POLL_S = 0.25


@dataclass(frozen=True)
class Attempt:
    """One attempt at a run: what all its tasks have in common.

    Attributes:
        token: Topic of its reports and name of its cancel signal.
        config: Of the run.
        settings: Of the program that drives the run; None on a cluster elsewhere, whose workers have their own.
    """

    token: str
    config: ExperimentConfig
    settings: Settings | None

    @property
    def local_settings(self) -> Settings:
        """The settings of this machine."""
        return self.settings or Settings()


@dataclass(frozen=True, eq=False)
class Chunk:
    """Reviews ready for training.

    Attributes:
        tokens: Of each review.
        vectors: By embedder, float16 (T_i, dim) of each review; only those that the cache of the training machine may not have.
        num_known: How many of all tokens have a static vector.
    """

    tokens: list[list[str]]
    vectors: dict[str, list[HalfArray]]
    provenance: Provenance
    num_known: int


@dataclass(frozen=True, eq=False)
class ReviewLocations:
    """Where the reviews of one part of a draw are.

    Attributes:
        chunks: Position of each review's chunk among those that the task receives, int64 (num_reviews,).
        rows: Position of each review in its chunk, int64 (num_reviews,).
        labels: 0 or 1, int8 (num_reviews,).
    """

    chunks: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int8]


@dataclass(frozen=True)
class WordCount:
    """How many tokens some reviews have, and how many of them have a static vector."""

    num_tokens: int
    num_known: int


class CancelSignal:
    """Whether an attempt was cancelled; asks the scheduler only a few times a second, so it may be called for every batch."""

    def __init__(self, token: str) -> None:
        self._event = DaskEvent(token)
        self._asked_s = 0.0
        self._is_set = False

    def __call__(self) -> bool:
        """Whether to stop."""
        now = time.monotonic()
        if not self._is_set and now - self._asked_s > _CANCEL_POLL_S:
            self._is_set = bool(self._event.is_set())
            self._asked_s = now
        return self._is_set


def warm_up(config: ExperimentConfig, settings: Settings | None) -> None:
    """Load what every run needs, so that the first run does not wait for it."""
    import core.classifier.trial  # noqa: F401, PLC0415 - imports TensorFlow

    loaded_provenance(load_embedders(config, settings or Settings()))  # notes the code as it is now, when it was loaded


def embed_chunk(attempt: Attempt, index: int, texts: Sequence[str]) -> Chunk:
    """Tokenise reviews and make sure that their vectors are in the cache of this machine.

    Reports {"kind": "chunk", "chunk", "done", "reused", "computed", "compute_s"} since the chunk began, with "num_tokens" of the
    whole chunk, "num_known", how many of them have a static vector, and the "provenance" of the vectors. Ends early, without the
    other vectors, once the attempt is cancelled.
    """
    is_cancelled = CancelSignal(attempt.token)
    # A word that occurs twice is one object, here and, because pickle recognises it, wherever the chunk is sent.
    tokens = [[sys.intern(word) for word in token_texts(text, attempt.config.max_tokens)] for text in texts]
    loaded = _embedders(attempt)
    provenance = loaded_provenance(loaded)
    embedders = _cached(loaded, attempt)
    missing = sorted(
        {row for embedder in embedders.values() for row in embedder.missing(tokens)},
        key=lambda row: len(tokens[row]),
        reverse=True,
    )
    computed: dict[str, dict[int, HalfArray]] = {name: {} for name in embedders}
    num_reused, num_computed, compute_s = len(tokens) - len(missing), 0, 0.0

    num_known = _num_known(loaded, tokens)
    words_known = {"num_tokens": sum(map(len, tokens)), "num_known": num_known}

    def report() -> None:
        counts = {
            **words_known,
            "done": num_reused + num_computed,
            "reused": num_reused,
            "computed": num_computed,
            "compute_s": compute_s,
        }
        get_worker().log_event(attempt.token, {"kind": "chunk", "chunk": index, "provenance": provenance.model_dump(), **counts})

    report()
    for start in range(0, len(missing), _SLICE_LEN):  # similar lengths together; what does not fill a batch is short
        if is_cancelled():
            return Chunk(tokens, {}, provenance, num_known)
        began_s = time.perf_counter()
        rows = missing[start : start + _SLICE_LEN]
        for name, embedder in embedders.items():
            computed[name].update(zip(rows, embedder.embed_half([tokens[row] for row in rows]), strict=True))
        num_computed += len(rows)
        compute_s += time.perf_counter() - began_s
        report()
    vectors: dict[str, list[HalfArray]] = {}
    for name, embedder in embedders.items():
        if attempt.settings is None or embedder.missing(tokens):  # another machine, or the cache could not store them
            known = computed[name]
            vectors[name] = [known[row] if row in known else embedder.embed_half([tokens[row]])[0] for row in range(len(tokens))]
    return Chunk(tokens, vectors, provenance, num_known)


def count_words(attempt: Attempt, texts: Sequence[str]) -> WordCount:
    """Look up the tokens of reviews that an earlier attempt has embedded and whose pairs are finished."""
    tokens = [token_texts(text, attempt.config.max_tokens) for text in texts]
    static = load_embedder("static", attempt.config, attempt.local_settings)
    return WordCount(sum(map(len, tokens)), _num_known({"static": static}, tokens))


def train_pair(
    attempt: Attempt, trial: int, arm: str, locations: Mapping[Part, ReviewLocations], chunks: Sequence[Chunk]
) -> TrialResult | None:
    """Train and test one arm in one trial; None once the attempt is cancelled.

    Reports {"kind": "epoch", "epoch": the fields of an `EpochFinished`}.

    Raises:
        UserError: The static vectors know almost no word of the chunks, or the vectors changed since these were embedded.
    """
    from core.classifier.trial import run_trial  # noqa: PLC0415 - imports TensorFlow, which only workers need

    is_cancelled = CancelSignal(attempt.token)
    loaded = _embedders(attempt)
    for chunk in chunks:
        require_same(chunk.provenance, loaded_provenance(loaded))
    num_tokens = sum(len(tokens) for chunk in chunks for tokens in chunk.tokens)
    require_coverage(sum(chunk.num_known for chunk in chunks) / max(1, num_tokens), attempt.config)
    embedders = {**loaded, **_cached(loaded, attempt)}
    examples: dict[Part, Examples] = {}
    for part, where in locations.items():
        features = _load_features(embedders, attempt.config.reads(arm), where, chunks, is_cancelled)
        if is_cancelled():
            return None
        examples[part] = Examples(features=features, labels=where.labels)
    for event in run_trial(
        config=attempt.config,
        trial=trial,
        arm=arm,
        train=examples["train"],
        validation=examples["validation"],
        test=examples["test"],
        mix_dim=_mix_dim(loaded, attempt.config, arm),
        should_stop=is_cancelled,
    ):
        if isinstance(event, TrialResult):
            return event
        get_worker().log_event(attempt.token, {"kind": "epoch", "epoch": asdict(event)})
    return None


def keep_texts(_attempt: Attempt, texts: Sequence[str]) -> Sequence[str]:
    """Whole reviews, for the tasks that read them."""
    return texts


def train_reference(
    attempt: Attempt, trial: int, locations: Mapping[Part, ReviewLocations], texts: Sequence[Sequence[str]]
) -> ReferenceResult | None:
    """Train and test the bag of words in one trial; None once the attempt is cancelled."""
    from core.classifier.bag_of_words import LabelledTexts, train_bag_of_words  # noqa: PLC0415 - imports scikit-learn

    if CancelSignal(attempt.token)():
        return None
    whole = {
        part: LabelledTexts([texts[i][row] for i, row in zip(where.chunks, where.rows, strict=True)], where.labels)
        for part, where in locations.items()
    }
    return train_bag_of_words(
        trial,
        train=whole["train"],
        validation=whole["validation"],
        test=whole["test"],
        trains_on_validation=attempt.config.validation == "fifth",
    )


def _load_features(
    embedders: Mapping[str, Embedder],
    reads: Sequence[str],
    locations: ReviewLocations,
    chunks: Sequence[Chunk],
    is_cancelled: CancelSignal,
) -> list[HalfArray]:
    """Vectors of an arm's embedders side by side, float16 (T_i, dim) of each review; incomplete once cancelled.

    They are views of one array, so that twenty thousand reviews do not fragment the memory.
    """
    lengths = [len(chunks[chunk].tokens[row]) for chunk, row in zip(locations.chunks, locations.rows, strict=True)]
    ends = np.cumsum(np.minimum(lengths, 1) if any(map(is_of_texts, reads)) else lengths)
    edges = np.cumsum([0, *(embedders[name].dim for name in reads)])
    vectors = np.empty((ends[-1], edges[-1]), np.float16)
    features = np.split(vectors, ends[:-1])
    for start in range(0, len(features), _SLICE_LEN):
        if is_cancelled():
            break
        part = slice(start, start + _SLICE_LEN)
        here = [(chunks[chunk], row) for chunk, row in zip(locations.chunks[part], locations.rows[part], strict=True)]
        for name, (left, right) in zip(reads, pairwise(edges), strict=True):
            embedder = embedders[name]
            rest = [chunk.tokens[row] for chunk, row in here if name not in chunk.vectors]
            loaded = iter(embedder.embed_half(rest) if isinstance(embedder, CachedEmbedder) else embedder.embed(rest))
            for feature, (chunk, row) in zip(features[part], here, strict=True):
                feature[:, left:right] = chunk.vectors[name][row] if name in chunk.vectors else next(loaded)
    return features


def _num_known(embedders: Mapping[str, Embedder], tokens: Sequence[Sequence[str]]) -> int:
    """How many tokens have a static vector; counted even if no arm reads static vectors."""
    static = cast("StaticEmbedder", embedders["static"])
    return sum(int(static.known(review).sum()) for review in tokens)


def _embedders(attempt: Attempt) -> dict[str, Embedder]:
    return load_embedders(attempt.config, attempt.local_settings)


def _cached(embedders: Mapping[str, Embedder], attempt: Attempt) -> dict[str, CachedEmbedder]:
    """All but the static one: looking a word up is cheaper than reading its vector from the cache."""
    cache = open_cache(attempt.local_settings)
    return {
        name: CachedEmbedder(embedder, cache, is_of_texts=is_of_texts(name))
        for name, embedder in embedders.items()
        if not isinstance(embedder, StaticEmbedder)
    }


def _mix_dim(embedders: Mapping[str, Embedder], config: ExperimentConfig, arm: str) -> int:
    """Width of one ELMo layer where the head learns to mix all three, else 0."""
    mixed = [name for name in config.reads(arm) if name in ("elmo", "shuffled")] if config.layer_mix == "learned" else []
    return embedders[mixed[0]].dim // 3 if mixed else 0
