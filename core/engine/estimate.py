"""How long a run will take, from the speeds of earlier runs on this machine."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.embedders.loading import embedder_names
from core.experiment.config import ExperimentConfig
from core.experiment.events import Pair
from core.store.run import PastRun, measured_reviews_per_s, usual_tokens_read
from core.store.run_store import RunStore

# Speeds of one worker, until there is a run on this machine to measure.
_DEFAULT_TOKENS_PER_S = 5_000.0  # through ELMo
_DEFAULT_EXAMPLE_TOKENS_PER_S = 300_000.0  # token x epoch in training
_DEFAULT_EPOCHS = 15
_REFERENCE_S = 0.0007  # a review in training or testing a bag of words
START_S = 12.0  # workers start, TensorFlow and the vectors load
_SHORTEST_S = 0.1  # anything less is a test


@dataclass(frozen=True)
class SweepEstimate:
    """How long a sweep will take.

    Attributes:
        seconds: With nothing in the cache.
        num_reused: How many (trial, arm) pairs earlier runs have finished, of `num_pairs`.
        num_pairs: Of the whole sweep.
    """

    seconds: float
    num_reused: int
    num_pairs: int


def estimate_s(config: ExperimentConfig, pool_size: int, num_workers: int, store: RunStore) -> float:
    """Seconds that a run takes with an empty cache, at the speeds of earlier runs on this machine.

    Args:
        config: Of the run.
        pool_size: Training reviews that trials are drawn from.
        num_workers: Worker processes.
        store: With past runs, if any.
    """
    return START_S + estimate_sweep_s([(config, config.pairs)], pool_size, num_workers, store.trials.speeds())


def estimate_sweep_s(
    missing: Sequence[tuple[ExperimentConfig, Collection[Pair]]],
    pool_size: int,
    num_workers: int,
    past: Sequence[PastRun],
    *,
    embedded: ExperimentConfig | None = None,
) -> float:
    """Seconds that several runs of different training sizes take one after another, with workers up and an empty cache.

    A smaller size draws some of the reviews of a larger one, so only the reviews of the largest have to be embedded.

    Args:
        missing: The config of each run and the pairs that it still has to train.
        pool_size: Training reviews that trials are drawn from.
        num_workers: Worker processes.
        past: Runs whose speeds are known, the newest first.
        embedded: Config of a run whose reviews do not count, because they are being embedded already.
    """
    configs = [config for config, pairs in missing if pairs]
    if not configs:
        return 0.0
    largest = max(configs, key=lambda config: config.train_size)
    embed_s = 0.0
    if "elmo" in embedder_names(largest.arms):
        num_embedded = _num_reviews(embedded, pool_size) if embedded else 0.0
        num_new = max(0.0, _num_reviews(largest, pool_size) - num_embedded)
        embed_s = num_new / _reviews_per_s(largest, num_workers, past)
    train_s = 0.0
    for config, pairs in missing:
        train_s += sum(num * _pair_s(config, arm, past) for arm, num in Counter(arm for _, arm in pairs).items())
        if config.bag_of_words:
            train_s += len({trial for trial, _ in pairs}) * (config.train_size + config.test_size) * _REFERENCE_S
    return embed_s + train_s / num_workers


def expected_pair_s(config: ExperimentConfig, store: RunStore) -> float:
    """Seconds that training and testing one pair will take, averaged over the arms."""
    past = store.trials.speeds()
    return sum(_pair_s(config, arm, past) for arm in config.arms) / len(config.arms)


def _num_reviews(config: ExperimentConfig, pool_size: int) -> float:
    """Expected number of different reviews: trials draw independently, so some reviews are drawn more than once."""
    share_undrawn = (1 - config.num_labelled / pool_size) ** config.num_trials
    return pool_size * (1 - share_undrawn) + config.test_size


def _reviews_per_s(config: ExperimentConfig, num_workers: int, past: Sequence[PastRun]) -> float:
    """Speed of embedding, measured or guessed."""
    return measured_reviews_per_s(config, past) or num_workers * _DEFAULT_TOKENS_PER_S / usual_tokens_read(config.max_tokens)


def _pair_s(config: ExperimentConfig, arm: str, past: Sequence[PastRun]) -> float:
    """Seconds to train and test one head: a pass over a review costs in proportion to its tokens, a test is one pass.

    The past run with this arm and the most similar size counts, because it also shows when training stops early.
    """
    num_epochs, tokens_per_s = float(_DEFAULT_EPOCHS), _DEFAULT_EXAMPLE_TOKENS_PER_S
    for run in sorted(past, key=lambda run: abs(math.log(run.config.train_size / config.train_size))):
        trials = run.trials[run.trials["arm"] == arm]
        if len(trials):
            num_examples = run.config.train_size * trials["num_epochs"] + run.config.test_size
            fastest = float((num_examples / trials["train_s"].clip(lower=_SHORTEST_S)).max())  # the first also compiles
            num_epochs = float(trials["num_epochs"].mean())
            tokens_per_s = fastest * usual_tokens_read(run.config.max_tokens)
            break
    num_read = config.train_size * min(num_epochs, config.head.epochs) + config.test_size
    return num_read * usual_tokens_read(config.max_tokens) / tokens_per_s
