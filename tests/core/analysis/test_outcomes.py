from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from core.analysis.outcomes import Outcomes, load_outcomes
from core.arrays import BoolArray, IndexArray
from core.data.columns import ColumnMapping
from core.data.datasets import add_dataset, load_pool
from core.data.deleted_datasets import delete_dataset
from core.data.review_file import read_table
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.draw import draw_trial
from core.experiment.overlap import Overlap, earlier_overlap, earlier_test_reviews
from core.experiment.provenance import Provenance
from core.experiment.results import TrialResult
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from tests.core.analysis.crossed import outcomes_of
from tests.core.tiny_runs import reviews_csv

NUM_TESTS = 8
CONFIG = ExperimentConfig(dataset="mine", train_size=200, num_trials=3, test_size=NUM_TESTS)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
def store(settings: Settings) -> Iterator[RunStore]:
    opened = RunStore(settings.store_url)
    yield opened
    opened.close()


@pytest.fixture
def run(store: RunStore, settings: Settings) -> Run:
    """A run on an added dataset, two of three trials finished by both arms; who is right is known from the trial and the arm."""
    add_dataset("mine", read_table(reviews_csv()), ColumnMapping("text", "label", ("negative",), ("positive",)), settings)
    pool = load_pool("mine", settings)
    test = pool.test[:NUM_TESTS]
    run = store.create_run(ExperimentConfig(dataset="mine", train_size=20, num_trials=3, test_size=NUM_TESTS))
    store.set_draws(run.id, [pool.ids[i] for i in test], pool.labels[test].tolist())
    for trial, arm in [(0, "elmo"), (0, "basic"), (2, "basic"), (1, "elmo"), (2, "elmo")]:
        save(store, run, (trial, arm), right(trial, arm), pool.labels[test] > 0)
    return store.get_run(run.id)


def right(trial: int, arm: str) -> BoolArray:
    return np.arange(NUM_TESTS) < trial + (4 if arm == "elmo" else 2)


def save(store: RunStore, run: Run, pair: tuple[int, str], is_right: BoolArray, is_positive: BoolArray) -> None:
    trial, arm = pair
    probs = np.where(is_right == is_positive, 0.75, 0.25).astype(np.float32)
    store.trials.save(
        run,
        TrialResult(
            trial=trial,
            arm=arm,
            accuracy=float(is_right.mean()),
            validation_accuracy=0.5,
            best_epoch=1,
            num_epochs=1,
            train_s=0.1,
            probs=probs,
            head={"weights": np.ones(1, np.float32)},
        ),
    )


def forget_labels(settings: Settings) -> None:
    """What a store of the first version looks like."""
    with closing(sqlite3.connect(settings.data_dir / "runs.sqlite")) as connection, connection:
        connection.execute("UPDATE runs SET test_labels = ''")


def test_only_trials_that_every_arm_has_finished_count(run: Run, store: RunStore, settings: Settings) -> None:
    outcomes = load_outcomes(run, store, settings)
    assert outcomes.trials == (0, 2)
    assert outcomes.arms == ("basic", "elmo")
    for row, trial in enumerate(outcomes.trials):
        for arm in outcomes.arms:
            np.testing.assert_array_equal(outcomes.correct_of(arm)[row], right(trial, arm))


def test_accuracies_are_those_of_the_trials(run: Run, store: RunStore, settings: Settings) -> None:
    outcomes, accuracies = load_outcomes(run, store, settings), store.trials.accuracies(run).dropna()
    np.testing.assert_allclose(outcomes.accuracies.T, accuracies[list(outcomes.arms)].to_numpy())


def test_ids_and_labels_belong_to_the_reviews_of_the_dataset(run: Run, store: RunStore, settings: Settings) -> None:
    outcomes, pool = load_outcomes(run, store, settings), load_pool("mine", settings)
    assert [pool.labels[pool.ids.index(review_id)] for review_id in outcomes.ids] == outcomes.labels.tolist()


def test_labels_that_were_stored_survive_their_dataset(run: Run, store: RunStore, settings: Settings) -> None:
    before = load_outcomes(run, store, settings)
    delete_dataset("mine", settings)
    np.testing.assert_array_equal(load_outcomes(run, store, settings).correct, before.correct)


def test_labels_that_were_never_stored_are_looked_up(run: Run, store: RunStore, settings: Settings) -> None:
    before = load_outcomes(run, store, settings)
    forget_labels(settings)
    assert store.get_run(run.id).test_labels == ()
    np.testing.assert_array_equal(load_outcomes(run, store, settings).labels, before.labels)


def test_a_deleted_dataset_is_one_sentence_where_its_labels_are_needed(run: Run, store: RunStore, settings: Settings) -> None:
    forget_labels(settings)
    delete_dataset("mine", settings)
    with pytest.raises(UserError) as error:
        load_outcomes(run, store, settings)
    assert error.value.code == "labels-missing"


def test_another_dataset_of_the_same_name_is_not_mistaken_for_it(run: Run, store: RunStore, settings: Settings) -> None:
    forget_labels(settings)
    delete_dataset("mine", settings)
    other = reviews_csv().replace(b" film", b" movie")
    add_dataset("mine", read_table(other), ColumnMapping("text", "label", ("negative",), ("positive",)), settings)
    with pytest.raises(UserError) as error:
        load_outcomes(run, store, settings)
    assert error.value.code == "labels-missing"


def test_a_run_without_a_whole_trial_says_so(store: RunStore, settings: Settings) -> None:
    run = store.create_run(ExperimentConfig())
    with pytest.raises(UserError) as error:
        load_outcomes(run, store, settings)
    assert error.value.code == "no-finished-trial"


def test_a_run_of_one_arm_has_outcomes_too(store: RunStore, settings: Settings) -> None:
    run = store.create_run(ExperimentConfig(arms=("elmo-alone",), test_size=2))
    store.set_draws(run.id, ["a", "b"], [0, 1])
    save(store, run, (0, "elmo-alone"), np.array([True, False]), np.array([False, True]))
    assert load_outcomes(run, store, settings).correct_of("elmo-alone").tolist() == [[True, False]]


def test_a_run_that_went_on_since_it_was_looked_up_has_its_test_reviews(store: RunStore, settings: Settings) -> None:
    before = store.create_run(ExperimentConfig(arms=("basic",), test_size=2))
    store.set_draws(before.id, ["a", "b"], [0, 1])
    save(store, before, (0, "basic"), np.array([True, True]), np.array([False, True]))
    assert before.test_ids == ()
    assert load_outcomes(before, store, settings).ids == ("a", "b")


@pytest.fixture
def untested(store: RunStore, settings: Settings, run: Run) -> Run:
    """As version 0.1 stored a run that was cancelled while it waited, and whose trials a learning curve found elsewhere."""
    pool = load_pool("mine", settings)
    test = earlier_test_reviews(pool, run.config)
    untested = store.create_run(run.config)
    for pair in run.config.pairs:
        save(store, untested, pair, right(*pair), pool.labels[test] > 0)
    store.set_status(untested.id, "finished")
    return store.get_run(untested.id)


def test_test_reviews_that_were_never_stored_are_drawn_again_and_stored(
    untested: Run, store: RunStore, settings: Settings
) -> None:
    pool = load_pool("mine", settings)
    outcomes = load_outcomes(untested, store, settings)
    assert outcomes.ids == tuple(pool.ids[i] for i in earlier_test_reviews(pool, untested.config))
    for trial, arm in untested.config.pairs:
        np.testing.assert_array_equal(outcomes.correct_of(arm)[trial], right(trial, arm))
    delete_dataset("mine", settings)
    assert load_outcomes(store.get_run(untested.id), store, settings).ids == outcomes.ids


@pytest.mark.parametrize("is_known", [True, False])
def test_test_reviews_of_other_reviews_or_labels_are_not_made_up(
    untested: Run, store: RunStore, settings: Settings, is_known: bool
) -> None:
    if is_known:
        store.set_provenance(untested.id, Provenance(reviews=load_pool("mine", settings).digest))
    delete_dataset("mine", settings)
    add_dataset("mine", read_table(reviews_csv()), ColumnMapping("text", "label", ("positive",), ("negative",)), settings)
    with pytest.raises(UserError) as error:
        load_outcomes(untested, store, settings)
    assert error.value.code == "dataset-changed"
    assert store.get_run(untested.id).test_ids == ()


def test_predictions_for_other_reviews_than_stored_are_refused(run: Run, store: RunStore, settings: Settings) -> None:
    store.set_draws(run.id, list(run.test_ids[:-1]), list(run.test_labels[:-1]))
    with pytest.raises(UserError) as error:
        load_outcomes(run, store, settings)
    assert error.value.code == "outcomes-damaged"


def test_a_review_counts_as_right_from_more_than_half_of_the_trials_on() -> None:
    outcomes = outcomes_of([1, 1, 1], {"basic": [[0.9, 0.9, 0.1], [0.9, 0.1, 0.1]]})
    assert outcomes.mostly_correct.tolist() == [[True, False, False]]


def test_exactly_one_half_is_negative_as_in_training() -> None:
    assert outcomes_of([0, 1], {"basic": [[0.5, 0.5]]}).correct.tolist() == [[[True, False]]]


def test_an_arm_that_was_not_trained_is_refused() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        outcomes_of([1], {"basic": [[0.9]]}).of("elmo")


# What trials have in common


def of_pool(store: RunStore, settings: Settings, test: IndexArray, train_pool_size: int | None = None) -> Outcomes:
    """Outcomes of a run of three trials with 200 of about 320 training reviews each."""
    pool = load_pool("mine", settings)
    run = store.create_run(CONFIG, Provenance(reviews=pool.digest))
    store.set_draws(run.id, [pool.ids[i] for i in test], pool.labels[test].tolist(), train_pool_size)
    for pair in CONFIG.pairs:
        save(store, run, pair, right(*pair), pool.labels[test] > 0)
    return load_outcomes(run, store, settings)


@pytest.mark.usefixtures("run")
def test_a_run_knows_what_its_trials_have_in_common_even_without_its_dataset(store: RunStore, settings: Settings) -> None:
    pool = load_pool("mine", settings)
    draws = [draw_trial(pool, CONFIG, trial) for trial in range(3)]
    drawn = [{*draw.train, *draw.validation} for draw in draws]
    shared = [len(first & second) / 200 for first, second in combinations(drawn, 2)]
    outcomes = of_pool(store, settings, draws[0].test, len(pool.train))
    assert outcomes.shared == pytest.approx(np.mean(shared))
    assert outcomes.overlap == Overlap(float(outcomes.shared or 0), 200, len(pool.train))
    delete_dataset("mine", settings)
    newest = next(each for each in store.list_runs() if each.config == CONFIG)
    assert load_outcomes(newest, store, settings).overlap == outcomes.overlap


@pytest.mark.usefixtures("run")
def test_a_run_that_was_drawn_in_an_earlier_way_has_the_overlap_of_its_own_draws(store: RunStore, settings: Settings) -> None:
    pool = load_pool("mine", settings)
    outcomes = of_pool(store, settings, earlier_test_reviews(pool, CONFIG))
    assert outcomes.overlap == earlier_overlap(pool, CONFIG, range(3))
    assert outcomes.overlap.share > 0.5


def test_what_cannot_be_drawn_again_is_not_made_up(run: Run, store: RunStore, settings: Settings) -> None:
    assert load_outcomes(run, store, settings).overlap is None  # its test reviews are no draw
    of_pool(store, settings, earlier_test_reviews(load_pool("mine", settings), CONFIG))
    delete_dataset("mine", settings)
    newest = next(each for each in store.list_runs() if each.config == CONFIG)
    assert load_outcomes(newest, store, settings).overlap is None


def test_a_single_trial_has_nothing_in_common_with_others(store: RunStore, settings: Settings) -> None:
    single = store.create_run(ExperimentConfig(arms=("basic",), test_size=2, num_trials=1))
    store.set_draws(single.id, ["a", "b"], [0, 1], 100)
    save(store, single, (0, "basic"), np.array([True, True]), np.array([False, True]))
    assert load_outcomes(single, store, settings).overlap is None
