"""Further columns of a file stay beside its dataset."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import datasets, deleted_datasets
from core.data.columns import ColumnMapping
from core.data.datasets import further_columns, load_pool
from core.data.review_columns import columns_of, review_id
from core.data.review_file import read_table
from core.data.review_pool import ReviewPool, deduplicate
from core.errors import UserError
from core.settings import Settings

MAPPING = ColumnMapping("text", "stars", negative=("1", "2"), positive=("4", "5"))


def films(num_rows: int = 100) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "text": [f"Film {row} was <br /> what it was." for row in range(num_rows)],
            "stars": [str((1, 2, 3, 4, 5)[row % 5]) for row in range(num_rows)],
            "genre": [("drama", "", "comedy")[row % 3] for row in range(num_rows)],
            "title": [f"Film {row}" for row in range(num_rows)],
        }
    )


def add(name: str, frame: pd.DataFrame, settings: Settings, *, replace: bool = False) -> ReviewPool:
    return datasets.add_dataset(name, read_table(frame.to_csv(index=False).encode()), MAPPING, settings, replace=replace)


@given(st.text(alphabet=st.characters(codec="utf-8")) | st.sampled_from(["A<br>b\x85 C", " ÉTÉ <BR/> straße", "x\x0b\xa0y"]))
def test_the_id_of_a_text_is_that_of_its_review(text: str) -> None:
    ids = deduplicate([text], [0])["id"].tolist()
    assert ids in ([], [review_id(text)])  # nothing but white space is no review


def test_every_review_keeps_the_cells_of_its_row(settings: Settings) -> None:
    frame = films()
    pool = add("films", frame, settings)
    found = further_columns("films", pool.ids, settings)
    assert found.columns.tolist() == ["stars", "genre"]  # a title tells nothing apart
    by_text = dict(zip(frame["text"].str.replace("<br />", "", regex=False).str.split().str.join(" "), frame.index, strict=True))
    for text, stars, genre in zip(pool.texts, found["stars"], found["genre"], strict=True):
        row = frame.loc[by_text[text]]
        assert (stars, genre) == (row["stars"], row["genre"])


def test_a_label_of_two_values_is_no_further_column(settings: Settings) -> None:
    frame = films()
    add("films", frame[frame["stars"].isin(["1", "5"])].drop(columns="genre"), settings)
    assert further_columns("films", load_pool("films", settings).ids, settings).columns.empty
    assert not columns_of(datasets.added_csv("films", settings)).exists()


def test_of_copies_the_first_row_counts(settings: Settings) -> None:
    frame = films()
    copies = pd.concat([frame, frame.assign(text=frame["text"].str.upper(), genre="western")])
    pool = add("films", copies, settings)
    assert "western" not in set(further_columns("films", pool.ids, settings)["genre"])


def test_nothing_is_known_of_other_reviews_and_of_packaged_ones(settings: Settings) -> None:
    add("films", films(), settings)
    assert further_columns("films", ["0" * 16], settings)["genre"].tolist() == [""]
    assert further_columns("imdb", ["0" * 16, "1" * 16], settings).shape == (2, 0)


def test_columns_go_with_their_dataset_wherever_it_goes(settings: Settings) -> None:
    pool = add("films", films(), settings)
    kept = further_columns("films", pool.ids, settings)
    datasets.rename_dataset("films", "movies", settings)
    assert further_columns("films", pool.ids, settings).columns.empty
    deleted_datasets.delete_dataset("movies", settings)
    assert further_columns("movies", pool.ids, settings).columns.empty
    deleted_datasets.restore_dataset("movies", settings)
    pd.testing.assert_frame_equal(further_columns("movies", pool.ids, settings), kept)
    deletion = deleted_datasets.delete_dataset("movies", settings)
    deleted_datasets.purge_dataset(deletion, settings)
    assert not [path for path in (settings.data_dir / "datasets").rglob("*") if path.is_file()]


def test_a_replaced_dataset_has_the_columns_of_the_new_file(settings: Settings) -> None:
    pool = add("films", films(), settings)
    add("films", films().drop(columns="genre").assign(year=["1990", "2000"] * 50), settings, replace=True)
    assert further_columns("films", pool.ids, settings).columns.tolist() == ["stars", "year"]


def test_what_fails_leaves_the_columns_as_they_were(settings: Settings) -> None:
    pool = add("films", films(), settings)

    def interrupted() -> None:
        with datasets.undone_on_error("films", settings):
            add("films", films().drop(columns="genre"), settings, replace=True)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "genre" in further_columns("films", pool.ids, settings)


def test_damaged_columns_are_a_sentence(settings: Settings, tmp_path: Path) -> None:
    pool = add("films", films(), settings)
    (tmp_path / "datasets" / "films.parquet").write_bytes(b"PAR1 no table")
    with pytest.raises(UserError) as error:
        further_columns("films", pool.ids, settings)
    assert error.value.code == "dataset-columns-damaged"
