"""CSV files that hold what other people wrote."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from core.errors import UserError
from core.files import require_new_file, to_csv, write_whole

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＠SUM(A1)"]
BEFORE = [" ", "   ", "\u00a0", "\u3000", "\ufeff", "\u200b", "\x00", '"', "'", ";", ",", '";', "\n", " \t "]


@pytest.mark.parametrize("text", [*FORMULAS, *(f"{before}=1+1" for before in BEFORE)])
def test_a_text_that_is_a_formula_begins_with_an_apostrophe(text: str) -> None:
    written = pd.read_csv(io.StringIO(to_csv(pd.DataFrame({"text": [text]})), newline=""))
    assert written["text"].to_list() == [f"'{text}"]


def test_a_heading_is_a_text_too() -> None:
    assert to_csv(pd.DataFrame({"=1+1": [1]})).splitlines()[0] == "'=1+1"


def test_numbers_and_other_texts_stay_what_they_are() -> None:
    frame = pd.DataFrame({"difference": [-0.5, float("nan")], "count": [-1, 2], "text": ["a film - no more", "'tis =so"]})
    assert to_csv(frame) == frame.to_csv(index=False, lineterminator="\r\n")


def test_texts_among_numbers_are_guarded() -> None:
    assert to_csv(pd.DataFrame({"value": [-1, "-1"]})).splitlines() == ["value", "-1", "'-1"]


def test_a_file_for_people_can_be_read_as_their_other_files_are(tmp_path: Path) -> None:
    (tmp_path / "usual.csv").touch()
    write_whole(tmp_path / "out.csv", to_csv(pd.DataFrame({"text": ["schön\r\nund gut"]})))
    assert (tmp_path / "out.csv").read_bytes() == 'text\r\n"schön\r\nund gut"\r\n'.encode()
    assert (tmp_path / "out.csv").stat().st_mode == (tmp_path / "usual.csv").stat().st_mode


def test_what_was_there_stays_when_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError) as error:
        write_whole(tmp_path / "folder", "a")
    assert error.value.code == "file-not-writable"
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_nothing_is_replaced_that_nobody_named(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    require_new_file(path, replace=False)
    path.touch()
    with pytest.raises(UserError) as error:
        require_new_file(path, replace=False)
    assert error.value.code == "file-exists"
    require_new_file(path, replace=True)
