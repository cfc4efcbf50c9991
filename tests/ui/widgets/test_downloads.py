"""CSV files that hold what other people wrote."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from ui.widgets.downloads import to_csv

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
