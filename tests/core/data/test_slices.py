"""Slices of a column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.slices import MOST_COLUMNS, MOST_SLICES, slice_by, sliceable

cells = st.lists(st.one_of(st.sampled_from(["", "a", "b", " b", "3", "1e400", "nan", "-2.5"]), st.text(max_size=3)), max_size=60)


@given(cells)
def test_every_row_is_in_exactly_one_slice_or_there_are_none(values: list[str]) -> None:
    found = slice_by(values)
    rows = np.concatenate([each.rows for each in found]).tolist() if found else []
    assert not found or sorted(rows) == list(range(len(values)))
    assert len(found) != 1
    assert len(found) <= MOST_SLICES + 1
    assert all(len(each.rows) for each in found)


def titles(values: list[str]) -> list[tuple[str, int]]:
    return [(each.title, len(each.rows)) for each in slice_by(values)]


def test_a_few_values_are_categories_the_most_frequent_first_and_empty_cells_last() -> None:
    assert titles(["drama", "", "comedy", "drama "]) == [("drama", 2), ("comedy", 1), ("no value", 1)]


def test_a_few_numbers_are_categories_in_their_order() -> None:
    assert titles(["10", "9", "10", "2"]) == [("2", 1), ("9", 1), ("10", 2)]


def test_many_numbers_are_bins_of_about_equally_many_rows() -> None:
    found = titles([str(number) for number in range(100)])
    assert found[0] == ("0 to 18", 19)
    assert sum(number for _, number in found) == 100
    assert {number for _, number in found} <= {19, 20, 21}


def test_many_values_end_in_others() -> None:
    values = [f"director {number % 30}" for number in range(30 * 9)] + ["director 7"] * 5
    found = titles(values)
    assert found[0] == ("director 7", 14)
    assert found[-1][0] == "other (19 values)"
    assert len(found) == MOST_SLICES


@pytest.mark.parametrize("values", [["same"] * 9, [""] * 9, [f"id {number}" for number in range(50)], []])
def test_a_column_that_tells_nothing_apart_or_everything_has_no_slices(values: list[str]) -> None:
    assert slice_by(values) == []


def test_so_many_columns_are_kept_and_only_those_that_slice() -> None:
    frame = pd.DataFrame({f"c{number}": ["a", "b"] * 5 for number in range(MOST_COLUMNS + 5)} | {"one": "x"})
    assert sliceable(frame, ["one", *(f"c{number}" for number in range(MOST_COLUMNS + 5))]) == [
        f"c{number}" for number in range(MOST_COLUMNS)
    ]
