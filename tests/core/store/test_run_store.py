from __future__ import annotations

import time

import pytest

from core.errors import UserError
from core.experiment.run_names import describe
from core.store.named_rows import RenamedMeanwhileError
from core.store.run_store import RunStore
from tests.core.store.stored import CONFIG, NOW, change, trial_result


def test_a_run_comes_back_as_it_was_created(store: RunStore, url: str) -> None:
    before_s = int(time.time())
    run = store.create_run(CONFIG)
    after_s = time.time()

    again = RunStore(url).get_run(run.id)
    assert again == run
    assert again.config == CONFIG
    assert again.name == describe(CONFIG)
    assert again.status == "queued"
    assert before_s <= again.created_at.timestamp() <= after_s


def test_a_run_keeps_what_its_names_stood_for(store: RunStore) -> None:
    run = store.create_run(CONFIG, NOW)
    assert store.get_run(run.id).provenance == NOW
    store.set_provenance(run.id, NOW.model_copy(update={"static": "another"}))
    assert store.get_run(run.id).provenance.static == "another"


def test_trained_models_are_refused_once_their_vectors_have_changed(store: RunStore) -> None:
    run = store.create_run(CONFIG, NOW)
    run.require_predictable(NOW)
    run.require_predictable(NOW.model_copy(update={"reviews": "another", "training": "another"}))  # they are trained already
    with pytest.raises(UserError) as error:
        run.require_predictable(NOW.model_copy(update={"elmo": "another"}))
    assert error.value.code == "provenance-changed"


def test_a_run_is_resumed_only_on_what_it_began_with(store: RunStore) -> None:
    run, old = store.create_run(CONFIG, NOW), store.create_run(CONFIG)
    run.require_resumable(NOW)
    with pytest.raises(UserError) as error:
        run.require_resumable(NOW.model_copy(update={"reviews": "another"}))
    assert error.value.code == "provenance-changed"
    with pytest.raises(UserError) as error:
        old.require_resumable(NOW)  # its version did not record what it began with
    assert error.value.code == "provenance-unknown"


def test_run_ids_are_short_and_fit_into_a_url(store: RunStore) -> None:
    ids = {store.create_run(CONFIG).id for _ in range(20)}

    assert len(ids) == 20
    assert all(len(run_id) == 8 and run_id.isalnum() and run_id.isascii() for run_id in ids)


def test_an_id_that_is_taken_is_drawn_again(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("aaaaaaaaaaaaaaaabbbbbbbb")
    monkeypatch.setattr("core.store.database.secrets.choice", lambda _: next(letters))

    assert [store.create_run(CONFIG).id for _ in range(2)] == ["aaaaaaaa", "bbbbbbbb"]


def test_runs_are_listed_newest_first(store: RunStore) -> None:
    ids = [store.create_run(CONFIG).id for _ in range(3)]

    assert [run.id for run in store.list_runs()] == ids[::-1]


def test_an_unknown_run_is_a_user_error(store: RunStore) -> None:
    for use in (store.get_run, store.claim, store.delete, store.request_cancel):
        with pytest.raises(UserError) as error:
            use("nowhere")
        assert error.value.code == "run-missing"


def test_a_run_of_another_version_is_left_out_of_the_list_and_says_why_when_asked_for(store: RunStore, url: str) -> None:
    old, new = store.create_run(CONFIG), store.create_run(CONFIG)
    change(url, "UPDATE runs SET config = replace(config, 'train_size', 'size') WHERE id = :id", id=old.id)

    assert [run.id for run in store.list_runs()] == [new.id]
    with pytest.raises(UserError) as error:
        store.get_run(old.id)
    assert error.value.code == "config-unknown"


def test_test_ids_phases_and_speed_are_kept(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.set_draws(run.id, ["a", "b", "c"], [1, 0, 1])
    store.set_phases(run.id, {"embedding": 2.5}, 31.5, 0.99)

    run = store.get_run(run.id)
    assert (run.test_ids, run.test_labels, run.phase_s) == (("a", "b", "c"), (1, 0, 1), {"embedding": 2.5})
    assert (run.reviews_per_s, run.coverage) == (31.5, 0.99)


def test_a_run_can_be_renamed_but_not_to_nothing(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.rename(run.id, "  Monday's class ")

    assert store.get_run(run.id).name == "Monday's class"
    with pytest.raises(UserError) as error:
        store.rename(run.id, "  ")
    assert error.value.code == "name-empty"


def test_of_two_people_who_rename_a_run_the_second_learns_of_the_first(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.rename(run.id, "Monday", was=run.name)
    with pytest.raises(RenamedMeanwhileError) as error:
        store.rename(run.id, "Tuesday", was=run.name)
    assert (error.value.code, error.value.name) == ("renamed-meanwhile", "Monday")
    assert store.get_run(run.id).name == "Monday"
    store.rename(run.id, "Monday", was=run.name)  # both wanted the same
    store.rename(run.id, "Tuesday", was=error.value.name)
    assert store.get_run(run.id).name == "Tuesday"


def test_a_run_that_was_deleted_cannot_be_renamed(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.set_status(run.id, "finished")
    store.delete(run.id)
    with pytest.raises(UserError) as error:
        store.rename(run.id, "Monday", was=run.name)
    assert error.value.code == "run-deleted"


def test_runs_can_be_found_by_their_config(store: RunStore) -> None:
    wanted = store.create_run(CONFIG.model_copy(update={"num_trials": 7}))
    store.create_run(CONFIG)

    assert store.find_runs(lambda config: config.num_trials == 7) == [wanted]


def test_past_runs_of_this_machine_tell_their_speeds(store: RunStore, url: str) -> None:
    here, elsewhere = store.create_run(CONFIG), store.create_run(CONFIG)
    store.set_phases(here.id, {}, 25.0)
    store.trials.save(here, trial_result(0, "basic"))
    change(url, "UPDATE runs SET machine = 'elsewhere' WHERE id = :id", id=elsewhere.id)

    [past] = store.trials.speeds()
    assert (past.config, past.reviews_per_s, past.trials["train_s"].to_list()) == (CONFIG, 25.0, [1.5])
