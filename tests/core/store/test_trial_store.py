from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import UserError
from core.store.run_store import RunStore
from tests.core.store.stored import CONFIG, change, finished_run, reference_result, trial_result


def test_results_come_back_bit_by_bit(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    results = {(trial, arm): trial_result(trial, arm) for trial in (1, 0) for arm in ("elmo", "basic")}
    for result in results.values():
        store.trials.save(run, result)

    probabilities = store.trials.probabilities(run)
    assert probabilities.keys() == results.keys()
    heads = store.trials.heads(run)
    assert list(heads) == ["basic", "elmo"]
    for (trial, arm), result in results.items():
        np.testing.assert_array_equal(probabilities[trial, arm], result.probs, strict=True)
        assert heads[arm][trial].keys() == result.head.keys()
        for name, array in result.head.items():
            np.testing.assert_array_equal(heads[arm][trial][name], array, strict=True)


def test_accuracies_are_the_table_of_the_original_experiment(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    for trial, arm, accuracy in [(1, "elmo", 0.9), (0, "elmo", 0.8), (0, "basic", 0.7)]:
        store.trials.save(run, trial_result(trial, arm, accuracy))

    expected = pd.DataFrame({"basic": [0.7, np.nan], "elmo": [0.8, 0.9]}, index=pd.Index([0, 1], name="trial"))
    pd.testing.assert_frame_equal(store.trials.accuracies(run), expected)


def test_a_run_without_results_has_empty_tables_with_the_same_columns(store: RunStore) -> None:
    run = store.create_run(CONFIG)

    assert store.trials.accuracies(run).columns.to_list() == ["basic", "elmo"]
    assert len(store.trials.accuracies(run)) == 0
    assert len(store.trials.table(run)) == 0
    assert store.trials.probabilities(run) == {}
    assert store.trials.heads(run) == {"basic": [], "elmo": []}


def test_trial_results_are_one_row_per_pair_with_the_arms_in_their_order(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    for trial, arm in [(1, "elmo"), (1, "basic"), (0, "elmo"), (0, "basic")]:
        store.trials.save(run, trial_result(trial, arm))

    frame = store.trials.table(run)
    assert list(zip(frame["trial"], frame["arm"], strict=True)) == [(0, "basic"), (0, "elmo"), (1, "basic"), (1, "elmo")]
    names = ["trial", "arm", "accuracy", "validation_accuracy", "best_epoch", "num_epochs", "train_s"]
    assert frame.columns.to_list() == names
    assert frame.iloc[0].to_list() == [0, "basic", 0.75, 0.5, 3, 8, 1.5]


def test_a_pair_that_is_saved_twice_counts_once(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    store.trials.save(run, trial_result(0, "basic", 0.1))
    store.trials.save(run, trial_result(0, "basic", 0.2))

    assert store.trials.table(run)["accuracy"].to_list() == [0.2]
    assert len(store.trials.heads(run)["basic"]) == 1


def test_a_head_with_pickled_objects_is_not_loaded(store: RunStore, url: str, tmp_path: Path) -> None:
    run = store.create_run(CONFIG)
    store.trials.save(run, trial_result(0, "basic"))
    np.savez(tmp_path / "evil.npz", weights=np.array([{"code": "evil"}], dtype=object))
    change(url, "UPDATE heads SET arrays = :arrays", arrays=(tmp_path / "evil.npz").read_bytes())

    with pytest.raises(UserError, match="allow_pickle=False") as error:
        store.trials.heads(run)
    assert error.value.code == "trial-damaged"


def test_copied_pairs_come_with_their_heads_and_the_source_keeps_them(store: RunStore) -> None:
    source, run = finished_run(store), store.create_run(CONFIG)
    store.trials.copy_pairs(run, {(0, "basic"): source.id, (0, "elmo"): source.id})

    pairs = {(0, "basic"), (0, "elmo")}
    assert store.trials.finished_pairs([run.id, source.id]) == {run.id: pairs, source.id: pairs}
    pd.testing.assert_frame_equal(store.trials.table(run), store.trials.table(source))
    for pair, probs in store.trials.probabilities(source).items():
        np.testing.assert_array_equal(store.trials.probabilities(run)[pair], probs, strict=True)
    for arm, heads in store.trials.heads(source).items():
        for name, array in heads[0].items():
            np.testing.assert_array_equal(store.trials.heads(run)[arm][0][name], array, strict=True)


def test_pairs_that_another_program_has_copied_meanwhile_are_no_error(store: RunStore) -> None:
    source, run = finished_run(store), store.create_run(CONFIG)
    for _ in range(2):
        store.trials.copy_pairs(run, {(0, "basic"): source.id})

    assert store.trials.finished_pairs([run.id]) == {run.id: {(0, "basic")}}


def test_only_the_pairs_asked_for_are_copied(store: RunStore) -> None:
    source, run = finished_run(store), store.create_run(CONFIG)
    store.trials.copy_pairs(run, {(0, "elmo"): source.id})

    assert store.trials.finished_pairs([run.id]) == {run.id: {(0, "elmo")}}


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
@pytest.mark.parametrize("where", ["accuracy", "probs", "head"])
def test_numbers_that_are_not_finite_are_never_stored(wrong: float, where: str, store: RunStore) -> None:
    run = store.create_run(CONFIG)
    result = trial_result(0, "basic")
    if where == "accuracy":
        result = replace(result, accuracy=wrong)
    elif where == "probs":
        result.probs[0] = wrong
    else:
        next(iter(result.head.values())).flat[0] = wrong
    with pytest.raises(UserError, match=run.id) as error:
        store.trials.save(run, result)
    assert error.value.code == "result-not-finite"
    assert store.trials.num_finished(run) == 0


def test_a_bag_of_words_is_kept_beside_the_pairs_and_copied_with_them(store: RunStore) -> None:
    source, run = finished_run(store), store.create_run(CONFIG)
    for accuracy in (0.5, 0.6):  # the second in place of the first
        store.trials.save_reference(source, reference_result(0, accuracy))
    for _ in range(2):
        store.trials.copy_pairs(run, {(0, "basic"): source.id}, {0: source.id})

    assert store.trials.references(run).to_dict("records") == [{"trial": 0, "accuracy": 0.6, "chosen_c": 10.0, "train_s": 0.5}]
    np.testing.assert_array_equal(store.trials.reference_probabilities(run)[0], reference_result(0).probs, strict=True)
    assert store.trials.accuracies(run).columns.to_list() == ["basic", "elmo"]
    assert (store.trials.num_finished(run), store.trials.num_results(run)) == (1, 2)


def test_a_run_without_a_bag_of_words_has_an_empty_one(store: RunStore) -> None:
    run = finished_run(store)

    assert store.trials.references(run).empty
    assert store.trials.reference_accuracies(run).empty
    assert store.trials.finished_references([run.id]) == {run.id: set()}
