from __future__ import annotations

import pandas as pd
import pytest

from core.deleted import DeletedError
from core.errors import UserError
from core.store.run import Run
from core.store.run_store import RunStore
from tests.core.store.stored import CONFIG, finished_run, make_deleted_long_ago, num_rows


def test_a_deleted_run_vanishes_from_everything_that_lists_runs(store: RunStore) -> None:
    run = finished_run(store)
    store.delete(run.id)

    assert store.list_runs() == []
    assert store.overview().empty
    assert store.find_runs(lambda _: True) == []
    assert store.trials.speeds() == []
    for use in (store.get_run, store.claim, store.request_cancel, lambda run_id: store.rename(run_id, "new")):
        with pytest.raises(DeletedError) as error:
            use(run.id)
        assert (error.value.code, error.value.deleted.title) == ("run-deleted", run.name)


def test_a_deleted_run_that_is_restored_is_as_it_was(store: RunStore) -> None:
    run = finished_run(store)
    results, heads = store.trials.table(run), store.trials.heads(run)
    store.delete(run.id)
    store.restore(run.id)

    assert store.get_run(run.id) == run
    pd.testing.assert_frame_equal(store.trials.table(run), results)
    assert store.trials.heads(run)["elmo"][0].keys() == heads["elmo"][0].keys()


def test_a_run_deleted_over_thirty_days_ago_leaves_nothing_behind(store: RunStore, url: str) -> None:
    gone, kept = finished_run(store), finished_run(store)
    store.delete(gone.id)
    assert num_rows(url) == [2, 4, 4]
    make_deleted_long_ago(url, gone.id)

    RunStore(url).close()
    assert num_rows(url) == [1, 2, 2]
    assert [run.id for run in store.list_runs()] == [kept.id]
    with pytest.raises(UserError) as error:
        store.restore(gone.id)
    assert error.value.code == "run-missing"


def test_everybody_who_opens_the_store_finds_what_was_deleted(store: RunStore, url: str) -> None:
    first, second, kept = (finished_run(store) for _ in range(3))
    store.rename(second.id, "mine")
    for run in (first, second):
        store.delete(run.id)

    other = RunStore(url)
    assert [(deleted.id, deleted.title) for deleted in other.deleted()] == [(second.id, "mine"), (first.id, first.name)]
    assert other.find_deleted(kept.id) is None
    other.restore(second.id)
    assert [deleted.id for deleted in store.deleted()] == [first.id]
    make_deleted_long_ago(url, first.id)
    assert store.deleted() == []
    assert store.find_deleted(first.id) is None


def test_restoring_a_run_that_was_not_deleted_changes_nothing(store: RunStore) -> None:
    run = finished_run(store)
    store.restore(run.id)

    assert store.get_run(run.id) == run


def test_a_waiting_run_is_not_deleted(store: RunStore) -> None:
    run = store.create_run(CONFIG)

    with pytest.raises(UserError) as error:
        store.delete(run.id)
    assert error.value.code == "run-active"


@pytest.mark.parametrize("first", ["claim", "delete"])
def test_a_run_is_not_deleted_and_driven_at_the_same_moment(
    store: RunStore, url: str, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    run = store.create_run(CONFIG)
    store.set_status(run.id, "cancelled")
    other = RunStore(url)

    def be_overtaken(_: str) -> Run:
        getattr(other, first)(run.id)
        return run

    monkeypatch.setattr(store, "get_run", be_overtaken)  # what it says is out of date when it returns
    if first == "delete":
        assert store.claim(run.id) is None
    else:
        with pytest.raises(UserError) as error:
            store.delete(run.id)
        assert error.value.code == "run-active"
        assert other.get_run(run.id).status == "queued"
