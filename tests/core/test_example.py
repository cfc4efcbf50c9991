"""How an example is written, and how it gets into a store; `test_shipped_example.py` is about the one that is shipped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from core.example import EXAMPLE_ID, example_digest, open_store, write_example
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from tests.core.store.stored import CONFIG, NOW, finished_run, reference_result, trial_result

SIZES = (50, 100)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", example=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "example")


def written(folder: Path, accuracy: float = 0.8) -> Path:
    """An example with two sizes and one trial."""
    url = f"sqlite:///{folder.parent / folder.name}.sqlite"
    store = RunStore(url)
    runs = [finished_run(store, CONFIG.model_copy(update={"train_size": size})) for size in SIZES]
    for run in runs:
        store.set_draws(run.id, ["a", "b", "c"], [1, 0, 1])
        store.set_provenance(run.id, NOW)
        store.trials.save(run, trial_result(0, "elmo", accuracy))
        store.trials.save_reference(run, reference_result(0))
    sweep = store.sweeps.create(CONFIG, SIZES, [run.id for run in runs])
    write_example(url, store.get_run(runs[-1].id), sweep, folder)
    store.close()
    return folder


def example_in(store: RunStore) -> Run:
    return store.get_run(EXAMPLE_ID)


def test_the_run_arrives_with_everything_that_it_had(settings: Settings, folder: Path) -> None:
    store = open_store(settings, folder)
    run = example_in(store)
    assert (run.config, run.provenance, run.test_ids, run.test_labels) == (CONFIG, NOW, ("a", "b", "c"), (1, 0, 1))
    assert run.is_finished
    assert store.trials.accuracies(run).to_numpy().tolist() == [[0.7, 0.8]]
    original = trial_result(0, "elmo")
    np.testing.assert_array_equal(store.trials.probabilities(run)[0, "elmo"], original.probs)
    [head] = store.trials.heads(run)["elmo"]
    assert {name: values.tolist() for name, values in head.items()} == {
        name: values.tolist() for name, values in original.head.items()
    }
    assert store.trials.reference_accuracies(run).to_list() == [0.6]


def test_the_learning_curve_arrives_with_its_runs_but_only_one_of_them_predicts(settings: Settings, folder: Path) -> None:
    store = open_store(settings, folder)
    sweep = store.sweeps.get(EXAMPLE_ID)
    assert [store.get_run(run_id).config.train_size for run_id in sweep.run_ids] == list(SIZES)
    assert sweep.is_example
    assert store.trials.runs_with_heads() == {EXAMPLE_ID}
    assert all(len(store.trials.accuracies(store.get_run(run_id))) == 1 for run_id in sweep.run_ids)


def test_it_says_that_it_is_an_example_in_every_list(settings: Settings, folder: Path) -> None:
    store = open_store(settings, folder)
    names = [run.name for run in store.list_runs()] + [sweep.name for sweep in store.sweeps.all()]
    assert all(name.startswith("Example: ") for name in names)
    assert store.overview()["is_example"].all()


def test_the_run_that_predicts_is_first_until_there_is_one_of_ones_own(settings: Settings, folder: Path) -> None:
    store = open_store(settings, folder)
    assert [run.id for run in store.list_runs()] == [EXAMPLE_ID, "ex-50"]
    own = finished_run(store)
    store.close()
    written(folder, accuracy=0.9)  # shipped later than the own run was trained
    store = open_store(settings, folder)
    assert [run.id for run in store.list_runs()] == [own.id, EXAMPLE_ID, "ex-50"]
    assert store.overview()["id"].to_list() == [own.id, EXAMPLE_ID, "ex-50"]


def test_opening_the_store_again_changes_nothing(settings: Settings, folder: Path) -> None:
    before = open_store(settings, folder)
    sentence_id, _ = before.sentences.save(EXAMPLE_ID, "Fine", {"elmo": np.ones(1)})
    again = open_store(settings, folder)
    assert [run.id for run in again.list_runs()] == [EXAMPLE_ID, "ex-50"]
    assert [sentence.id for sentence in again.sentences.find(run_id=EXAMPLE_ID)] == [sentence_id]


def test_another_example_replaces_it_and_leaves_ones_own_alone(settings: Settings, folder: Path) -> None:
    store = open_store(settings, folder)
    own = finished_run(store)
    written(folder, accuracy=0.9)
    store = open_store(settings, folder)
    assert store.trials.accuracies(example_in(store)).to_numpy().tolist() == [[0.7, 0.9]]
    assert len(store.list_runs()) == 3
    assert store.trials.accuracies(own).to_numpy().tolist() == [[0.7, 0.8]]


def test_it_goes_when_the_settings_hide_it(settings: Settings, folder: Path) -> None:
    open_store(settings, folder).close()
    store = open_store(settings.model_copy(update={"example": False}), folder)
    assert (store.list_runs(), store.sweeps.all(), store.trials.runs_with_heads()) == ([], [], set())


def test_a_folder_without_its_files_is_no_example(settings: Settings, tmp_path: Path) -> None:
    assert example_digest(tmp_path) == ""
    assert open_store(settings, tmp_path).list_runs() == []


def test_programs_that_open_a_store_at_once_get_one_example(settings: Settings, folder: Path) -> None:
    RunStore(settings.store_url).close()
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: open_store(settings, folder), range(8)))
    assert all(len(store.list_runs()) == 2 for store in stores)


@pytest.mark.parametrize("name", ["rows.json", "arrays.npz"])
def test_a_damaged_file_is_one_sentence(settings: Settings, folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:-100])
    with pytest.raises(UserError) as error:
        open_store(settings, folder)
    assert error.value.code == "example-damaged"


def test_it_is_neither_renamed_nor_deleted(settings: Settings, folder: Path) -> None:
    store = open_store(settings, folder)
    for stored in (store, store.sweeps):
        for change in (stored.delete, partial(stored.rename, name="mine")):
            with pytest.raises(UserError) as error:
                change(EXAMPLE_ID)
            assert error.value.code == "example-kept"
    assert len(store.list_runs()) == 2


def test_its_speed_says_nothing_about_this_machine(settings: Settings, folder: Path) -> None:
    assert open_store(settings, folder).trials.speeds() == []
