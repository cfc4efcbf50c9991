"""What an arm costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from core.analysis import cost
from core.analysis.cost import arm_costs, time_predictions
from core.arrays import FloatArray
from core.experiment.config import ExperimentConfig
from core.experiment.results import TrialResult
from core.store.run import Run
from core.store.run_store import RunStore

DIMS = {"basic": 50, "elmo": 306}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    yield opened
    opened.close()


def head(dim: int) -> dict[str, FloatArray]:
    shapes = {"input/mean": (dim,), "input/scale": (dim,), "conv/kernel": (3, dim, 64), "conv/bias": (64,)}
    shapes |= {"dense/kernel": (64, 250), "dense/bias": (250,), "output/kernel": (250, 1), "output/bias": (1,)}
    return {name: np.ones(shape, np.float32) for name, shape in shapes.items()}


def add_run(store: RunStore, *, reviews_per_s: float | None, num_finished: int = 4, max_tokens: int = 128) -> Run:
    run = store.create_run(ExperimentConfig(train_size=100, num_trials=2, test_size=4, max_tokens=max_tokens))
    pairs = [(trial, arm) for trial in range(2) for arm in run.config.arms]
    for trial, arm in pairs[:num_finished]:
        result = TrialResult(trial, arm, 0.7 + 0.1 * trial, 0.7, 9, 14, 2.0 + trial, np.zeros(4, np.float32), head(DIMS[arm]))
        store.trials.save(run, result)
    store.set_phases(run.id, {}, reviews_per_s)
    store.set_status(run.id, "finished")
    return store.get_run(run.id)


def test_seconds_accuracy_and_sizes_are_those_that_the_run_measured(store: RunStore) -> None:
    basic, elmo = arm_costs(add_run(store, reviews_per_s=50.0), store)
    assert (basic.arm, elmo.arm) == ("basic", "elmo")
    assert elmo.accuracy == pytest.approx(0.75)
    assert (elmo.train_s, elmo.embed_s, elmo.total_s) == (2.5, 2.0, 4.5)
    assert (basic.embed_s, basic.total_s) == (0.0, 2.5)
    assert (basic.dim, basic.word_bytes) == (50, 100)
    assert (elmo.dim, elmo.word_bytes) == (306, 612)
    assert elmo.num_weights == sum(weights.size for weights in head(306).values())
    assert elmo.head_bytes == sum(weights.nbytes for weights in head(306).values())


def test_an_arm_without_a_finished_trial_costs_nothing_yet(store: RunStore) -> None:
    assert [cost.arm for cost in arm_costs(add_run(store, reviews_per_s=50.0, num_finished=1), store)] == ["basic"]


def test_a_run_that_took_all_vectors_from_the_cache_goes_by_the_speed_of_another(store: RunStore) -> None:
    add_run(store, reviews_per_s=50.0, max_tokens=64)
    _, elmo = arm_costs(add_run(store, reviews_per_s=None, max_tokens=128), store)
    assert elmo.embed_s == pytest.approx(4.0)  # twice the tokens, half the speed


def test_without_any_measured_speed_the_seconds_to_read_are_unknown(store: RunStore) -> None:
    basic, elmo = arm_costs(add_run(store, reviews_per_s=None), store)
    assert (elmo.embed_s, elmo.total_s) == (None, None)
    assert basic.total_s == 2.5


class SlowEmbedder:
    """Takes a known time for each text, on a clock of its own."""

    name = fingerprint = "slow"
    dim = 50

    def __init__(self, seconds: Sequence[float]) -> None:
        self._seconds = iter(seconds)
        self._now_s = 0.0

    def perf_counter(self) -> float:
        return self._now_s

    def embed(self, sentences: Sequence[Sequence[str]]) -> list[FloatArray]:
        self._now_s += next(self._seconds)
        return [np.ones((len(words), self.dim), np.float32) for words in sentences]


def test_the_time_of_a_prediction_counts_the_vectors_and_leaves_warming_up_out(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [9.0, 8.0, 0.1, 0.4, 0.2, 0.3]  # the first two warm up
    embedder = SlowEmbedder(seconds)
    monkeypatch.setattr(cost, "time", embedder)
    texts = [f"Film number {i} was fun." for i in range(6)]
    (taken,) = time_predictions(ExperimentConfig(), {"basic": head(50)}, {"static": embedder}, texts)
    assert taken.num_texts == 4
    assert taken.median_s == pytest.approx(0.25)
    assert taken.slow_s == pytest.approx(np.quantile(seconds[2:], 0.95))


def test_too_few_texts_to_time_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 3"):
        time_predictions(ExperimentConfig(), {}, {}, ["one", "two"])
