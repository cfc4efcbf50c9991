"""Small files of reviews."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.columns import ColumnMapping
from core.data.datasets import add_dataset
from core.data.review_file import read_table
from core.data.review_pool import ReviewPool
from core.settings import Settings

MAPPING = ColumnMapping("text", "label", negative=("neg",), positive=("pos",))


def csv_rows(num_per_class: int = 25) -> list[tuple[str, str]]:
    return [
        (f"{adjective} film number {n}", label)
        for n in range(num_per_class)
        for adjective, label in (("dull", "neg"), ("fine", "pos"))
    ]


def to_csv(rows: list[tuple[str, str]], encoding: str = "utf-8") -> bytes:
    return pd.DataFrame(rows, columns=["text", "label"]).to_csv(index=False).encode(encoding)


def add_rows(
    name: str, rows: list[tuple[str, str]], settings: Settings, mapping: ColumnMapping = MAPPING, *, replace: bool = False
) -> ReviewPool:
    """Adds a CSV with these texts and labels as a dataset."""
    return add_dataset(name, read_table(to_csv(rows)), mapping, settings, replace=replace)


def write_folder(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def to_tar_gz(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def to_zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def same(pool: ReviewPool, other: ReviewPool) -> bool:
    return (pool.texts, pool.ids, pool.num_duplicates) == (other.texts, other.ids, other.num_duplicates) and all(
        np.array_equal(getattr(pool, name), getattr(other, name)) for name in ("labels", "train", "test")
    )
