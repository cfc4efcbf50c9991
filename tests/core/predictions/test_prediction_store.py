"""Predictions in the data folder."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from core.deleted import DeletedError
from core.errors import UserError
from core.predictions.prediction_store import PredictionStore
from core.predictions.prediction_table import PredictionColumns
from core.settings import KEEP_DELETED_S, Settings
from tests.core.predictions.made_up import as_table, predictions_frame

COLUMNS = PredictionColumns(text="text", label="label", models=("careful", "hasty"))


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(Settings(data_dir=tmp_path))


def test_what_is_stored_comes_back_with_the_columns_to_slice_by(store: PredictionStore) -> None:
    frame = predictions_frame().assign(text=lambda each: each["text"] + '\n"quoted", and more')
    record = store.add(as_table(frame), COLUMNS, name="My models", file="models.csv")
    assert store.all() == [record]
    loaded = store.load(store.get(record.id))
    assert loaded.texts[3] == frame["text"][3]
    assert np.array_equal(loaded.probs["careful"], frame["careful"].astype(np.float32))
    assert loaded.further.columns.tolist() == ["genre", "year"]


def test_the_same_table_again_is_the_same_and_other_columns_are_not(store: PredictionStore) -> None:
    table = as_table(predictions_frame())
    first = store.add(table, COLUMNS, name="First")
    assert store.add(table, COLUMNS, name="Second") == first
    swapped = COLUMNS.model_copy(update={"models": ("hasty", "careful")})
    assert store.add(table, swapped, name="Third").id != first.id
    assert [record.name for record in store.all()] == ["Third", "First"]


def test_a_table_can_be_renamed_deleted_and_restored(store: PredictionStore) -> None:
    record = store.add(as_table(predictions_frame()), COLUMNS, name="My models")
    store.rename(record.id, "  Our\nmodels ")
    store.delete(record.id)
    with pytest.raises(DeletedError):
        store.get(record.id)
    assert [(deleted.id, deleted.title) for deleted in store.deleted()] == [(record.id, "Our models")]
    store.restore(record.id)
    assert (store.get(record.id).name, store.deleted()) == ("Our models", [])


def test_adding_a_deleted_table_again_restores_it(store: PredictionStore) -> None:
    table = as_table(predictions_frame())
    record = store.add(table, COLUMNS, name="My models")
    store.delete(record.id)
    assert store.add(table, COLUMNS, name="Other") == record
    assert store.deleted() == []


def test_after_thirty_days_it_is_gone_for_good(store: PredictionStore, tmp_path: Path) -> None:
    record = store.add(as_table(predictions_frame()), COLUMNS, name="My models")
    store.delete(record.id)
    folder = tmp_path / "predictions" / "deleted"
    long_ago_s = time.time() - KEEP_DELETED_S - 60
    os.utime(folder / f"{record.id}.json", (long_ago_s, long_ago_s))
    assert store.deleted() == []
    assert list(folder.iterdir()) == []
    with pytest.raises(UserError) as error:
        store.restore(record.id)
    assert error.value.code == "predictions-not-deleted"


@pytest.mark.parametrize("its_id", ["", "00000000", "../../etc/passwd", "0000000g"])
def test_an_unknown_id_is_a_sentence(store: PredictionStore, its_id: str) -> None:
    with pytest.raises(UserError) as error:
        store.get(its_id)
    assert error.value.code == "predictions-unknown"


def test_damaged_files_are_a_sentence_and_hide_nothing_else(store: PredictionStore, tmp_path: Path) -> None:
    record = store.add(as_table(predictions_frame()), COLUMNS, name="My models")
    (tmp_path / "predictions" / "0badf00d.json").write_text("{")
    assert store.all() == [record]
    (tmp_path / "predictions" / f"{record.id}.csv").write_bytes(b"text\n\xff")
    with pytest.raises(UserError) as error:
        store.load(record)
    assert error.value.code == "predictions-damaged"


def test_a_name_needs_a_letter(store: PredictionStore) -> None:
    with pytest.raises(UserError) as error:
        store.add(as_table(predictions_frame()), COLUMNS, name=" \n ")
    assert error.value.code == "name-empty"
