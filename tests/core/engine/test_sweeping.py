from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.engine.engine import Engine
from core.engine.sweep_progress import SweepProgress
from core.errors import UserError
from core.example import EXAMPLE_ID, open_store, write_example
from core.experiment.config import ExperimentConfig
from core.predict.predictor import load_predictor
from core.settings import Settings
from core.store.run_store import RunStore
from tests.core.engine.runs import SLOW_HEAD, assert_same_results
from tests.core.tiny_runs import wait_until
from tools.make_example import train


def sweep_ended(engine: Engine, sweep_id: str) -> SweepProgress:
    wait_until(lambda: not engine.sweep_progress(sweep_id).is_active)
    return engine.sweep_progress(sweep_id)


def test_a_sweep_trains_a_run_per_size_and_a_second_one_with_one_more_size_reuses_them_all(
    engine: Engine, config: ExperimentConfig
) -> None:
    config = config.model_copy(update={"num_trials": 2, "seed": 20})
    ended = sweep_ended(engine, engine.submit_sweep(config, [40, 20]))
    assert (ended.status, ended.fraction) == ("finished", 1.0)
    assert (ended.num_finished, ended.num_pairs, ended.num_reused) == (8, 8, 0)
    assert [run.config.train_size for run in ended.runs if run] == [20, 40]
    assert engine.estimate_sweep(config, [20, 40]).seconds == 0

    again = sweep_ended(engine, engine.submit_sweep(config, [20, 40, 60]))
    assert (again.status, again.num_finished, again.num_reused) == ("finished", 12, 8)
    assert again.runs[:2] == ended.runs  # not trained again: even the seconds are the same


def test_reused_trials_are_the_same_to_the_last_bit_as_trials_trained_again(
    engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    fewer = store.create_run(config.model_copy(update={"num_trials": 2, "seed": 21}))
    list(engine.run_events(fewer.id))
    alone = store.create_run(config.model_copy(update={"seed": 21}))
    list(engine.run_events(alone.id))
    store.delete(alone.id)

    ended = sweep_ended(engine, engine.submit_sweep(config.model_copy(update={"seed": 21}), [config.train_size, 110]))
    [run, _] = ended.runs
    store.restore(alone.id)

    assert ended.num_reused == 4
    assert run is not None
    assert run.id not in (fewer.id, alone.id)
    assert_same_results(store, run.id, alone.id)


def test_pressing_the_button_twice_starts_one_sweep(engine: Engine, store: RunStore, config: ExperimentConfig) -> None:
    slow = config.model_copy(update={"head": SLOW_HEAD, "seed": 22})
    before = len(store.sweeps.all())

    ids = {engine.submit_sweep(slow, [30, 60]) for _ in range(3)}

    assert len(ids) == 1
    assert len(store.sweeps.all()) == before + 1
    [sweep_id] = ids
    engine.cancel_sweep(sweep_id)
    assert sweep_ended(engine, sweep_id).status == "cancelled"


def test_a_cancelled_sweep_keeps_its_trials_and_is_resumed_from_there(engine: Engine, config: ExperimentConfig) -> None:
    sweep_id = engine.submit_sweep(config.model_copy(update={"seed": 23}), [30, 60])
    wait_until(lambda: engine.sweep_progress(sweep_id).num_finished)
    engine.cancel_sweep(sweep_id)
    cancelled = sweep_ended(engine, sweep_id)
    assert cancelled.status == "cancelled"
    assert 1 <= cancelled.num_finished < 12

    engine.resume_sweep(sweep_id)
    assert engine.sweep_progress(sweep_id).is_active
    ended = sweep_ended(engine, sweep_id)
    assert (ended.status, ended.num_finished) == ("finished", 12)
    assert [run.id for run in ended.runs if run] == [run.id for run in cancelled.runs if run]


def test_a_sweep_that_cannot_start_is_refused_at_once(engine: Engine, store: RunStore, config: ExperimentConfig) -> None:
    before = len(store.list_runs())

    for sizes in ([50], [50, 5000]):
        with pytest.raises(UserError):
            engine.submit_sweep(config, sizes)
    assert len(store.list_runs()) == before


def test_an_unknown_sweep_is_a_user_error(engine: Engine) -> None:
    for use in (engine.cancel_sweep, engine.resume_sweep, engine.sweep_progress):
        with pytest.raises(UserError) as error:
            use("nowhere")
        assert error.value.code == "sweep-missing"


def test_a_small_example_answers_as_the_run_that_it_comes_from_and_none_of_its_trials_is_reused(
    engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig, tmp_path: Path
) -> None:
    config = config.model_copy(update={"train_size": 40, "num_trials": 2, "seed": 22})
    run, sweep = train(config, [20, 40], engine, store)
    write_example(settings.store_url, run, sweep, tmp_path / "example")
    other_store = {"example": True, "database_url": f"sqlite:///{tmp_path / 'other.sqlite'}"}
    its_settings = Settings(**{**settings.model_dump(), **other_store})  # a copy would keep the URL that it has worked out before
    its_store = open_store(its_settings, tmp_path / "example")

    example = its_store.get_run(EXAMPLE_ID)
    text = "a lovely film"
    answers = load_predictor(example, its_store, its_settings).predict(text).probs
    for arm, expected in load_predictor(run, store, settings).predict(text).probs.items():
        np.testing.assert_array_equal(answers[arm], expected)
    assert its_store.trials.accuracies(example).equals(store.trials.accuracies(run))

    assert engine.estimate_sweep(config, [20, 40]).num_reused == 8
    its_engine = Engine(its_settings, its_store)
    assert its_engine.estimate_sweep(config, [20, 40]).num_reused == 0
    its_engine.close()
