from __future__ import annotations

import pytest

from core.errors import UserError
from core.store.run_store import RunStore
from tests.core.store.earlier_stores import SWEEP_ID, make_store
from tests.core.store.stored import CONFIG, change, finished_run


def test_a_sweep_comes_back_as_it_was_created(store: RunStore, url: str) -> None:
    sweep = store.sweeps.create(CONFIG, (50, 200), ("run-one", "run-two"), reused=(2, 1))

    assert RunStore(url).sweeps.get(sweep.id) == sweep
    assert (sweep.train_sizes, sweep.run_ids, sweep.num_reused) == ((50, 200), ("run-one", "run-two"), 3)
    assert sweep.name == "IMDB, 50 to 200 reviews, 2 trials"
    assert [config.train_size for config in sweep.configs] == [50, 200]
    assert sweep.num_pairs == 8


def test_sweeps_are_listed_newest_first(store: RunStore) -> None:
    ids = [store.sweeps.create(CONFIG, (50, 200), ("a", "b")).id for _ in range(3)]

    assert [sweep.id for sweep in store.sweeps.all()] == ids[::-1]


def test_an_unknown_sweep_is_a_user_error(store: RunStore) -> None:
    with pytest.raises(UserError) as error:
        store.sweeps.get("nowhere")
    assert error.value.code == "sweep-missing"


def test_a_sweep_can_be_renamed(store: RunStore) -> None:
    sweep = store.sweeps.create(CONFIG, (50, 200), ("a", "b"))
    store.sweeps.rename(sweep.id, "  For class 9b ")

    assert store.sweeps.get(sweep.id).name == "For class 9b"
    with pytest.raises(UserError) as error:
        store.sweeps.rename(sweep.id, " ")
    assert error.value.code == "name-empty"
    with pytest.raises(UserError) as error:
        store.sweeps.rename("nowhere", "name")
    assert error.value.code == "sweep-missing"


def test_a_deleted_sweep_is_in_no_list_its_runs_stay_and_it_can_be_restored(store: RunStore) -> None:
    run = finished_run(store)
    sweep = store.sweeps.create(CONFIG, (50, 200), (run.id, "b"))
    store.sweeps.delete(sweep.id)

    assert store.sweeps.all() == []
    with pytest.raises(UserError) as error:
        store.sweeps.get(sweep.id)
    assert error.value.code == "sweep-deleted"
    assert [stored.id for stored in store.list_runs()] == [run.id]
    store.sweeps.restore(sweep.id)
    assert store.sweeps.all() == [sweep]


def test_a_sweep_deleted_over_thirty_days_ago_cannot_be_restored(store: RunStore, url: str) -> None:
    sweep = store.sweeps.create(CONFIG, (50, 200), ("a", "b"))
    store.sweeps.delete(sweep.id)
    change(url, "UPDATE sweeps SET deleted_s = 0")
    RunStore(url).close()

    with pytest.raises(UserError) as error:
        store.sweeps.restore(sweep.id)
    assert error.value.code == "sweep-missing"


def test_a_sweep_of_an_earlier_version_has_one_number_that_the_small_sizes_share(url: str) -> None:
    make_store(url, "with sweeps that nobody deletes")
    change(url, "UPDATE sweeps SET num_reused = 3")

    assert RunStore(url).sweeps.get(SWEEP_ID).reused == (2, 1)
