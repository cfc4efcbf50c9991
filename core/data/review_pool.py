"""Labelled reviews, cleaned and deduplicated, with a train/test split that depends on their texts alone."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import BoolArray
from core.data.near_copies import leave_test
from core.plain_text import plain_text

_SPACES = re.compile(r"[^\S\x85]+")  # U+0085 is white space to Python, and in Windows-1252 an ellipsis
_LINE_BREAK_TAG = re.compile(r"<[bB][rR]\s*/?>")
_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")


@dataclass(frozen=True, eq=False)
class ReviewPool:
    """Distinct reviews in an order that depends on their contents alone.

    Attributes:
        name: The dataset's name.
        texts: N plain texts, see `core.plain_text`.
        labels: int8 (N,), 0 negative, 1 positive.
        ids: N hashes of the texts before they were made plain (16 hexadecimal digits), ascending.
        train: int64, indices of the reviews that may train anything, ascending.
        test: int64, indices of the reviews that train nothing, pretraining included, ascending.
        num_duplicates: Rows dropped because their text was there already, or had both labels.
        num_skipped: Rows dropped because their text was empty or their label neither negative nor positive.
    """

    name: str
    texts: tuple[str, ...]
    labels: npt.NDArray[np.int8]
    ids: tuple[str, ...]
    train: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]
    num_duplicates: int
    num_skipped: int

    @cached_property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that change with any text or label; ids ignore case and know no labels."""
        digest = hashlib.sha256(self.labels.tobytes())
        for text in self.texts:
            digest.update(f"{len(text)} {text}".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()[:16]


def near_duplicate_keys(text: str) -> tuple[str, str]:
    """The first and the last 60 letters and digits of a text, in lower case.

    Two texts that share either key are, for all practical purposes, copies. This keeps test reviews, even retyped or truncated
    ones, out of the texts that a language model is trained on.
    """
    characters = _NO_LETTER_OR_DIGIT.sub("", plain_text(text).casefold())
    return characters[:60], characters[-60:]


def deduplicate(texts: Sequence[str], labels: Sequence[int | None]) -> pd.DataFrame:
    """Removes duplicates and sorts by content hash.

    The hash decides between training and test for ever, so it is that of version 0.1.0, which made texts less plain.

    Args:
        texts: As written.
        labels: 0, 1, or None for a row to skip.

    Returns:
        Columns `id`, `text` (as written, without line breaks) and `label`; `attrs` counts the rows that were dropped.
    """
    labels_of: dict[str, int] = {}
    texts_of: dict[str, str] = {}
    contradictory: set[str] = set()
    num_skipped = 0
    for written, label in zip(texts, labels, strict=True):
        unbroken = _LINE_BREAK_TAG.sub(" ", written) if "<" in written else written
        hashed = " ".join(unbroken.split())
        text = hashed if "\x85" not in unbroken else " ".join(_SPACES.split(unbroken)).strip(" ")
        if not hashed or label is None:
            num_skipped += 1
            continue
        review_id = hashlib.sha256(hashed.casefold().encode()).hexdigest()[:16]
        if labels_of.setdefault(review_id, label) != label:
            contradictory.add(review_id)
        # Among copies that differ in case the smallest is kept, whichever row comes first.
        texts_of[review_id] = min(text, texts_of.get(review_id, text))
    ids = tuple(sorted(labels_of.keys() - contradictory))
    return _table(
        ids,
        [texts_of[review_id] for review_id in ids],
        [labels_of[review_id] for review_id in ids],
        num_duplicates=len(texts) - num_skipped - len(ids),
        num_skipped=num_skipped,
    )


def make_plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The table of `deduplicate` with plain texts; texts that are the same by now, but for case, are duplicates, too."""
    rows: dict[str, tuple[str, str, int]] = {}
    labels_of: dict[str, set[int]] = defaultdict(set)
    num_empty = 0
    for review_id, text, label in zip(frame["id"], map(plain_text, frame["text"]), frame["label"].tolist(), strict=True):
        num_empty += not text
        if text:
            rows.setdefault(text.casefold(), (review_id, text, label))
            labels_of[text.casefold()].add(label)
    kept = [row for text, row in rows.items() if len(labels_of[text]) == 1]
    return _table(
        *(zip(*kept, strict=True) if kept else ((), (), ())),
        num_duplicates=frame.attrs["num_duplicates"] + len(frame) - num_empty - len(kept),
        num_skipped=frame.attrs["num_skipped"] + num_empty,
    )


def _table(
    ids: Sequence[str], texts: Sequence[str], labels: Sequence[int], *, num_duplicates: int, num_skipped: int
) -> pd.DataFrame:
    frame = pd.DataFrame({"id": ids, "text": texts, "label": np.array(labels, dtype=np.int8)})
    frame.attrs = {"num_duplicates": num_duplicates, "num_skipped": num_skipped}
    return frame


def split(frame: pd.DataFrame) -> pd.DataFrame:
    """The table of `make_plain` with the column `in_test`: by content hash, without near copies of training reviews."""
    return frame.assign(in_test=leave_test(frame["text"].tolist(), hashed_to_test(frame["id"].tolist())))


def hashed_to_test(ids: Sequence[str]) -> BoolArray:
    """Which reviews their content hash has for testing, bool (N,): a fifth, for ever; some of them are near copies."""
    return np.array([int(review_id[:8], 16) % 5 == 0 for review_id in ids], dtype=bool)


def build_pool(name: str, frame: pd.DataFrame) -> ReviewPool:
    """The table of `split` as a pool."""
    in_test = frame["in_test"].to_numpy(bool)  # (N,)
    return ReviewPool(
        name=name,
        texts=tuple(frame["text"].tolist()),
        labels=frame["label"].to_numpy(),
        ids=tuple(frame["id"].tolist()),
        train=np.flatnonzero(~in_test).astype(np.int64),
        test=np.flatnonzero(in_test).astype(np.int64),
        num_duplicates=frame.attrs["num_duplicates"],
        num_skipped=frame.attrs["num_skipped"],
    )
