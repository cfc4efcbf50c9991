"""A small example, made as the shipped one is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.engine.engine import Engine
from core.example import EXAMPLE_ID, open_store, write_example
from core.experiment.config import ExperimentConfig
from core.predict.predictor import load_predictor
from core.settings import Settings
from core.store.run_store import RunStore
from tools.make_example import train

TEXT = "a lovely film"


def test_a_small_example_is_made_and_answers_as_the_run_that_it_comes_from(
    engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig, tmp_path: Path
) -> None:
    config = config.model_copy(update={"train_size": 40, "num_trials": 2})
    run, sweep = train(config, [20, 40], engine, store)
    write_example(settings.store_url, run, sweep, tmp_path / "example")
    its_settings = settings.model_copy(update={"example": True, "database_url": f"sqlite:///{tmp_path / 'other.sqlite'}"})
    its_store = open_store(its_settings, tmp_path / "example")

    example = its_store.get_run(EXAMPLE_ID)
    answers = load_predictor(example, its_store, its_settings).predict(TEXT).probs
    expected = load_predictor(run, store, settings).predict(TEXT).probs
    for arm in config.arms:
        np.testing.assert_array_equal(answers[arm], expected[arm])
    assert its_store.trials.accuracies(example).equals(store.trials.accuracies(run))
    assert [its_store.get_run(run_id).config.train_size for run_id in its_store.sweeps.get(EXAMPLE_ID).run_ids] == [20, 40]


def test_no_trial_of_an_example_is_reused(
    engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig, tmp_path: Path
) -> None:
    config = config.model_copy(update={"train_size": 40, "num_trials": 2})
    run, sweep = train(config, [20, 40], engine, store)
    write_example(settings.store_url, run, sweep, tmp_path / "example")
    its_settings = settings.model_copy(update={"example": True, "database_url": f"sqlite:///{tmp_path / 'other.sqlite'}"})
    its_engine = Engine(its_settings, open_store(its_settings, tmp_path / "example"))
    try:
        assert engine.estimate_sweep(config, [20, 40]).num_reused == 8
        assert its_engine.estimate_sweep(config, [20, 40]).num_reused == 0
    finally:
        its_engine.close()
