"""How long runs will take: within a factor 1.5 of what `python -m benchmarks runs` has measured on a quiet machine."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data.review_pool import ReviewPool
from core.engine.engine import Engine
from core.engine.estimate import estimate_s, num_to_read
from core.engine.task_graph import EmbeddingTally
from core.experiment.config import ExperimentConfig
from core.settings import Settings
from core.store.run import PastRun
from core.store.run_store import RunStore
from tests.core.store.stored import NOW

# docs/performance.md, "Whole runs": five trials of 1,000 reviews of 128 tokens on two workers; seconds of embedding and training.
MEASURED = ExperimentConfig(train_size=1000, num_trials=5, test_size=1000, max_tokens=128, bag_of_words=False)
NUM_REVIEWS, COLD_S, WARM_S = 5531, 67.7, 31.1
TRAINED_S = {"basic": 3.6, "elmo": 6.2}  # a head
EPOCHS = {"basic": 34, "elmo": 10}
REVIEWS_PER_S = 151.0
FACTOR = 1.5


def past_run(config: ExperimentConfig = MEASURED, *, slower: float = 1.0) -> PastRun:
    """The measured cold run, or one of another size on the same machine or on a slower one."""
    share = config.train_size / MEASURED.train_size
    trials = pd.DataFrame(config.pairs, columns=["trial", "arm"])
    trials["num_epochs"] = trials["arm"].map(EPOCHS)
    trials["train_s"] = trials["arm"].map(TRAINED_S) * slower * share
    return PastRun(
        config,
        REVIEWS_PER_S / slower,
        trials,
        num_computed=int(NUM_REVIEWS * share),
        busy_s=COLD_S * share * slower,
    )


def seconds(num_to_read: int, *past: PastRun, **options: Any) -> float:
    config = MEASURED.model_copy(update=options)
    return estimate_s([(config, config.pairs)], num_to_read, 2, past)


def is_near(estimate: float, truth: float) -> bool:
    return truth / FACTOR <= estimate <= truth * FACTOR


@pytest.mark.parametrize(("num_to_read", "measured_s"), [(NUM_REVIEWS, COLD_S), (0, WARM_S)])
def test_the_estimate_is_near_what_was_measured(num_to_read: int, measured_s: float) -> None:
    assert is_near(seconds(num_to_read), measured_s)  # before any run
    assert is_near(seconds(num_to_read, past_run()), measured_s)


def test_a_slower_machine_is_known_by_its_first_run() -> None:
    assert is_near(seconds(NUM_REVIEWS, past_run(slower=4)), 4 * COLD_S)
    assert is_near(seconds(0, past_run(slower=4)), 4 * WARM_S)


def test_a_small_run_tells_how_long_a_large_one_takes() -> None:
    small = past_run(MEASURED.model_copy(update={"train_size": 100, "num_trials": 3}), slower=2)
    assert is_near(seconds(NUM_REVIEWS, small), 2 * COLD_S)


def test_the_run_of_the_most_similar_size_counts() -> None:
    odd = past_run(MEASURED.model_copy(update={"train_size": 20}), slower=30)
    assert is_near(seconds(0, odd, past_run()), WARM_S)


def test_few_reviews_that_happened_to_be_missing_tell_no_speed() -> None:
    unlucky = replace(past_run(), num_computed=3, reviews_per_s=0.5)
    assert is_near(seconds(NUM_REVIEWS, unlucky, past_run()), COLD_S)


def test_the_estimate_grows_with_the_work() -> None:
    assert seconds(0, arms=("basic",)) < seconds(0) < seconds(0, bag_of_words=True) < seconds(0, num_trials=10)
    assert estimate_s([(MEASURED, [])], 100, 2, []) == 0


# Which reviews ELMo has to read, after earlier runs

SMALL = ExperimentConfig(dataset="few", train_size=50, num_trials=2, test_size=20)
CACHE_BEGAN_S, LATER_S, EARLIER_S = 1_000_000.0, 1_000_900.0, 999_000.0


@pytest.fixture(scope="module")
def few() -> ReviewPool:
    """400 reviews for training and 100 for testing."""
    texts = tuple(f"film number {i}" for i in range(500))
    ids = tuple(f"{i:016x}" for i in range(500))
    return ReviewPool("few", texts, np.arange(500, dtype=np.int8) % 2, ids, np.arange(400), np.arange(400, 500), 0, 0)


@pytest.fixture
def cached_settings(tmp_path: Path) -> Settings:
    """With a cache."""
    folder = tmp_path / "cache" / "embeddings.lmdb"
    folder.mkdir(parents=True)
    os.utime(folder, (CACHE_BEGAN_S, CACHE_BEGAN_S))
    return Settings(data_dir=tmp_path)


def reading_run(num_pairs: int = 99, **options: Any) -> PastRun:
    """A run that has finished its first pairs."""
    config = SMALL.model_copy(update=options)
    trials = pd.DataFrame(config.pairs[:num_pairs], columns=["trial", "arm"])
    return PastRun(config, 100.0, trials, provenance=NOW, ended_s=LATER_S)


def unread(few: ReviewPool, cached_settings: Settings, *past: PastRun, **options: Any) -> int:
    config = SMALL.model_copy(update=options)
    return num_to_read([(config, config.pairs)], few, past, NOW, cached_settings)


def test_a_first_run_reads_every_review_once(few: ReviewPool, cached_settings: Settings) -> None:
    assert unread(few, cached_settings) == 50 + 50 + 20
    assert unread(few, cached_settings, train_size=400) == 400 + 20  # the trials draw the same ones
    assert unread(few, cached_settings, arms=("basic",)) == 0


def test_what_an_earlier_run_has_read_is_not_read_again(few: ReviewPool, cached_settings: Settings) -> None:
    assert unread(few, cached_settings, reading_run()) == 0
    assert unread(few, cached_settings, reading_run(), train_size=80) == 30 + 30
    assert unread(few, cached_settings, reading_run(), test_size=100) == 80
    assert unread(few, cached_settings, reading_run(), num_trials=3) == 50


def test_only_the_trials_that_a_run_has_finished_count(few: ReviewPool, cached_settings: Settings) -> None:
    assert unread(few, cached_settings, reading_run(num_pairs=2)) == 50
    assert unread(few, cached_settings, reading_run(num_pairs=1)) == 120  # of the basic model, which reads nothing


@pytest.mark.parametrize(
    "other",
    [
        reading_run(max_tokens=128),
        reading_run(layer_mix="mean"),
        reading_run(elmo="/another/module"),
        replace(reading_run(), provenance=NOW.model_copy(update={"reviews": "others"})),
        replace(reading_run(), provenance=NOW.model_copy(update={"elmo": "another"})),
        replace(reading_run(), ended_s=EARLIER_S),  # its vectors were in a cache that is gone
    ],
)
def test_other_vectors_are_of_no_use(few: ReviewPool, cached_settings: Settings, other: PastRun) -> None:
    assert unread(few, cached_settings, other) == 120


def test_without_a_cache_everything_is_read_again(few: ReviewPool, tmp_path: Path) -> None:
    assert unread(few, Settings(data_dir=tmp_path), reading_run()) == 120
    assert unread(few, Settings(data_dir=tmp_path, scheduler="tcp://elsewhere:8786"), reading_run()) == 120


def test_a_learning_curve_reads_the_reviews_of_its_largest_size(few: ReviewPool, cached_settings: Settings) -> None:
    small, large = SMALL, SMALL.model_copy(update={"train_size": 80})
    missing = [(small, small.pairs), (large, large.pairs)]
    assert num_to_read(missing, few, [], NOW, cached_settings) == 80 + 80 + 20
    assert num_to_read(missing, few, [], NOW, cached_settings, embedded=small) == 30 + 30
    assert num_to_read([(small, []), (large, large.pairs[:2])], few, [], NOW, cached_settings) == 80 + 20


@pytest.mark.usefixtures("reference")
def test_reviews_that_a_run_has_read_are_not_counted_again(engine: Engine, config: ExperimentConfig, tmp_path: Path) -> None:
    other = config.model_copy(update={"seed": 77})
    assert engine.estimate(config) < engine.estimate(other)
    slow_store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    slow_run = slow_store.create_run(config)
    slow_store.set_phases(slow_run.id, {}, reviews_per_s=0.1)
    slow_engine = Engine(Settings(data_dir=engine._settings.data_dir, num_workers=2), slow_store)
    assert slow_engine.estimate(config) > 10 * engine.estimate(config)
    slow_engine.close()


def test_a_chunk_that_runs_again_counts_once() -> None:
    tally = EmbeddingTally([10, 10])
    report = {"chunk": 0, "done": 8, "reused": 0, "computed": 8, "compute_s": 2.0}
    tally.add(report, 2)
    tally.add({"chunk": 0, "done": 5, "reused": 5, "computed": 0, "compute_s": 0.0}, 2)

    progress = tally.add({"chunk": 1, "done": 10, "reused": 10, "computed": 0, "compute_s": 0.0}, 2)
    assert (progress.done, progress.total, progress.reused, progress.reviews_per_s) == (18, 20, 10, 8.0)
    assert not tally.is_complete
    tally.add({**report, "done": 10, "computed": 10}, 2)
    assert tally.is_complete
