from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.analysis.outcomes import load_outcomes
from core.analysis.paired_tests import compare_arms
from core.analysis.verdicts import caution, verdict
from core.data.columns import ColumnMapping
from core.data.datasets import add_dataset
from core.data.deleted_datasets import delete_dataset, restore_dataset
from core.data.review_file import read_table
from core.embedders.static import load_static
from core.engine import run_driver
from core.engine.engine import Engine
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.events import Event, RunFailed, RunFinished, TrialFinished
from core.settings import Settings
from core.store.run_store import RunStore
from tests.core.embedders.small_vectors import write
from tests.core.engine.runs import (
    assert_same_results,
    kill_with_children,
    nannies,
    wait_for_end,
    wait_for_training,
    worker_pids,
)
from tests.core.tiny_runs import reviews_csv
from tests.shared_cases import case_path


def test_a_killed_worker_costs_nothing_but_time(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    run_id = engine.submit(config)
    wait_for_training(engine, run_id)

    os.kill(worker_pids()[0], signal.SIGKILL)

    assert wait_for_end(engine, run_id).outcome == "finished"
    assert_same_results(store, run_id, reference[0])


@pytest.mark.parametrize("num_killed", [1, 2])
def test_workers_killed_with_their_nannies_are_replaced_and_the_run_goes_on(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig, num_killed: int
) -> None:
    run_id = engine.submit(config)
    wait_for_training(engine, run_id)
    before = nannies()

    for nanny in before[:num_killed]:
        kill_with_children(nanny)

    assert wait_for_end(engine, run_id).outcome == "finished"
    assert_same_results(store, run_id, reference[0])
    assert len(set(before) & set(nannies())) == len(before) - num_killed


def test_workers_killed_between_runs_are_replaced_for_the_next(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    for nanny in nannies():
        kill_with_children(nanny)

    run = store.create_run(config)
    assert isinstance(list(engine.run_events(run.id))[-1], RunFinished)
    assert_same_results(store, run.id, reference[0])


def test_a_killed_scheduler_ends_the_run_with_a_sentence_and_it_can_be_resumed(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    run_id = engine.submit(config)
    wait_for_training(engine, run_id)

    [scheduler] = [child for child in psutil.Process().children() if "distributed.Scheduler" in " ".join(child.cmdline())]
    scheduler.kill()

    ended = wait_for_end(engine, run_id)
    assert ended.outcome == "failed"
    assert ended.message
    assert store.get_run(run_id).status == "failed"
    engine.resume(run_id)
    assert wait_for_end(engine, run_id).outcome == "finished"
    assert_same_results(store, run_id, reference[0])


def test_a_run_whose_dataset_has_other_reviews_now_is_not_resumed(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    add_dataset("replaced", read_table(reviews_csv()), ColumnMapping("text", "label", ("positive",), ("negative",)), settings)
    finished = store.get_run(reference[0])
    run = store.create_run(config.model_copy(update={"dataset": "replaced"}), finished.provenance)
    store.set_draws(run.id, finished.test_ids, finished.test_labels)  # the labels were the other way round then
    store.trials.copy_pairs(run, {(0, "basic"): finished.id})
    store.set_status(run.id, "cancelled")

    for resume in (engine.resume, lambda run_id: next(engine.run_events(run_id))):
        with pytest.raises(UserError) as error:
            resume(run.id)
        assert error.value.code == "dataset-changed"
    assert store.get_run(run.id).status == "cancelled"
    assert store.get_run(run.id).test_labels == finished.test_labels
    assert len(store.trials.table(run)) == 1


def test_a_cancelled_run_whose_dataset_is_gone_stays_cancelled(
    engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    add_dataset("short-lived", read_table(reviews_csv()), ColumnMapping("text", "label", ("negative",), ("positive",)), settings)
    run = store.create_run(config.model_copy(update={"dataset": "short-lived"}))
    store.set_status(run.id, "cancelled")
    deletion_id = delete_dataset("short-lived", settings)

    for resume in (engine.resume, lambda run_id: next(engine.run_events(run_id))):
        with pytest.raises(UserError) as error:
            resume(run.id)
        assert error.value.code == "dataset-missing"
    assert store.get_run(run.id).status == "cancelled"
    restore_dataset(deletion_id, settings)
    engine.resume(run.id)
    assert wait_for_end(engine, run.id).outcome == "finished"


def test_vectors_that_cannot_be_loaded_fail_the_run_with_their_sentence(
    engine: Engine, store: RunStore, config: ExperimentConfig, tmp_path: Path
) -> None:
    run_id = engine.submit(config.model_copy(update={"elmo": str(tmp_path / "nowhere")}))

    ended = wait_for_end(engine, run_id)
    assert ended.outcome == "failed"
    assert str(tmp_path / "nowhere") in ended.message
    assert (store.get_run(run_id).status, store.get_run(run_id).message) == ("failed", ended.message)


@pytest.mark.parametrize("change", [{"train_size": 5000}, {"test_size": 5000}, {"dataset": "none"}])
def test_a_run_that_cannot_start_is_refused_at_once(
    engine: Engine, store: RunStore, config: ExperimentConfig, change: dict[str, Any]
) -> None:
    before = len(store.list_runs())

    with pytest.raises(UserError):
        engine.submit(config.model_copy(update=change))
    assert len(store.list_runs()) == before


def test_an_unknown_run_is_a_user_error(engine: Engine) -> None:
    assert engine.progress("nowhere") is None
    for use in (engine.cancel, engine.resume, lambda run_id: list(engine.run_events(run_id))):
        with pytest.raises(UserError) as error:
            use("nowhere")
        assert error.value.code == "run-missing"


def test_a_bug_is_not_swallowed_and_the_store_knows_of_it(
    engine: Engine, store: RunStore, config: ExperimentConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_driver, "draw_trial", lambda *_: 1 / 0)
    run = store.create_run(config)

    with pytest.raises(ZeroDivisionError):
        list(engine.run_events(run.id))
    assert store.get_run(run.id).status == "failed"
    assert "ZeroDivisionError" in store.get_run(run.id).message


@pytest.fixture
def tagged(tmp_path: Path, settings: Settings) -> str:
    """Vectors of words with tags, none of which is in any review."""
    file = write(tmp_path, b"".join(b"w%d_NOUN 1 %d\n" % (row, row) for row in range(200)), "tagged.txt")
    load_static(file, settings)
    return file


def test_a_run_on_vectors_that_know_no_word_ends_before_anything_is_trained(
    engine: Engine, store: RunStore, config: ExperimentConfig, tagged: str
) -> None:
    run = store.create_run(config.model_copy(update={"static": tagged}))
    *events, last = list(engine.run_events(run.id))
    assert isinstance(last, RunFailed)
    assert "--allow-low-coverage" in last.message
    assert last.code == "coverage-too-low"
    assert not last.can_resume  # it would end in the same way
    assert not any(isinstance(event, TrialFinished) for event in events)
    assert store.trials.num_finished(run) == 0


def test_the_file_of_tagged_words_is_refused(engine: Engine, store: RunStore, config: ExperimentConfig) -> None:
    run = store.create_run(config.model_copy(update={"static": str(case_path("words-with-tags.txt"))}))
    assert isinstance(list(engine.run_events(run.id))[-1], RunFailed)
    assert store.trials.num_finished(run) == 0


def test_who_asks_for_it_gets_a_result_that_begins_with_a_caution(
    engine: Engine, store: RunStore, config: ExperimentConfig, settings: Settings, tagged: str
) -> None:
    asked = config.model_copy(update={"static": tagged, "num_trials": 1, "allow_low_coverage": True})
    run_id = store.create_run(asked).id
    list(engine.run_events(run_id))
    run = store.get_run(run_id)
    assert (run.status, run.coverage) == ("finished", 0)
    comparison = compare_arms(load_outcomes(run, store, settings))
    assert comparison is not None
    assert verdict(comparison, run.coverage).startswith(caution(0))


def test_vectors_that_know_some_words_train_and_say_how_many(
    engine: Engine, store: RunStore, config: ExperimentConfig, tmp_path: Path
) -> None:
    file = write(tmp_path, b"".join(f"{word} 1 {row}\n".encode() for row, word in enumerate(["film", "dull", "lovely"])))
    run = store.create_run(config.model_copy(update={"static": file, "num_trials": 1, "arms": ("basic",)}))
    list(engine.run_events(run.id))
    coverage = store.get_run(run.id).coverage
    assert coverage is not None
    assert 0.05 < coverage < 0.5
    assert caution(coverage) != ""


@pytest.mark.parametrize("coverage", [None, 0.5, 1.0])
def test_there_is_no_caution_where_most_words_are_known(coverage: float | None) -> None:
    assert caution(coverage) == ""
