"""Reviews as text files in folders and archives, as the full IMDB set is released."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.data.review_file import read_path, read_table
from core.errors import UserError
from tests.core.data.small_csv import csv_rows, to_csv, to_tar_gz, to_zip, write_folder

FILES = {
    "aclImdb/train/pos/0_9.txt": "A lovely film.<br />Go.",
    "aclImdb/test/neg/1_2.txt": 'A dull film, "sadly".',
    "aclImdb/train/unsup/2_0.txt": "No label.",
    "aclImdb/train/labeledBow.feat": "9 0:9",
    "aclImdb/train/pos/._0_9.txt": "Left by a Mac.",
    "set/Negative/é.txt": "Pas mal, café.",
}
ROWS = {("A lovely film.<br />Go.", "pos"), ('A dull film, "sadly".', "neg"), ("Pas mal, café.", "neg")}
OUTSIDE = {"../../outside/pos/3_9.txt": "Its path leads out of the archive."}


def packed(files: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


def test_a_folder_is_read_with_the_labels_of_its_folders(tmp_path: Path) -> None:
    read = read_path(write_folder(tmp_path / "set", FILES))
    assert {tuple(row) for row in read.frame.to_numpy()} == ROWS
    assert list(read.frame.columns) == ["text", "label"]


@pytest.mark.parametrize("pack", [to_tar_gz, to_zip])
def test_an_archive_is_read_without_being_unpacked(pack: object, tmp_path: Path) -> None:
    assert callable(pack)
    path = tmp_path / "set.of.reviews"
    path.write_bytes(pack(packed(FILES | OUTSIDE)))
    assert {tuple(row) for row in read_path(path).frame.to_numpy()} == ROWS | {(*OUTSIDE.values(), "pos")}
    assert list(tmp_path.rglob("*")) == [path]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_a_folder_is_left_alone(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", FILES)
    os.mkfifo(folder / "aclImdb" / "train" / "pos" / "9_9.txt")
    assert len(read_path(folder).frame) == 3
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UserError) as error:
        read_path(tmp_path / "pipe.csv")
    assert error.value.code == "reviews-unreadable"


@pytest.mark.parametrize("pack", [to_tar_gz, to_zip])
def test_an_archive_that_is_cut_short_is_refused(pack: object) -> None:
    assert callable(pack)
    whole = pack({f"set/pos/{number}.txt": os.urandom(500) for number in range(20)})
    with pytest.raises(UserError) as error:
        read_table(whole[: len(whole) // 2])
    assert error.value.code == "reviews-unreadable"


def test_a_folder_without_reviews_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        read_path(write_folder(tmp_path / "set", {"readme.txt": "Nothing."}))
    assert error.value.code == "reviews-missing"


def test_a_file_far_too_large_for_a_review_is_refused() -> None:
    with pytest.raises(UserError) as error:
        read_table(to_tar_gz({"set/pos/0.txt": b"0" * (2**20 + 1)}))
    assert error.value.code == "reviews-too-large"


def test_the_table_in_an_archive_is_read() -> None:
    table = to_csv(csv_rows())
    for archive in (to_zip, to_tar_gz):
        read = read_table(archive({"data/reviews.csv": table, "data/.hidden.csv": b"", "README.md": b"Hello"}))
        assert [tuple(row) for row in read.frame.to_numpy()] == csv_rows()


def test_of_several_tables_in_an_archive_none_is_taken() -> None:
    with pytest.raises(UserError, match="2 tables") as error:
        read_table(to_zip({"train.csv": to_csv(csv_rows()), "test.csv": to_csv(csv_rows())}))
    assert error.value.code == "archive-many-tables"
