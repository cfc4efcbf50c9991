"""A table of predictions as a person would have it."""

from __future__ import annotations

import io

import pandas as pd

from core.data.review_file import read_table
from core.data.review_table import ReviewTable


def predictions_frame(num_rows: int = 60) -> pd.DataFrame:
    """Two thirds positive; "careful" gives probabilities, a fifth of them wrong, "hasty" gives labels, a third of them wrong.

    On every fifteenth row both err.
    """
    rows = range(num_rows)
    labels = [int(row % 3 != 1) for row in rows]
    careful = [(0.1 + row % 4 / 10, 0.9 - row % 4 / 10)[label ^ (row % 5 == 0)] for row, label in zip(rows, labels, strict=True)]
    hasty = [label ^ (row % 3 == 0) for row, label in zip(rows, labels, strict=True)]
    return pd.DataFrame(
        {
            "text": [f"Film {row} was {'not ' * (row % 2)}what I had hoped for{' at all' * (row % 7)}." for row in rows],
            "label": [("negative", "positive")[label] for label in labels],
            "careful": [f"{prob:.3f}" for prob in careful],
            "hasty": [("neg", "pos")[said] for said in hasty],
            "genre": [("drama", "comedy", "western")[row % 3] for row in rows],
            "year": [str(1950 + row) for row in rows],
            "title": [f"Film {row}" for row in rows],
        }
    )


def as_csv(frame: pd.DataFrame) -> bytes:
    """The file."""
    return frame.to_csv(index=False).encode()


def as_table(frame: pd.DataFrame) -> ReviewTable:
    """The file, read."""
    return read_table(io.BytesIO(as_csv(frame)).getvalue())
