"""Small files of reviews."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.data.csv_import import CsvMapping
from core.data.review_pool import ReviewPool

MAPPING = CsvMapping("text", "label", negative=("neg",), positive=("pos",))


def csv_rows(num_per_class: int = 25) -> list[tuple[str, str]]:
    return [
        (f"{adjective} film number {n}", label)
        for n in range(num_per_class)
        for adjective, label in (("dull", "neg"), ("fine", "pos"))
    ]


def to_csv(rows: list[tuple[str, str]], encoding: str = "utf-8") -> bytes:
    return pd.DataFrame(rows, columns=["text", "label"]).to_csv(index=False).encode(encoding)


def same(pool: ReviewPool, other: ReviewPool) -> bool:
    return (pool.texts, pool.ids, pool.num_duplicates) == (other.texts, other.ids, other.num_duplicates) and all(
        np.array_equal(getattr(pool, name), getattr(other, name)) for name in ("labels", "train", "test")
    )
