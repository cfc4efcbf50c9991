"""How long a run will take, from what earlier runs on this machine have read and from their speeds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.data.review_pool import ReviewPool
from core.experiment.config import ExperimentConfig
from core.experiment.draw import draw_trial
from core.experiment.events import Pair
from core.experiment.provenance import Provenance
from core.settings import Settings
from core.store.run import PastRun, measured_reviews_per_s, usual_tokens_read
from core.store.run_store import RunStore

# Of one worker, until there is a run on this machine to measure. Figures of `python -m benchmarks runs` on two cores, of the
# shipped example for epochs.
_DEFAULT_TOKENS_PER_S = 7_500.0  # through ELMo
_DEFAULT_EXAMPLE_TOKENS_PER_S = {"basic": 1_000_000.0, "elmo": 240_000.0} | dict.fromkeys(
    ("elmo-alone", "letters", "shuffled"), 280_000.0
)  # token x epoch in training
_DEFAULT_EPOCHS = {"basic": 36} | dict.fromkeys(("elmo", "elmo-alone", "letters", "shuffled"), 11)
_DEFAULT_REFERENCE_S = 0.0007  # a review in training or testing a bag of words
_DEFAULT_OVERHEAD, _MOST_OVERHEAD = 1.2, 1.6  # all that is done over what is counted here: tokens, reading the cache, waiting
_COMPILE_S = 0.7  # of a pair, most of it before the first step
_SHORTEST_S = 0.1  # anything less is a test
COLD_START_S = 10.0  # workers start, TensorFlow and the vectors load
WARM_START_S = 0.5

_BoolArray = npt.NDArray[np.bool_]
Missing = Sequence[tuple[ExperimentConfig, Collection[Pair]]]  # runs that differ in size, with the pairs that are to be trained


@dataclass(frozen=True)
class SweepEstimate:
    """How long a sweep will take.

    Attributes:
        seconds: From the press of the button.
        num_reused: How many (trial, arm) pairs earlier runs have finished, of `num_pairs`.
        num_pairs: Of the whole sweep.
    """

    seconds: float
    num_reused: int
    num_pairs: int


def estimate_s(missing: Missing, num_new: int, num_workers: int, past: Sequence[PastRun]) -> float:
    """Seconds that runs of different training sizes take one after another, with workers up.

    Args:
        missing: Each run and the pairs that it still has to train.
        num_new: Reviews that ELMo has not read before, as from `num_to_read`.
        num_workers: Worker processes.
        past: Runs whose speeds are known, the newest first.
    """
    configs = [config for config, pairs in missing if pairs]
    if not configs:
        return 0.0
    embed_s = num_new / _reviews_per_s(configs[0], num_workers, past)
    train_s = 0.0
    for config, pairs in missing:
        train_s += sum(num * _pair_s(config, arm, past) for arm, num in Counter(arm for _, arm in pairs).items())
        if config.bag_of_words:
            train_s += len({trial for trial, _ in pairs}) * _reference_s(config, past)
    return (embed_s + train_s / num_workers) * _overhead(configs[0], num_workers, past)


def expected_pair_s(config: ExperimentConfig, store: RunStore) -> float:
    """Seconds that training and testing one pair will take, averaged over the arms."""
    past = store.trials.speeds()
    return sum(_pair_s(config, arm, past) for arm in config.arms) / len(config.arms)


def _reviews_per_s(config: ExperimentConfig, num_workers: int, past: Sequence[PastRun]) -> float:
    """Speed of embedding, measured or guessed."""
    if measured := measured_reviews_per_s(config, past):
        return measured
    return num_workers * _DEFAULT_TOKENS_PER_S / usual_tokens_read(config.max_tokens) / config.num_elmo_passes


def _pair_s(config: ExperimentConfig, arm: str, past: Sequence[PastRun]) -> float:
    """Seconds to train and test one head: a pass over a review costs in proportion to its tokens, a test is one pass."""
    num_epochs = min(_epochs(config, arm, past), config.head.epochs)
    num_read = config.train_size * num_epochs + config.test_size
    return _COMPILE_S + num_read * usual_tokens_read(config.max_tokens) / _example_tokens_per_s(config, arm, past)


def _epochs(config: ExperimentConfig, arm: str, past: Sequence[PastRun]) -> float:
    """After how many epochs training stops: as in the run of the most similar size with the same recipe."""
    for run in _most_similar(config, arm, [run for run in past if run.config.head == config.head]):
        return float(run.trials.loc[run.trials["arm"] == arm, "num_epochs"].mean())
    return _DEFAULT_EPOCHS.get(arm, _DEFAULT_EPOCHS["elmo"])


def _example_tokens_per_s(config: ExperimentConfig, arm: str, past: Sequence[PastRun]) -> float:
    """Tokens that training reads in a second, counting each in every epoch: as in the run of the most similar size."""
    for run in _most_similar(config, arm, past):
        trials = run.trials[run.trials["arm"] == arm]
        num_read = (run.config.train_size * trials["num_epochs"] + run.config.test_size).sum()
        seconds = (trials["train_s"] - _COMPILE_S).clip(lower=_SHORTEST_S).sum()
        return float(num_read / seconds) * usual_tokens_read(run.config.max_tokens)
    return _DEFAULT_EXAMPLE_TOKENS_PER_S.get(arm, _DEFAULT_EXAMPLE_TOKENS_PER_S["elmo"])


def _most_similar(config: ExperimentConfig, arm: str, past: Sequence[PastRun]) -> list[PastRun]:
    """The past runs with an arm, the most similar in size first, among equals the newest."""
    return _by_size(config, [run for run in past if (run.trials["arm"] == arm).any()])


def _by_size(config: ExperimentConfig, past: Sequence[PastRun]) -> list[PastRun]:
    return sorted(past, key=lambda run: abs(math.log(run.config.train_size / config.train_size)))


def _overhead(config: ExperimentConfig, num_workers: int, past: Sequence[PastRun]) -> float:
    """Seconds that a run takes over those of embedding and training: as in the past run of the most similar size."""
    for run in _by_size(config, past):
        embed_s = run.num_computed / run.reviews_per_s if run.reviews_per_s else 0.0
        train_s = run.trials["train_s"].sum() + (run.reference_s or 0.0) * run.trials["trial"].nunique()
        counted_s = embed_s + train_s / num_workers
        if run.busy_s and counted_s > _SHORTEST_S:
            return min(max(run.busy_s / counted_s, 1.0), _MOST_OVERHEAD)
    return _DEFAULT_OVERHEAD


def _reference_s(config: ExperimentConfig, past: Sequence[PastRun]) -> float:
    """Seconds to train and test one bag of words."""
    per_review_s = _DEFAULT_REFERENCE_S
    for run in past:
        if run.reference_s:
            per_review_s = run.reference_s / (run.config.train_size + run.config.test_size)
            break
    return per_review_s * (config.train_size + config.test_size)


def num_to_read(
    missing: Missing,
    pool: ReviewPool,
    past: Sequence[PastRun],
    provenance: Provenance,
    settings: Settings,
    *,
    embedded: ExperimentConfig | None = None,
) -> int:
    """How many reviews ELMo has to read for some runs, because no earlier run has read them.

    Args:
        missing: The runs and the pairs that they still have to train.
        pool: Their reviews.
        past: Earlier runs on this machine.
        provenance: What the names in their configs stand for now.
        settings: Where the cache is.
        embedded: Of a run whose reviews do not count, because they are being read already.
    """
    wanted = np.zeros(len(pool.texts), np.bool_)
    for config, pairs in missing:
        if config.elmo_readers:
            wanted |= _drawn(pool, config, tuple(sorted({trial for trial, _ in pairs})))
    if embedded:
        wanted &= ~_drawn(pool, embedded, tuple(range(embedded.num_trials)))
    began_s = _cache_began_s(settings)
    for run in past:
        if began_s is not None and run.ended_s >= began_s and _shares_vectors(run, missing[0][0], provenance):
            wanted &= ~_drawn(pool, run.config, _trials_read(run))
    return int(wanted.sum())


def _shares_vectors(run: PastRun, config: ExperimentConfig, provenance: Provenance) -> bool:
    """Whether a review of both has the same vectors."""
    names = ("dataset", "elmo", "layer_mix", "max_tokens")
    same_names = all(getattr(run.config, name) == getattr(config, name) for name in names)
    same_names = same_names and set(config.elmo_readers) <= set(run.config.elmo_readers)
    known = (provenance.reviews, provenance.elmo, provenance.reading)
    return same_names and known == (run.provenance.reviews, run.provenance.elmo, run.provenance.reading)


def _trials_read(run: PastRun) -> tuple[int, ...]:
    """The trials whose reviews ELMo has certainly read: those that it has finished."""
    reads = run.trials["arm"].map(run.config.reads_elmo).astype(bool)
    return tuple(sorted(set(run.trials.loc[reads, "trial"].tolist())))


@lru_cache(maxsize=128)
def _drawn(pool: ReviewPool, config: ExperimentConfig, trials: tuple[int, ...]) -> _BoolArray:
    """Whether each review of a pool is in one of the trials, bool (N,)."""
    drawn = np.zeros(len(pool.texts), np.bool_)
    for trial in trials:
        draw = draw_trial(pool, config, trial)
        for part in (draw.train, draw.validation, draw.test):
            drawn[part] = True
    return drawn


def _cache_began_s(settings: Settings) -> float | None:
    """When the cache on this machine was made, in seconds since 1970; None without one or on a cluster, whose caches are its own.

    Nothing is added to its folder or taken from it later: when it is full or damaged, another takes its place.
    """
    if settings.scheduler:
        return None
    try:
        return (settings.data_dir / "cache" / "embeddings.lmdb").stat().st_mtime
    except OSError:
        return None
