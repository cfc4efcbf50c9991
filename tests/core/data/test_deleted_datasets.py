"""Deleting added datasets and restoring them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.data.datasets import BUILT_IN, import_record, list_datasets, load_pool
from core.data.deleted_datasets import delete_dataset, list_deleted, purge_dataset, restore_dataset
from core.errors import UserError
from core.settings import Settings
from tests.core.data.small_csv import add_rows, csv_rows, same


def test_a_deleted_dataset_is_gone_and_its_name_free(settings: Settings) -> None:
    add_rows("films", csv_rows(), settings)
    load_pool("films", settings)
    delete_dataset("films", settings)
    assert list_datasets(settings) == list(BUILT_IN)
    with pytest.raises(UserError) as error:
        load_pool("films", settings)
    assert error.value.code == "dataset-missing"
    assert len(add_rows("films", csv_rows(30), settings).texts) == 60
    assert len(load_pool("films", settings).texts) == 60


def test_a_deleted_dataset_can_be_restored_as_it_was(settings: Settings) -> None:
    before = add_rows("films", csv_rows(), settings)
    record = import_record("films", settings)
    deletion_id = delete_dataset("films", settings)
    assert restore_dataset(deletion_id, settings) == "films"
    assert load_pool("films", settings).ids == before.ids
    assert import_record("films", settings) == record
    assert list_datasets(settings) == [*BUILT_IN, "films"]


def test_of_two_deleted_datasets_of_one_name_the_right_one_is_restored(settings: Settings) -> None:
    first = add_rows("films", csv_rows(), settings)
    first_id = delete_dataset("films", settings)
    second = add_rows("films", csv_rows(30), settings)
    second_id = delete_dataset("films", settings)
    assert [(deleted.id, deleted.title) for deleted in list_deleted(settings)] == [(second_id, "films"), (first_id, "films")]

    restore_dataset(first_id, settings)
    assert same(load_pool("films", settings), first)
    with pytest.raises(UserError) as error:
        restore_dataset(second_id, settings)
    assert error.value.code == "dataset-name-taken"
    delete_dataset("films", settings)
    restore_dataset(second_id, settings)
    assert same(load_pool("films", settings), second)


def test_deleted_datasets_of_one_name_are_told_apart(settings: Settings) -> None:
    for num_rows in (25, 30):
        add_rows("films", csv_rows(num_rows), settings)
        delete_dataset("films", settings)
    assert [deleted.detail for deleted in list_deleted(settings)] == ["60 reviews", "50 reviews"]


def test_a_name_stands_for_its_last_deletion(settings: Settings) -> None:
    for num_rows in (25, 30):
        pool = add_rows("films", csv_rows(num_rows), settings)
        delete_dataset("films", settings)
    assert restore_dataset("films", settings) == "films"
    assert same(load_pool("films", settings), pool)


def test_a_dataset_that_version_0_1_deleted_can_be_restored(settings: Settings) -> None:
    before = add_rows("films", csv_rows(), settings)
    (settings.folder("datasets") / "films.csv").replace(settings.folder("datasets/deleted") / "films.csv")
    [deleted] = list_deleted(settings)
    restore_dataset(deleted.id, settings)
    assert same(load_pool("films", settings), before)


def test_a_dataset_deleted_over_thirty_days_ago_is_gone_for_good(settings: Settings, tmp_path: Path) -> None:
    for name in ("films", "plays"):
        add_rows(name, csv_rows(), settings)
    old, new = (delete_dataset(name, settings) for name in ("films", "plays"))
    os.utime(tmp_path / "datasets" / "deleted" / f"{old}.csv", (0, 0))
    with pytest.raises(UserError) as error:
        restore_dataset(old, settings)
    assert error.value.code == "dataset-not-deleted"
    assert restore_dataset(new, settings) == "plays"
    assert list((tmp_path / "datasets" / "deleted").iterdir()) == []


def test_a_deleted_dataset_is_gone_for_good_when_somebody_wants_it(settings: Settings) -> None:
    add_rows("films", csv_rows(), settings)
    deletion_id = delete_dataset("films", settings)
    for _ in range(2):
        purge_dataset(deletion_id, settings)
    assert list_deleted(settings) == []


@pytest.mark.parametrize("deletion_id", ["../films", "films", "../../runs"])
def test_nothing_but_what_was_deleted_is_restored(settings: Settings, deletion_id: str) -> None:
    add_rows("films", csv_rows(), settings)
    with pytest.raises(UserError):
        restore_dataset(deletion_id, settings)
    assert list_datasets(settings) == [*BUILT_IN, "films"]


def test_a_packaged_dataset_cannot_be_deleted(settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        delete_dataset("imdb", settings)
    assert error.value.code == "dataset-packaged"


def test_a_dataset_that_is_not_there_cannot_be_deleted(settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        delete_dataset("films", settings)
    assert error.value.code == "dataset-missing"
