"""What else a file says of its reviews: its further columns, kept beside a dataset to slice test reviews by."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core.data.columns import ColumnMapping
from core.data.slices import sliceable

_ID_COLUMN = "\0id"  # no heading of a file
_LINE_BREAK_TAG = re.compile(r"<[bB][rR]\s*/?>")


def columns_of(path: Path) -> Path:
    """The file with the further columns of a dataset's file, a Parquet table; it is there only if there are any."""
    return path.with_suffix(".parquet")


def review_id(text: str) -> str:
    """The id of a text as written, which `core.data.review_pool.deduplicate` gives it.

    Said again here, because the code over there is part of what identifies runs and must not change.
    """
    return hashlib.sha256(" ".join(_LINE_BREAK_TAG.sub(" ", text).split()).casefold().encode()).hexdigest()[:16]


def pack_columns(frame: pd.DataFrame, mapping: ColumnMapping, labels: Sequence[int | None]) -> bytes | None:
    """The further columns that tell reviews apart, by the id of the review; of copies, the first row counts.

    The column of the labels is among them where it says more than which of two classes a review is of, such as a number of
    stars.

    Args:
        frame: The table, all cells strings.
        mapping: What its columns mean.
        labels: What `map_labels` gave; rows without a label are no reviews.

    Returns:
        A Parquet table; None if no column tells reviews apart.
    """
    rows = frame[[label is not None for label in labels]]
    candidates = [str(column) for column in frame.columns if column != mapping.text_column]
    if rows[mapping.label_column].str.strip().nunique() <= len({label for label in labels if label is not None}):
        candidates.remove(mapping.label_column)
    kept = sliceable(rows, candidates)
    if not kept:
        return None
    found = rows[kept].assign(**{_ID_COLUMN: [review_id(text) for text in rows[mapping.text_column]]})
    return bytes(found.drop_duplicates(_ID_COLUMN).to_parquet(index=False))


def unpack_columns(data: bytes, ids: Sequence[str]) -> pd.DataFrame:
    """The columns of some reviews.

    Args:
        data: What `pack_columns` made.
        ids: Of the reviews, which decide the order.

    Returns:
        A row per review, cells empty where nothing is known.

    Raises:
        ValueError: The bytes are damaged.
    """
    try:
        frame = pd.read_parquet(io.BytesIO(data)).set_index(_ID_COLUMN)
    except (OSError, KeyError) as error:
        raise ValueError(f"these are no columns of reviews ({error})") from error
    return frame.reindex(list(ids)).fillna("").reset_index(drop=True)
