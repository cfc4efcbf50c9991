"""How long a run will take, from the speeds of earlier runs on this machine."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core import tasks
from core.experiment import ExperimentConfig
from core.runs import PastRun, RunStore

# One worker, until this machine has a run to measure.
_DEFAULT_REVIEWS_PER_S = 40.0  # of 128 tokens
_DEFAULT_EXAMPLES_PER_S = 2500.0  # review x epoch in training, of 128 tokens
_DEFAULT_EPOCHS = 15
_START_S = 12.0  # workers start, TensorFlow and the vectors load
_SHORTEST_S = 0.1  # anything less is a test


def estimate_s(config: ExperimentConfig, pool_size: int, num_workers: int, store: RunStore) -> float:
    """Seconds of a run with nothing in the cache, at the speeds that the store knows of this machine.

    Args:
        config: Of the run.
        pool_size: Training reviews that trials are drawn from.
        num_workers: Worker processes.
        store: With past runs, or without.
    """
    past = store.speeds()
    embed_s = 0.0
    if "elmo" in tasks.embedder_names(config.arms):
        embed_s = _num_reviews(config, pool_size) / _reviews_per_s(config, num_workers, past)
    train_s = config.num_trials * sum(_pair_s(config, arm, past) for arm in config.arms)
    return _START_S + embed_s + train_s / num_workers


def expected_pair_s(config: ExperimentConfig, store: RunStore) -> float:
    """Seconds that training and testing one pair will take, the mean over the arms."""
    past = store.speeds()
    return sum(_pair_s(config, arm, past) for arm in config.arms) / len(config.arms)


def _num_reviews(config: ExperimentConfig, pool_size: int) -> float:
    """Different reviews that the run needs: trials draw independently, so some are drawn more than once."""
    share_undrawn = (1 - config.num_labelled / pool_size) ** config.num_trials
    return pool_size * (1 - share_undrawn) + config.test_size


def _reviews_per_s(config: ExperimentConfig, num_workers: int, past: Sequence[PastRun]) -> float:
    """Speed of embedding, in inverse proportion to the tokens of a review."""
    for run in past:
        if run.reviews_per_s and run.config.elmo == config.elmo:
            return run.reviews_per_s * run.config.max_tokens / config.max_tokens
    return _DEFAULT_REVIEWS_PER_S * 128 / config.max_tokens * num_workers


def _pair_s(config: ExperimentConfig, arm: str, past: Sequence[PastRun]) -> float:
    """Training and testing of one head: a pass over a review costs in proportion to its tokens, a test is one pass.

    Of the past runs with this arm the one of the most similar size counts, as it also tells when early stopping sets in.
    """
    num_epochs, examples_per_s = float(_DEFAULT_EPOCHS), _DEFAULT_EXAMPLES_PER_S * 128 / config.max_tokens
    for run in sorted(past, key=lambda run: abs(math.log(run.config.train_size / config.train_size))):
        results = run.results[run.results["arm"] == arm]
        if len(results):
            num_examples = run.config.train_size * results["num_epochs"] + run.config.test_size
            fastest = float((num_examples / results["train_s"].clip(lower=_SHORTEST_S)).max())  # the first also compiles
            num_epochs = float(results["num_epochs"].mean())
            examples_per_s = fastest * run.config.max_tokens / config.max_tokens
            break
    return (config.train_size * min(num_epochs, config.head.epochs) + config.test_size) / examples_per_s
