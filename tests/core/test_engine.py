"""Runs on real worker processes, with a real store and a real cache; ELMo is a tiny one with random weights."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
from distributed import Client

from core import cluster, driving
from core.csv_reviews import CsvMapping
from core.datasets import add_csv, load_pool
from core.embedders.static import load_static
from core.engine import Engine
from core.errors import UserError
from core.events import (
    EmbeddingProgress,
    EpochFinished,
    Event,
    PhaseChanged,
    Progress,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    TrialFinished,
)
from core.experiment import ExperimentConfig, HeadConfig, draw_trial
from core.records import Run
from core.reviews import ReviewPool
from core.runs import RunStore
from core.settings import Settings
from core.sweep_progress import SweepProgress
from core.tokens import words
from core.work import EmbeddingTally
from core.workers import start_cluster, stop_cluster
from tests.core.tiny_runs import export_tiny_elmo, reviews_csv, wait_until

SLOW_HEAD = HeadConfig(epochs=1000, patience=1000)


@pytest.fixture(scope="module")
def elmo(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(export_tiny_elmo(tmp_path_factory.mktemp("elmo")))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), num_workers=2)
    add_csv("tiny", reviews_csv(), CsvMapping("text", "label", ("negative",), ("positive",)), settings)
    return settings


@pytest.fixture(scope="module")
def store(settings: Settings) -> Iterator[RunStore]:
    store = RunStore(settings.store_url)
    yield store
    store.close()


@pytest.fixture(scope="module")
def engine(settings: Settings, store: RunStore, foreign_folder: Path) -> Iterator[Engine]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(foreign_folder))  # what workers use that are not given settings
        engine = Engine(settings, store)
        engine.warm()
        yield engine
        engine.close()


@pytest.fixture(scope="module")
def foreign_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("another-machine")


@pytest.fixture
def foreign_engine(engine: Engine, settings: Settings, store: RunStore) -> Iterator[Engine]:
    """An engine that is given the address of a scheduler."""
    address = engine._cluster.connect().scheduler.address
    foreign = Engine(Settings(data_dir=settings.data_dir, scheduler=address), store)
    yield foreign
    foreign.close()


@pytest.fixture(scope="module")
def config(elmo: str) -> ExperimentConfig:
    return ExperimentConfig(
        dataset="tiny", train_size=100, num_trials=3, test_size=60, elmo=elmo, head=HeadConfig(epochs=20, patience=20)
    )


@pytest.fixture(scope="module")
def reference(engine: Engine, store: RunStore, config: ExperimentConfig) -> tuple[str, list[Event]]:
    """A run that nothing disturbed: its id and its events."""
    run = store.create_run(config)
    return run.id, list(engine.run_events(run.id))


def progress_of(engine: Engine, run_id: str) -> Progress:
    progress = engine.progress(run_id)
    assert progress is not None
    return progress


def wait_for_end(engine: Engine, run_id: str) -> Progress:
    wait_until(lambda: progress_of(engine, run_id).outcome != "running")
    return progress_of(engine, run_id)


def wait_for_training(engine: Engine, run_id: str) -> None:
    wait_until(lambda: progress_of(engine, run_id).epochs or progress_of(engine, run_id).outcome != "running")
    assert progress_of(engine, run_id).outcome == "running"


def worker_pids() -> list[int]:
    children = psutil.Process().children(recursive=True)
    return [child.pid for child in children if any("multiprocessing.spawn" in part for part in child.cmdline())]


def assert_same_results(store: RunStore, run_id: str, other_id: str) -> None:
    pd.testing.assert_frame_equal(store.results.accuracies(run_id), store.results.accuracies(other_id), check_exact=True)
    probabilities, others = store.results.probabilities(run_id), store.results.probabilities(other_id)
    assert probabilities.keys() == others.keys()
    for pair, probs in probabilities.items():
        np.testing.assert_array_equal(probs, others[pair])


def test_a_run_tells_its_story_from_start_to_finish(reference: tuple[str, list[Event]], config: ExperimentConfig) -> None:
    run_id, events = reference

    [started] = [event for event in events if isinstance(event, RunStarted)]
    assert (started.run_id, started.num_trials, started.arms, started.num_workers) == (run_id, 3, ("basic", "elmo"), 2)
    assert started.expected_pair_s > 0
    phases = [event.phase for event in events if isinstance(event, PhaseChanged)]
    assert phases == ["starting workers", "loading reviews", "loading vectors", "embedding", "training"]
    embedding = [event for event in events if isinstance(event, EmbeddingProgress)]
    assert embedding[-1].done == embedding[-1].total
    assert [event.done for event in embedding] == sorted(event.done for event in embedding)
    pairs = {(trial, arm) for trial in range(3) for arm in config.arms}
    assert {(event.trial, event.arm) for event in events if isinstance(event, TrialFinished)} == pairs
    assert {(event.trial, event.arm) for event in events if isinstance(event, EpochFinished)} == pairs
    assert isinstance(events[-1], RunFinished)
    assert set(events[-1].phase_s) == set(phases)


def known_share(pool: ReviewPool, run: Run, settings: Settings) -> float:
    """Share of tokens with a static vector, counted review by review."""
    static = load_static(run.config.static, settings)
    draws = [draw_trial(pool, run.config, trial) for trial in range(run.config.num_trials)]
    used = {i for draw in draws for part in (draw.train, draw.validation, draw.test) for i in part.tolist()}
    known = [static.known(words(pool.texts[i], run.config.max_tokens)) for i in used]
    return float(np.concatenate(known).mean())


def test_everything_about_a_finished_run_is_in_the_store(
    reference: tuple[str, list[Event]], store: RunStore, settings: Settings
) -> None:
    run = store.get_run(reference[0])
    pool = load_pool("tiny", settings)
    labels = {pool.ids[i]: pool.labels[i] for i in pool.test}

    assert run.status == "finished"
    assert run.reviews_per_s is not None
    assert run.coverage == pytest.approx(known_share(pool, run, settings))
    accuracies = store.results.accuracies(run.id)
    assert accuracies.shape == (3, 2)
    for (trial, arm), probs in store.results.probabilities(run.id).items():
        is_right = (probs > 0.5) == [labels[review_id] == 1 for review_id in run.test_ids]
        assert np.mean(is_right) == accuracies.loc[trial, arm]
    assert {arm: len(heads) for arm, heads in store.results.heads(run.id).items()} == {"basic": 3, "elmo": 3}


def test_a_warm_cache_computes_nothing_and_gives_the_same_numbers(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    run = store.create_run(config)
    events = list(engine.run_events(run.id))

    last = [event for event in events if isinstance(event, EmbeddingProgress)][-1]
    assert last.reused == last.total
    assert_same_results(store, run.id, reference[0])


def test_a_cold_cache_gives_the_same_numbers_again(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    shutil.rmtree(settings.folder("cache"))
    run = store.create_run(config)
    events = list(engine.run_events(run.id))

    assert [event for event in events if isinstance(event, EmbeddingProgress)][-1].reused == 0
    assert_same_results(store, run.id, reference[0])


def test_a_damaged_cache_does_no_harm(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    [path] = settings.folder("cache").rglob("data.mdb")
    damaged = bytearray(path.read_bytes())
    damaged[8192:] = os.urandom(len(damaged) - 8192)
    path.write_bytes(damaged)
    run = store.create_run(config)

    assert isinstance(list(engine.run_events(run.id))[-1], RunFinished)
    assert_same_results(store, run.id, reference[0])


def test_without_a_cache_vectors_travel_with_the_tasks(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    shutil.rmtree(settings.folder("cache"))
    settings.folder("cache").joinpath("embeddings.lmdb").write_text("in the way")
    run = store.create_run(config)
    events = list(engine.run_events(run.id))
    shutil.rmtree(settings.folder("cache"))

    assert isinstance(events[-1], RunFinished)
    assert_same_results(store, run.id, reference[0])


@pytest.mark.parametrize("layer_mix", ["0", "learned"])
def test_other_layers_make_other_heads(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig, layer_mix: str
) -> None:
    run = store.create_run(config.model_copy(update={"layer_mix": layer_mix, "num_trials": 1}))

    assert isinstance(list(engine.run_events(run.id))[-1], RunFinished)
    mean, other = store.results.probabilities(reference[0]), store.results.probabilities(run.id)
    np.testing.assert_array_equal(other[0, "basic"], mean[0, "basic"])
    assert not np.array_equal(other[0, "elmo"], mean[0, "elmo"])


def test_pressing_the_button_twice_starts_one_run(engine: Engine, store: RunStore, config: ExperimentConfig) -> None:
    slow = config.model_copy(update={"head": SLOW_HEAD, "seed": 1})
    before = len(store.list_runs())

    ids = {engine.submit(slow) for _ in range(3)}

    assert len(ids) == 1
    assert len(store.list_runs()) == before + 1
    [run_id] = ids
    engine.cancel(run_id)
    assert wait_for_end(engine, run_id).outcome == "cancelled"


def test_a_cancel_takes_effect_within_two_seconds_and_a_resumed_run_ends_with_the_same_numbers(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    run_id = engine.submit(config)
    wait_until(lambda: progress_of(engine, run_id).finished)

    engine.cancel(run_id)
    cancel_s = wait_until(lambda: progress_of(engine, run_id).outcome == "cancelled")
    finished = store.results.trials(run_id)
    assert cancel_s < 2
    assert store.get_run(run_id).status == "cancelled"
    assert 1 <= len(finished) < 6

    engine.resume(run_id)
    engine.resume(run_id)  # the button pressed twice
    assert wait_for_end(engine, run_id).outcome == "finished"
    kept = store.results.trials(run_id).merge(finished)
    assert len(kept) == len(finished)  # not trained again: even the seconds are the same
    assert_same_results(store, run_id, reference[0])


def test_workers_stop_training_soon_after_a_cancel(engine: Engine, config: ExperimentConfig) -> None:
    run_id = engine.submit(config.model_copy(update={"head": SLOW_HEAD, "seed": 2}))
    wait_for_training(engine, run_id)
    engine.cancel(run_id)
    wait_for_end(engine, run_id)

    workers = [psutil.Process(pid) for pid in worker_pids()]
    wait_until(lambda: sum(worker.cpu_percent(interval=0.2) for worker in workers) < 30, timeout_s=5)


def test_a_cancel_from_another_process_is_heard_within_two_seconds(
    engine: Engine, settings: Settings, config: ExperimentConfig
) -> None:
    run_id = engine.submit(config.model_copy(update={"head": SLOW_HEAD, "seed": 3}))
    wait_for_training(engine, run_id)

    RunStore(settings.store_url).request_cancel(run_id)
    assert wait_until(lambda: progress_of(engine, run_id).outcome == "cancelled") < 2.5


def test_a_killed_worker_costs_nothing_but_time(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    run_id = engine.submit(config)
    wait_for_training(engine, run_id)

    os.kill(worker_pids()[0], signal.SIGKILL)

    assert wait_for_end(engine, run_id).outcome == "finished"
    assert_same_results(store, run_id, reference[0])


def test_a_killed_scheduler_ends_the_run_with_a_sentence_and_it_can_be_resumed(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    run_id = engine.submit(config)
    wait_for_training(engine, run_id)

    [scheduler] = [child for child in psutil.Process().children() if "distributed.Scheduler" in " ".join(child.cmdline())]
    scheduler.kill()

    ended = wait_for_end(engine, run_id)
    assert (ended.outcome, "resume the run" in ended.message) == ("failed", True)
    assert store.get_run(run_id).status == "failed"
    engine.resume(run_id)
    assert wait_for_end(engine, run_id).outcome == "finished"
    assert_same_results(store, run_id, reference[0])


def test_a_second_run_waits_for_the_first_and_can_be_cancelled_meanwhile(engine: Engine, config: ExperimentConfig) -> None:
    first = engine.submit(config.model_copy(update={"head": SLOW_HEAD, "seed": 5}))
    wait_for_training(engine, first)
    second = engine.submit(config.model_copy(update={"seed": 6}))
    wait_until(lambda: progress_of(engine, second).phase == "waiting")

    engine.cancel(second)
    assert wait_until(lambda: progress_of(engine, second).outcome == "cancelled") < 2
    third = engine.submit(config.model_copy(update={"seed": 7}))
    engine.cancel(first)
    assert wait_for_end(engine, third).outcome == "finished"


def test_runs_that_wait_are_driven_in_the_order_in_which_they_were_submitted(engine: Engine, config: ExperimentConfig) -> None:
    first = engine.submit(config.model_copy(update={"head": SLOW_HEAD, "seed": 10}))
    quick = config.model_copy(update={"num_trials": 1, "arms": ("basic",)})
    waiting = [engine.submit(quick.model_copy(update={"seed": seed})) for seed in range(11, 16)]
    wait_for_training(engine, first)
    assert {progress_of(engine, run_id).phase for run_id in waiting} == {"waiting"}
    engine.cancel(first)

    order: list[str] = []

    def all_ended() -> bool:
        ended = [run_id for run_id in waiting if progress_of(engine, run_id).outcome != "running"]
        order.extend(run_id for run_id in ended if run_id not in order)
        return len(order) == len(waiting)

    wait_until(all_ended)
    assert order == waiting


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


def test_trials_that_were_taken_over_are_the_same_to_the_last_bit_as_trials_trained_anew(
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
    assert wait_until(lambda: not engine.sweep_progress(sweep_id).is_active) < 4
    assert engine.sweep_progress(sweep_id).status == "cancelled"


def test_a_cancelled_sweep_keeps_its_trials_and_goes_on_from_there(engine: Engine, config: ExperimentConfig) -> None:
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


def test_a_sweep_that_cannot_begin_is_refused_at_once(engine: Engine, store: RunStore, config: ExperimentConfig) -> None:
    before = len(store.list_runs())

    for sizes in ([50], [50, 5000]):
        with pytest.raises(UserError):
            engine.submit_sweep(config, sizes)
    assert len(store.list_runs()) == before


def test_an_unknown_sweep_is_a_user_error(engine: Engine) -> None:
    for use in (engine.cancel_sweep, engine.resume_sweep, engine.sweep_progress):
        with pytest.raises(UserError, match="no learning curve 'nowhere'"):
            use("nowhere")


def test_a_run_whose_dataset_has_other_reviews_now_does_not_go_on(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    add_csv("replaced", reviews_csv(), CsvMapping("text", "label", ("positive",), ("negative",)), settings)
    run = store.create_run(config.model_copy(update={"dataset": "replaced"}))
    finished = store.get_run(reference[0])
    store.set_test_ids(run.id, finished.test_ids, finished.test_labels)  # the labels were the other way round then
    store.results.take_over(run.id, {(0, "basic"): finished.id})

    last = list(engine.run_events(run.id))[-1]

    assert isinstance(last, RunFailed)
    assert "other reviews than when the run" in last.message
    assert store.get_run(run.id).test_labels == finished.test_labels
    assert len(store.results.trials(run.id)) == 1


def test_the_labels_of_the_test_reviews_are_kept(reference: tuple[str, list[Event]], store: RunStore, settings: Settings) -> None:
    run = store.get_run(reference[0])
    pool = load_pool("tiny", settings)
    labels = dict(zip(pool.ids, pool.labels.tolist(), strict=True))

    assert run.test_labels == tuple(labels[review_id] for review_id in run.test_ids)


def test_vectors_that_cannot_be_loaded_fail_the_run_with_their_sentence(
    engine: Engine, store: RunStore, config: ExperimentConfig, tmp_path: Path
) -> None:
    run_id = engine.submit(config.model_copy(update={"elmo": str(tmp_path / "nowhere")}))

    ended = wait_for_end(engine, run_id)
    assert ended.outcome == "failed"
    assert "There is no ELMo module" in ended.message
    assert (store.get_run(run_id).status, store.get_run(run_id).message) == ("failed", ended.message)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"train_size": 5000}, "5,000 training reviews"),
        ({"test_size": 5000}, "5,000 test reviews"),
        ({"dataset": "none"}, "no dataset"),
    ],
)
def test_a_run_that_cannot_begin_is_refused_at_once(
    engine: Engine, store: RunStore, config: ExperimentConfig, change: dict[str, Any], sentence: str
) -> None:
    before = len(store.list_runs())

    with pytest.raises(UserError, match=sentence):
        engine.submit(config.model_copy(update=change))
    assert len(store.list_runs()) == before


def test_an_unknown_run_is_a_user_error(engine: Engine) -> None:
    assert engine.progress("nowhere") is None
    for use in (engine.cancel, engine.resume, lambda run_id: list(engine.run_events(run_id))):
        with pytest.raises(UserError, match="no run 'nowhere'"):
            use("nowhere")


def test_a_run_that_somebody_drives_is_not_driven_twice(engine: Engine, store: RunStore, config: ExperimentConfig) -> None:
    run = store.create_run(config)
    events = engine.run_events(run.id)
    next(events)

    with pytest.raises(UserError, match="going already"):
        next(engine.run_events(run.id))
    events.close()
    assert store.get_run(run.id).status == "cancelled"


def test_a_finished_run_is_not_resumed(reference: tuple[str, list[Event]], engine: Engine, store: RunStore) -> None:
    engine.resume(reference[0])

    assert store.get_run(reference[0]).status == "finished"


def test_a_bug_is_not_swallowed_and_the_store_knows_of_it(
    engine: Engine, store: RunStore, config: ExperimentConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driving, "draw_trial", lambda *_: 1 / 0)
    run = store.create_run(config)

    with pytest.raises(ZeroDivisionError):
        list(engine.run_events(run.id))
    assert store.get_run(run.id).status == "failed"
    assert "ZeroDivisionError" in store.get_run(run.id).message


def test_the_estimate_grows_with_the_work_and_learns_from_past_runs(
    engine: Engine, config: ExperimentConfig, tmp_path: Path
) -> None:
    more_trials = config.model_copy(update={"num_trials": 4})
    basic = config.model_copy(update={"arms": ("basic",)})

    assert engine.estimate(basic) < engine.estimate(config) < engine.estimate(more_trials)
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


def test_a_foreign_cluster_gives_the_same_numbers(
    reference: tuple[str, list[Event]], store: RunStore, config: ExperimentConfig, foreign_engine: Engine, foreign_folder: Path
) -> None:
    run = store.create_run(config)
    events = list(foreign_engine.run_events(run.id))

    assert isinstance(events[-1], RunFinished)
    assert_same_results(store, run.id, reference[0])
    assert list((foreign_folder / "cache").rglob("data.mdb"))


def test_a_scheduler_that_does_not_answer_is_a_user_error(
    settings: Settings, store: RunStore, config: ExperimentConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_S", 1)
    remote = Engine(Settings(data_dir=settings.data_dir, scheduler="tcp://127.0.0.1:9"), store)

    last = list(remote.run_events(store.create_run(config).id))[-1]
    remote.close()
    assert isinstance(last, RunFailed)
    assert "The Dask scheduler 'tcp://127.0.0.1:9' does not answer" in last.message


def test_closing_ends_all_processes_and_the_run_can_be_resumed(
    settings: Settings, store: RunStore, config: ExperimentConfig
) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    engine = Engine(settings, store)
    run_id = engine.submit(config.model_copy(update={"head": SLOW_HEAD, "seed": 8}))
    wait_until(lambda: progress_of(engine, run_id).phase == "loading vectors")

    engine.close()

    wait_until(lambda: {child.pid for child in psutil.Process().children(recursive=True)} <= before, timeout_s=3)
    assert store.get_run(run_id).status == "interrupted"
    assert progress_of(engine, run_id).outcome == "failed"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_the_program(tmp_path: Path, how: signal.Signals) -> None:
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from core.workers import start_cluster\n"
        "cluster = start_cluster(1, Path(sys.argv[1]), Path(sys.argv[1]).parent)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "workers.log")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        children: list[psutil.Process] = []

        def is_complete() -> bool:
            children[:] = psutil.Process(process.pid).children(recursive=True)
            return any("multiprocessing.spawn" in part for child in children for part in child.cmdline())

        wait_until(is_complete)
        process.send_signal(how)
        process.wait()
        wait_until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children), 10)


def test_ctrl_c_does_not_reach_processes_that_are_still_starting(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    cluster = start_cluster(1, tmp_path / "workers.log", tmp_path)
    try:
        for child in set(psutil.Process().children(recursive=True)) - before:
            child.send_signal(signal.SIGINT)
        with Client(cluster, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=30)
    finally:
        stop_cluster(cluster)


def test_the_last_event_of_a_cancelled_run_says_so(engine: Engine, store: RunStore, config: ExperimentConfig) -> None:
    run = store.create_run(config.model_copy(update={"head": SLOW_HEAD, "seed": 9}))
    events: list[Event] = []
    for event in engine.run_events(run.id):
        events.append(event)
        if isinstance(event, EpochFinished):
            engine.cancel(run.id)

    assert events[-1] == RunCancelled()
