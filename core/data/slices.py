"""Slices: the rows of a table by what one of its columns says, as categories or as bins of numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from core.arrays import DoubleArray, IndexArray

MOST_SLICES = 12  # of a column; the rest of its values are one slice
MOST_COLUMNS = 20  # of a table that are kept to slice by
_MOST_LOOKED_AT = 100  # columns of a table: each takes a second if it has a million rows
_NUM_BINS = 5
_MOST_TITLE = 40  # characters
_MOST_DISTINCT = 0.5  # share of the rows; a column of names or numbers of rows slices nothing


@dataclass(frozen=True, eq=False)
class Slice:
    """Some rows.

    Attributes:
        title: What they have in common, such as a value of the column or "3 to 7.5".
        rows: int64, their positions, ascending.
    """

    title: str
    rows: IndexArray


def slice_by(values: Sequence[str]) -> list[Slice]:
    """Rows by their value in a column; every row is in one slice.

    Numbers with more than `MOST_SLICES` different values are put into bins of about equally many rows, ends included; fewer of
    them are categories in their order. Other values are categories, the most frequent first; where there are more than
    `MOST_SLICES`, all but the most frequent are "other". Empty cells are a slice of their own, the last one.

    Args:
        values: A cell per row, empty if nothing is known.

    Returns:
        At least two slices; none if the column tells no rows apart, or nearly all of them, as an id or a text does.
    """
    cells = np.array([value.strip() for value in values], dtype=object)
    counts = Counter(cells.tolist())
    num_empty = counts.pop("", 0)
    numbers = _numbers(cells)
    if len(counts) > MOST_SLICES and numbers is not None:
        found = _bins(numbers)
    elif not counts or (len(counts) > MOST_SLICES and len(counts) > _MOST_DISTINCT * counts.total()):
        return []
    else:
        found = _categories(cells, counts, is_number=numbers is not None)
    if num_empty:
        found.append(Slice("no value", _where(cells == "")))
    return found if len(found) > 1 else []


def sliceable(frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """The first `MOST_COLUMNS` of some columns that tell rows of a table apart; so many are looked at, at most."""
    found = (column for column in columns[:_MOST_LOOKED_AT] if slice_by(frame[column].tolist()))
    return list(islice(found, MOST_COLUMNS))


def _numbers(cells: np.ndarray) -> DoubleArray | None:
    """The cells as numbers, NaN where they are empty; None if any is no number."""
    numbers = pd.to_numeric(pd.Series(cells).replace("", np.nan), errors="coerce").to_numpy(np.float64)
    return None if not np.isfinite(numbers[cells != ""]).all() else numbers


def _bins(numbers: DoubleArray) -> list[Slice]:
    known = numbers[~np.isnan(numbers)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _NUM_BINS + 1), method="lower"))
    bin_of = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, max(len(edges) - 2, 0))
    found = []
    for number in range(max(len(edges) - 1, 1)):
        rows = _where((bin_of == number) & ~np.isnan(numbers))
        if len(rows):
            low, high = numbers[rows].min(), numbers[rows].max()
            found.append(Slice(f"{low:g} to {high:g}" if high > low else f"{low:g}", rows))
    return found


def _categories(cells: np.ndarray, counts: Counter[str], *, is_number: bool) -> list[Slice]:
    ordered = sorted(counts, key=float) if is_number else [value for value, _ in counts.most_common()]
    named = ordered if len(ordered) <= MOST_SLICES else ordered[: MOST_SLICES - 1]
    found = [Slice(_short(value), _where(cells == value)) for value in named]
    if len(ordered) > len(named):
        others = set(ordered[len(named) :])
        found.append(Slice(f"other ({len(others):,} values)", _where(np.array([cell in others for cell in cells]))))
    return found


def _short(value: str) -> str:
    return value if len(value) <= _MOST_TITLE else f"{value[: _MOST_TITLE - 1]}…"


def _where(is_member: np.ndarray) -> IndexArray:
    return np.flatnonzero(is_member).astype(np.int64)
