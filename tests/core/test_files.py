"""Files and folders that only their owner can read."""

from __future__ import annotations

from pathlib import Path

from core.files import write_atomically
from core.settings import Settings


def test_the_data_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    Settings(data_dir=tmp_path / "some" / "data").folder("cache/counts")
    assert (tmp_path / "some" / "data").stat().st_mode & 0o777 == 0o700


def test_a_file_of_the_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("old")
    write_atomically(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)
