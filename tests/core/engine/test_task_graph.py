"""In which order reviews are embedded, and what the reports of the workers add up to."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.datasets import load_pool
from core.engine.task_graph import EmbeddingTally, chunks_by_length
from core.engine.worker_tasks import WordCount
from core.experiment.config import ExperimentConfig
from core.experiment.draw import draw_trial
from core.settings import Settings


def report(num_known: int, num_tokens: int) -> dict[str, int | float]:
    return {"chunk": 0, "done": 4, "reused": 4, "computed": 0, "compute_s": 0.0, "num_known": num_known, "num_tokens": num_tokens}


def test_reviews_without_a_single_known_word_have_a_coverage_of_nothing() -> None:
    tally = EmbeddingTally([4])
    assert tally.coverage is None
    tally.add(report(num_known=0, num_tokens=40), 1)
    assert tally.coverage == 0


def test_reviews_of_finished_pairs_count_for_the_coverage_but_not_for_the_embedding() -> None:
    tally = EmbeddingTally([4])
    tally.add(report(num_known=10, num_tokens=40), 1)
    tally.add_words(WordCount(num_tokens=60, num_known=60))
    assert (tally.coverage, tally.num_tokens) == (0.7, 100)
    assert tally.is_complete


@pytest.mark.parametrize("train_size", [50, 500])
def test_chunks_have_every_review_once_and_those_of_the_first_trial_first(train_size: int, settings: Settings) -> None:
    pool = load_pool("imdb", settings)
    config = ExperimentConfig(train_size=train_size, num_trials=3, test_size=200)
    draws = [draw_trial(pool, config, trial) for trial in range(3)]
    chunks = chunks_by_length(pool, draws, chunk_len=128)

    parts = [np.concatenate([draw.train, draw.validation, draw.test]) for draw in draws]
    assert sorted(np.concatenate(chunks).tolist()) == np.unique(np.concatenate(parts)).tolist()
    assert max(map(len, chunks)) <= 128
    num_first = len(parts[0])
    assert set(np.concatenate(chunks)[:num_first].tolist()) == set(parts[0].tolist())


def test_chunks_are_of_similar_length_and_long_and_short_ones_take_turns(settings: Settings) -> None:
    pool = load_pool("imdb", settings)
    draw = draw_trial(pool, ExperimentConfig(train_size=500, num_trials=1, test_size=1000), 0)
    chunks = chunks_by_length(pool, [draw], chunk_len=128)

    lengths = [np.array([len(pool.texts[i]) for i in chunk]) for chunk in chunks]
    padded = sum(len(part) * part.max() for chunk in lengths for part in np.split(chunk, range(32, len(chunk), 32)))
    assert padded < 1.1 * sum(chunk.sum() for chunk in lengths)
    means = [chunk.mean() for chunk in lengths]
    assert means == [value for pair in zip(sorted(means)[::-1], sorted(means), strict=True) for value in pair][: len(means)]
