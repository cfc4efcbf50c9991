"""What runs on the workers: embedding a chunk of reviews, training one (trial, arm) pair."""

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
from core.embedders.loading import load_embedders
from core.embedders.static import StaticEmbedder
from core.experiment.config import ARMS, ExperimentConfig
from core.experiment.results import Examples, TrialResult
from core.settings import Settings
from core.tokens import token_texts

Part = Literal["train", "validation", "test"]

_SLICE_LEN = 32  # reviews between two looks at the cancel signal: well under a second of ELMo
_ASK_EVERY_S = 0.25


@dataclass(frozen=True)
class Attempt:
    """One attempt at a run, as every task of it knows it.

    Attributes:
        token: Topic of its reports and name of its cancel signal.
        config: Of the run.
        settings: Of the program that drives the run; None on a foreign cluster, whose workers have their own.
    """

    token: str
    config: ExperimentConfig
    settings: Settings | None

    @property
    def settings_here(self) -> Settings:
        """The settings of the machine that asks."""
        return self.settings or Settings()


@dataclass(frozen=True, eq=False)
class Chunk:
    """Reviews that are ready for training.

    Attributes:
        tokens: Of each review.
        vectors: By embedder, float16 (T_i, dim) of each review, where the cache of the machine that trains may not have them.
    """

    tokens: list[list[str]]
    vectors: dict[str, list[HalfArray]]


@dataclass(frozen=True, eq=False)
class Places:
    """Where to find the reviews of one part of a draw.

    Attributes:
        chunks: Position of each review's chunk among those that a task is given, int64 (num_reviews,).
        rows: Position of each review in its chunk, int64 (num_reviews,).
        labels: 0 or 1, int8 (num_reviews,).
    """

    chunks: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int8]


class CancelSignal:
    """Whether an attempt was cancelled. Asks the scheduler a few times a second at most, so it may be called for every batch."""

    def __init__(self, token: str) -> None:
        self._event = DaskEvent(token)
        self._asked_s = 0.0
        self._is_set = False

    def __call__(self) -> bool:
        """Whether to stop."""
        now = time.monotonic()
        if not self._is_set and now - self._asked_s > _ASK_EVERY_S:
            self._is_set = bool(self._event.is_set())
            self._asked_s = now
        return self._is_set


def warm_up(config: ExperimentConfig, settings: Settings | None) -> None:
    """Load what every run needs, so that the first does not wait for it."""
    import core.classifier.trial  # noqa: F401, PLC0415 - imports TensorFlow

    load_embedders(config, settings or Settings())


def embed_chunk(attempt: Attempt, index: int, texts: Sequence[str]) -> Chunk:
    """Tokenise reviews and see to it that their vectors are in the cache of this machine.

    Reports {"kind": "chunk", "chunk", "done", "reused", "computed", "compute_s"}, counted since the chunk began, with
    "num_tokens" of the whole chunk and how many of them are "num_known" to the static vectors. Ends early, without the rest of
    the vectors, once the attempt is cancelled.
    """
    is_cancelled = CancelSignal(attempt.token)
    # A word that occurs twice is one object, here and, as pickle knows it again, wherever the chunk is sent.
    tokens = [[sys.intern(word) for word in token_texts(text, attempt.config.max_tokens)] for text in texts]
    embedders = _cached_embedders(attempt)
    missing = sorted(
        {row for embedder in embedders.values() for row in embedder.missing(tokens)}, key=lambda row: len(tokens[row])
    )
    computed: dict[str, dict[int, HalfArray]] = {name: {} for name in embedders}
    num_reused, num_computed, compute_s = len(tokens) - len(missing), 0, 0.0

    words_known = {"num_tokens": sum(map(len, tokens)), "num_known": _num_known(attempt, tokens)}

    def report() -> None:
        counts = {
            **words_known,
            "done": num_reused + num_computed,
            "reused": num_reused,
            "computed": num_computed,
            "compute_s": compute_s,
        }
        get_worker().log_event(attempt.token, {"kind": "chunk", "chunk": index, **counts})

    report()
    for start in range(0, len(missing), _SLICE_LEN):  # reviews of like length together: little padding
        if is_cancelled():
            return Chunk(tokens, {})
        began_s = time.perf_counter()
        rows = missing[start : start + _SLICE_LEN]
        for name, embedder in embedders.items():
            computed[name].update(zip(rows, embedder.embed_half([tokens[row] for row in rows]), strict=True))
        num_computed += len(rows)
        compute_s += time.perf_counter() - began_s
        report()
    vectors: dict[str, list[HalfArray]] = {}
    for name, embedder in embedders.items():
        if attempt.settings is None or embedder.missing(tokens):  # a foreign machine, or the cache could not store them
            known = computed[name]
            vectors[name] = [known[row] if row in known else embedder.embed_half([tokens[row]])[0] for row in range(len(tokens))]
    return Chunk(tokens, vectors)


def train_pair(
    attempt: Attempt, trial: int, arm: str, places: Mapping[Part, Places], chunks: Sequence[Chunk]
) -> TrialResult | None:
    """Train and test one arm in one trial; None once the attempt is cancelled.

    Reports {"kind": "epoch", "epoch": the fields of an `EpochFinished`}.
    """
    from core.classifier.trial import run_trial  # noqa: PLC0415 - imports TensorFlow, which only workers need

    is_cancelled = CancelSignal(attempt.token)
    examples: dict[Part, Examples] = {}
    for part, where in places.items():
        features = _load_features(attempt, arm, where, chunks, is_cancelled)
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
        mix_dim=_mix_dim(attempt, arm),
        should_stop=is_cancelled,
    ):
        if isinstance(event, TrialResult):
            return event
        get_worker().log_event(attempt.token, {"kind": "epoch", "epoch": asdict(event)})
    return None


def _load_features(
    attempt: Attempt, arm: str, places: Places, chunks: Sequence[Chunk], is_cancelled: CancelSignal
) -> list[HalfArray]:
    """Vectors of an arm's embedders side by side, float16 (T_i, dim) of each review; of no use once cancelled.

    They are views of one array, so that twenty thousand reviews leave no holes in the memory.
    """
    embedders = {**_loaded(attempt), **_cached_embedders(attempt)}
    ends = np.cumsum([len(chunks[chunk].tokens[row]) for chunk, row in zip(places.chunks, places.rows, strict=True)])
    edges = np.cumsum([0, *(embedders[name].dim for name in ARMS[arm])])
    vectors = np.empty((ends[-1], edges[-1]), np.float16)
    features = np.split(vectors, ends[:-1])
    for start in range(0, len(features), _SLICE_LEN):
        if is_cancelled():
            break
        part = slice(start, start + _SLICE_LEN)
        here = [(chunks[chunk], row) for chunk, row in zip(places.chunks[part], places.rows[part], strict=True)]
        for name, (left, right) in zip(ARMS[arm], pairwise(edges), strict=True):
            embedder = embedders[name]
            rest = [chunk.tokens[row] for chunk, row in here if name not in chunk.vectors]
            loaded = iter(embedder.embed_half(rest) if isinstance(embedder, CachedEmbedder) else embedder.embed(rest))
            for feature, (chunk, row) in zip(features[part], here, strict=True):
                feature[:, left:right] = chunk.vectors[name][row] if name in chunk.vectors else next(loaded)
    return features


def _num_known(attempt: Attempt, tokens: Sequence[Sequence[str]]) -> int:
    """Tokens that have a static vector; arms that read none are told of them, too."""
    static = cast("StaticEmbedder", _loaded(attempt)["static"])
    return sum(int(static.known(review).sum()) for review in tokens)


def _loaded(attempt: Attempt) -> dict[str, Embedder]:
    return load_embedders(attempt.config, attempt.settings_here)


def _cached_embedders(attempt: Attempt) -> dict[str, CachedEmbedder]:
    """Those whose vectors are worth keeping: looking a word up costs less than reading its vector from the cache."""
    cache = open_cache(attempt.settings_here)
    return {name: CachedEmbedder(embedder, cache) for name, embedder in _loaded(attempt).items() if name != "static"}


def _mix_dim(attempt: Attempt, arm: str) -> int:
    """Width of one ELMo layer where the head learns to mix all three, else 0."""
    if attempt.config.layer_mix != "learned" or "elmo" not in ARMS[arm]:
        return 0
    return _loaded(attempt)["elmo"].dim // 3
