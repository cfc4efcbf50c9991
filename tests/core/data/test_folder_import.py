"""Reviews as text files in folders, as the full IMDB set is released."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from core.data.csv_import import read_csv
from core.data.folder_import import has_labelled_files, read_labelled_files
from core.errors import UserError

FILES = {
    "aclImdb/train/pos/0_9.txt": "A lovely film.<br />Go.",
    "aclImdb/test/neg/1_2.txt": 'A dull film, "sadly".',
    "aclImdb/train/unsup/2_0.txt": "No label.",
    "aclImdb/train/labeledBow.feat": "9 0:9",
    "../../outside/pos/3_9.txt": "Its path leads out of the archive.",
}


def write_folder(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def write_archive(path: Path, files: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def test_a_folder_is_read_with_the_labels_of_its_folders(tmp_path: Path) -> None:
    inside = {name: text for name, text in FILES.items() if not name.startswith("..")}
    folder = write_folder(tmp_path / "set", inside)

    rows = {tuple(row) for row in read_csv(read_labelled_files(folder)).to_numpy()}
    assert rows == {("A lovely film.<br />Go.", "pos"), ('A dull film, "sadly".', "neg")}


def test_an_archive_is_read_without_being_unpacked(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "set.tar.gz", FILES)

    assert has_labelled_files(archive)
    assert read_csv(read_labelled_files(archive))["label"].tolist() == ["pos", "neg", "pos"]
    assert [path.name for path in tmp_path.rglob("*")] == ["set.tar.gz"]


def test_an_archive_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    whole = write_archive(tmp_path / "set.tar.gz", FILES).read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(UserError, match="get the folder or archive again"):
        read_labelled_files(tmp_path / "cut.tar.gz")


def test_a_folder_without_reviews_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There are no reviews in .*neg/\*\.txt and pos/\*\.txt"):
        read_labelled_files(write_folder(tmp_path, {"readme.txt": "Nothing."}))


def test_a_file_far_too_large_for_a_review_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="too large for a review"):
        read_labelled_files(write_archive(tmp_path / "bomb.tar.gz", {"set/pos/0.txt": "0" * (2**20 + 1)}))
