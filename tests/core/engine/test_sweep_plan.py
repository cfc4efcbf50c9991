"""Which runs a sweep needs, which pairs it reuses, and how far it is; `test_sweeping.py` drives one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.columns import ColumnMapping
from core.data.datasets import add_dataset, load_pool
from core.data.review_file import read_table
from core.data.review_pool import ReviewPool
from core.engine.estimate import estimate_s
from core.engine.sweep_plan import create_runs, find_sweep, plan_sweep, replace_deleted_runs, stored_runs
from core.engine.sweep_progress import SweepProgress, sweep_progress
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.events import EmbeddingProgress, Event, Progress, RunStarted, TrialFinished
from core.experiment.provenance import Provenance
from core.experiment.results import ReferenceResult, TrialResult
from core.settings import Settings
from core.store.run import Run, Status, Sweep
from core.store.run_store import RunStore
from tests.core.store.stored import NOW
from tests.core.tiny_runs import reviews_csv

CONFIG = ExperimentConfig(dataset="tiny", train_size=50, num_trials=2, test_size=5)
ALL_PAIRS = {(trial, arm) for trial in range(2) for arm in ("basic", "elmo")}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), num_workers=2)
    add_dataset("tiny", read_table(reviews_csv()), ColumnMapping("text", "label", ("negative",), ("positive",)), settings)
    return settings


@pytest.fixture(scope="module")
def pool(settings: Settings) -> ReviewPool:
    return load_pool("tiny", settings)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    yield store
    store.close()


def trained(store: RunStore, pool: ReviewPool, status: Status = "finished", *, num_pairs: int = 99, **options: Any) -> Run:
    """A run as the engine would leave it, with all pairs or the first few."""
    config = CONFIG.model_copy(update=options)
    plan = plan_sweep(config, [config.train_size, config.train_size + 1], pool, store, NOW)
    run = store.create_run(config, NOW)
    store.set_draws(run.id, plan.test_ids, plan.test_labels)
    for trial, arm in config.pairs[:num_pairs]:
        probs = np.full(config.test_size, (trial + 1) / 10, np.float32)
        store.trials.save(run, TrialResult(trial, arm, 0.7, 0.7, 3, 8, 1.5, probs, {"conv/kernel": probs}))
    for trial in config.reference_trials[: -(-num_pairs // len(config.arms))]:
        probs = np.full(config.test_size, (trial + 5) / 100, np.float32)
        store.trials.save_reference(run, ReferenceResult(trial, 0.6, 10.0, 0.5, probs))
    store.set_status(run.id, status)
    return store.get_run(run.id)


def test_a_sweep_without_earlier_runs_needs_a_new_run_per_size_in_ascending_order(store: RunStore, pool: ReviewPool) -> None:
    plan = plan_sweep(CONFIG, [200, 50, 100, 50], pool, store, NOW)

    assert plan.train_sizes == (50, 100, 200)
    assert [planned.run for planned in plan.runs] == [None] * 3
    assert [set(planned.missing) for planned in plan.runs] == [ALL_PAIRS] * 3
    assert plan.num_reused == 0


def test_planning_changes_nothing(store: RunStore, pool: ReviewPool) -> None:
    trained(store, pool)
    plan_sweep(CONFIG, [50, 100], pool, store, NOW)

    assert len(store.list_runs()) == 1
    assert store.sweeps.all() == []


def test_a_finished_run_of_the_same_config_is_used_as_it_is(store: RunStore, pool: ReviewPool) -> None:
    run = trained(store, pool)
    plan = plan_sweep(CONFIG, [50, 100], pool, store, NOW)

    assert plan.runs[0].run == run
    assert plan.num_reused == 4
    assert create_runs(plan, store)[0] == run
    assert len(store.list_runs()) == 2


def test_a_finished_run_goes_before_one_that_was_cancelled(store: RunStore, pool: ReviewPool) -> None:
    finished = trained(store, pool)
    trained(store, pool, "cancelled", num_pairs=3)

    assert plan_sweep(CONFIG, [50, 100], pool, store, NOW).runs[0].run == finished


def test_a_cancelled_run_is_resumed_with_what_it_has(store: RunStore, pool: ReviewPool) -> None:
    run = trained(store, pool, "cancelled", num_pairs=3)
    plan = plan_sweep(CONFIG, [50, 100], pool, store, NOW)

    assert plan.runs[0].run == run
    assert plan.runs[0].missing == [(1, "elmo")]
    assert plan.num_reused == 3


def test_trials_of_a_run_with_more_trials_are_reused(store: RunStore, pool: ReviewPool) -> None:
    more = trained(store, pool, num_trials=4)
    plan = plan_sweep(CONFIG, [50, 100], pool, store, NOW)
    assert plan.num_reused == 4

    new = create_runs(plan, store)[0]
    assert new.status == "finished"
    assert new.id != more.id
    assert new.test_ids == more.test_ids
    assert new.test_labels == more.test_labels
    theirs = store.trials.probabilities(more)
    for pair, probs in store.trials.probabilities(new).items():
        np.testing.assert_array_equal(probs, theirs[pair], strict=True)


def test_a_bag_of_words_comes_with_the_pairs_and_only_it_is_trained_where_it_was_switched_off(
    store: RunStore, pool: ReviewPool
) -> None:
    more = trained(store, pool, num_trials=4)
    trained(store, pool, train_size=100, bag_of_words=False)
    plan = plan_sweep(CONFIG, [50, 100], pool, store, NOW)
    new, without = create_runs(plan, store)

    theirs = store.trials.reference_probabilities(more)
    assert store.trials.finished_references([new.id]) == {new.id: {0, 1}}
    for trial, probs in store.trials.reference_probabilities(new).items():
        np.testing.assert_array_equal(probs, theirs[trial], strict=True)
    assert (plan.runs[1].missing, plan.runs[1].is_complete, without.status) == ([], False, "queued")


def test_trials_of_a_run_with_fewer_trials_are_reused_and_the_rest_is_trained(store: RunStore, pool: ReviewPool) -> None:
    trained(store, pool, num_trials=1)
    plan = plan_sweep(CONFIG, [50, 100], pool, store, NOW)
    assert plan.runs[0].missing == [(1, "basic"), (1, "elmo")]

    new = create_runs(plan, store)[0]
    assert new.status == "queued"
    assert store.trials.finished_pairs([new.id]) == {new.id: {(0, "basic"), (0, "elmo")}}


def test_trials_come_from_several_runs_each_once(store: RunStore, pool: ReviewPool) -> None:
    trained(store, pool, num_trials=1)
    trained(store, pool, "cancelled", num_pairs=3)
    trained(store, pool, num_trials=3)
    plan = plan_sweep(CONFIG, [50, 100], pool, store, NOW)

    assert plan.num_reused == 4
    assert create_runs(plan, store)[0].status == "finished"


@pytest.mark.parametrize("change", [{"seed": 1}, {"max_tokens": 64}, {"test_size": 6}, {"layer_mix": "0"}, {"train_size": 51}])
def test_nothing_is_taken_from_a_run_that_differs_in_anything_else(
    store: RunStore, pool: ReviewPool, change: dict[str, Any]
) -> None:
    trained(store, pool, num_trials=3, **change)

    assert plan_sweep(CONFIG, [50, 100], pool, store, NOW).num_reused == 0


@pytest.mark.parametrize("field", ["reviews", "static", "elmo", "reading", "training"])
@pytest.mark.parametrize("value", ["another", None])
def test_nothing_is_taken_from_a_run_whose_names_stood_for_something_else(
    store: RunStore, pool: ReviewPool, field: str, value: str | None
) -> None:
    run = trained(store, pool)
    store.set_provenance(run.id, NOW.model_copy(update={field: value}))

    plan = plan_sweep(CONFIG, [50, 100], pool, store, NOW)
    assert plan.num_reused == 0
    assert plan.runs[0].run is None  # nor does the curve show the run itself


def test_a_run_of_copied_pairs_has_the_provenance_of_its_source(store: RunStore, pool: ReviewPool) -> None:
    trained(store, pool, num_trials=3)
    on_a_cluster = Provenance(reviews=NOW.reviews)

    new = create_runs(plan_sweep(CONFIG, [50, 100], pool, store, on_a_cluster), store)[0]
    assert new.provenance == NOW


def test_nothing_is_taken_while_the_vectors_of_a_file_are_not_known_yet(store: RunStore, pool: ReviewPool) -> None:
    trained(store, pool)
    not_parsed = NOW.model_copy(update={"static": None})
    assert plan_sweep(CONFIG, [50, 100], pool, store, not_parsed).num_reused == 0


def test_nothing_is_taken_from_a_deleted_run(store: RunStore, pool: ReviewPool) -> None:
    store.delete(trained(store, pool).id)

    assert plan_sweep(CONFIG, [50, 100], pool, store, NOW).num_reused == 0


@pytest.mark.parametrize("sizes", [[50], [], [5, 50], [50, 5000]])
def test_unusable_sizes_are_user_errors(store: RunStore, pool: ReviewPool, sizes: list[int]) -> None:
    with pytest.raises(UserError):
        plan_sweep(CONFIG, sizes, pool, store, NOW)


def planned_sweep(store: RunStore, pool: ReviewPool, sizes: list[int]) -> Sweep:
    plan = plan_sweep(CONFIG, sizes, pool, store, NOW)
    runs = create_runs(plan, store)
    reused = [planned.num_reused for planned in plan.runs]
    return store.sweeps.create(CONFIG, plan.train_sizes, [run.id for run in runs], reused=reused)


def progress_of(store: RunStore, sweep: Sweep, live: dict[str, Progress] | None = None) -> SweepProgress:
    runs, finished = stored_runs(sweep, store), store.trials.finished_pairs(sweep.run_ids)
    return sweep_progress(
        sweep, runs, finished, live or {}, estimate=lambda missing, _: estimate_s(missing, 300, 2, store.trials.speeds())
    )


def test_a_sweep_whose_runs_are_all_finished_is_finished(store: RunStore, pool: ReviewPool) -> None:
    trained(store, pool)
    trained(store, pool, train_size=100)
    progress = progress_of(store, planned_sweep(store, pool, [50, 100]))

    assert (progress.status, progress.fraction, progress.remaining_s) == ("finished", 1.0, None)
    assert (progress.num_finished, progress.num_pairs, progress.num_reused) == (8, 8, 8)
    assert not progress.is_active
    assert not progress.can_resume


def test_the_bar_begins_with_what_was_reused(store: RunStore, pool: ReviewPool) -> None:
    empty = progress_of(store, planned_sweep(store, pool, [20, 30]))
    trained(store, pool)
    begun = progress_of(store, planned_sweep(store, pool, [50, 100]))

    assert empty.fraction == 0
    assert 0.1 < begun.fraction < 0.9
    assert (begun.num_finished, begun.num_reused, begun.num_pairs) == (4, 4, 8)
    assert begun.current is not None
    assert begun.current.config.train_size == 100
    assert begun.is_active


def test_the_bar_never_goes_back_while_a_run_is_running(store: RunStore, pool: ReviewPool) -> None:
    sweep = planned_sweep(store, pool, [50, 100])
    run_id = sweep.run_ids[0]
    events: list[Event] = [
        RunStarted(run_id, 2, ("basic", "elmo"), 2, 5.0),
        EmbeddingProgress(50, 200, 20.0, 0),
        EmbeddingProgress(200, 200, 20.0, 0),
        *(TrialFinished(trial, arm, 0.7, 1.0) for trial, arm in sorted(ALL_PAIRS)),
    ]
    progress, fractions = Progress(), []
    for event in events:
        progress = progress.after(event)
        fractions.append(progress_of(store, sweep, {run_id: progress}).fraction)
    store.set_status(run_id, "finished")
    fractions.append(progress_of(store, sweep, {run_id: progress}).fraction)

    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 4
    assert fractions[-1] < 1


def test_the_time_left_counts_the_runs_that_wait(store: RunStore, pool: ReviewPool) -> None:
    sweep = planned_sweep(store, pool, [50, 100])
    current = Progress().after(RunStarted(sweep.run_ids[0], 2, ("basic", "elmo"), 2, 5.0))
    current = current.after(EmbeddingProgress(100, 100, 20.0, 0))
    of_this_run = current.remaining_s
    remaining_s = progress_of(store, sweep, {sweep.run_ids[0]: current}).remaining_s
    assert of_this_run is not None
    assert remaining_s is not None
    assert remaining_s > of_this_run


def test_a_sweep_that_another_program_drives_has_an_estimate(store: RunStore, pool: ReviewPool) -> None:
    remaining_s = progress_of(store, planned_sweep(store, pool, [50, 100])).remaining_s

    assert remaining_s is not None
    assert remaining_s > 0


@pytest.mark.parametrize("status", ["cancelled", "failed", "interrupted"])
def test_a_sweep_that_ended_early_can_be_resumed(store: RunStore, pool: ReviewPool, status: Status) -> None:
    sweep = planned_sweep(store, pool, [50, 100])
    for run_id in sweep.run_ids:
        store.set_status(run_id, status, "The disk is full; free some space." if status == "failed" else "")
    progress = progress_of(store, sweep)

    assert progress.status == status
    assert progress.can_resume
    assert progress.current is None
    assert progress.message == ("The disk is full; free some space." if status == "failed" else "")


def test_a_sweep_with_a_deleted_run_counts_the_others_and_creates_the_run_again(store: RunStore, pool: ReviewPool) -> None:
    trained(store, pool)
    trained(store, pool, train_size=100)
    sweep = planned_sweep(store, pool, [50, 100])
    store.delete(sweep.run_ids[0])
    progress = progress_of(store, sweep)

    assert progress.runs[0] is None
    assert (progress.num_finished, progress.num_pairs) == (4, 8)
    assert progress.can_resume
    again = create_runs(plan_sweep(sweep.config, sweep.train_sizes, pool, store, NOW), store)
    assert again[0].id != sweep.run_ids[0]
    assert again[1].id == sweep.run_ids[1]


def test_what_a_deleted_run_had_reused_counts_no_more(store: RunStore, pool: ReviewPool) -> None:
    reused = trained(store, pool)
    sweep = planned_sweep(store, pool, [50, 100])
    assert progress_of(store, sweep).num_reused == 4

    store.delete(reused.id)
    assert progress_of(store, sweep).num_reused == 0
    replace_deleted_runs(sweep, plan_sweep(sweep.config, sweep.train_sizes, pool, store, NOW), store)
    sweep = store.sweeps.get(sweep.id)
    assert sweep.run_ids[0] != reused.id
    assert sweep.num_reused == progress_of(store, sweep).num_reused == 0


def test_a_new_run_counts_what_it_reuses(store: RunStore, pool: ReviewPool) -> None:
    more = trained(store, pool, num_trials=4)
    sweep = planned_sweep(store, pool, [50, 100])
    store.set_status(sweep.run_ids[0], "finished")
    store.delete(sweep.run_ids[0])
    replace_deleted_runs(sweep, plan_sweep(sweep.config, sweep.train_sizes, pool, store, NOW), store)

    assert store.sweeps.get(sweep.id).run_ids[0] not in (more.id, sweep.run_ids[0])
    assert store.sweeps.get(sweep.id).reused == (4, 0)


def test_the_find_sweep_is_found_again(store: RunStore, pool: ReviewPool) -> None:
    sweep = planned_sweep(store, pool, [50, 100])

    assert find_sweep(plan_sweep(CONFIG, [100, 50], pool, store, NOW), store) == sweep
    assert find_sweep(plan_sweep(CONFIG, [50, 100, 150], pool, store, NOW), store) is None
    assert find_sweep(plan_sweep(CONFIG.model_copy(update={"seed": 1}), [50, 100], pool, store, NOW), store) is None


def test_the_find_sweep_is_found_though_a_run_of_it_was_deleted(store: RunStore, pool: ReviewPool) -> None:
    for size in (50, 100):
        trained(store, pool, train_size=size)
    sweep = planned_sweep(store, pool, [50, 100])
    store.delete(sweep.run_ids[1])

    assert find_sweep(plan_sweep(CONFIG, [50, 100], pool, store, NOW), store) == sweep


def test_a_sweep_on_another_dataset_of_the_same_name_is_another_one(store: RunStore, pool: ReviewPool) -> None:
    for size in (50, 100):
        trained(store, pool, train_size=size)
    planned_sweep(store, pool, [50, 100])

    corrected = NOW.model_copy(update={"reviews": "corrected"})
    assert find_sweep(plan_sweep(CONFIG, [50, 100], pool, store, corrected), store) is None


def test_a_deleted_sweep_is_not_found_again(store: RunStore, pool: ReviewPool) -> None:
    store.sweeps.delete(planned_sweep(store, pool, [50, 100]).id)

    assert find_sweep(plan_sweep(CONFIG, [50, 100], pool, store, NOW), store) is None
