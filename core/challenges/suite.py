"""Families of minimal pairs, bundled ones and a person's own from CSV."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

from core.data.review_file import read_table
from core.errors import UserError

Expectation = Literal["positive", "negative", "more positive", "more negative"]
Change = Literal["insertion", "replacement", "order", "spelling", "capitals"]
Demand = Literal["flip", "same", "shift", "mixed"]

CSV_COLUMNS = ("text", "expected", "family", "pair")
MAX_PAIRS = 5_000  # in a person's own suite: minutes, not hours

_LABELS: dict[str, Expectation] = {
    "positive": "positive",
    "pos": "positive",
    "1": "positive",
    "negative": "negative",
    "neg": "negative",
    "0": "negative",
    "more positive": "more positive",
    "more negative": "more negative",
}


@dataclass(frozen=True)
class MinimalPair:
    """Two texts that differ in one thing.

    Attributes:
        name: Unique within its family.
        texts: The text and its changed copy.
        expected: What a careful reader says about each. The second may be "more positive" or "more negative" than the first,
            whatever its own label.
    """

    name: str
    texts: tuple[str, str]
    expected: tuple[Expectation, Expectation]

    @property
    def demand(self) -> Demand:
        """Whether the label must flip, must stay the same, or the probability must shift to one side."""
        if self.expected[1].startswith("more"):
            return "shift"
        return "same" if self.expected[0] == self.expected[1] else "flip"


@dataclass(frozen=True)
class Family:
    """Pairs that test the same ability.

    Attributes:
        title: A word or two.
        explanation: What the pairs test, in one sentence; empty for a person's own family.
        pairs: At least one.
        change: How the second text differs from the first; None for a person's own family.
        words: All words, in lower case, that an insertion or replacement may add; empty if any may.
    """

    title: str
    explanation: str
    pairs: tuple[MinimalPair, ...]
    change: Change | None = None
    words: frozenset[str] = frozenset()

    @property
    def demand(self) -> Demand:
        """What its pairs demand; "mixed" if they differ."""
        demands = {pair.demand for pair in self.pairs}
        return demands.pop() if len(demands) == 1 else "mixed"


@dataclass(frozen=True)
class Suite:
    """Families to test models on.

    Attributes:
        name: Name shown to people.
        families: In the order in which they are shown; titles are unique.
    """

    name: str
    families: tuple[Family, ...]

    @property
    def num_pairs(self) -> int:
        """Pairs of all families."""
        return sum(len(family.pairs) for family in self.families)

    @cached_property
    def fingerprint(self) -> str:
        """Changes when a text or an expectation changes."""
        content = [(family.title, pair.texts, pair.expected) for family in self.families for pair in family.pairs]
        return hashlib.sha256(repr(content).encode()).hexdigest()[:16]


def load_csv_suite(name: str, data: bytes) -> Suite:
    """A person's own suite: a text per row; the two rows of a pair have the same family and pair.

    Args:
        name: Name shown to people, such as the file's name.
        data: CSV with the columns text, expected, family and pair, in any order and case. Expected is positive or negative (or
            pos, neg, 1, 0); in the second row of a pair also "more positive" or "more negative" than the first.

    Raises:
        UserError: The file is not such a CSV; the sentence names the row or pair.
    """
    frame = read_table(data).frame
    frame = frame.set_axis([str(column).strip().casefold() for column in frame.columns], axis="columns")
    if missing := [column for column in CSV_COLUMNS if column not in frame.columns]:
        raise UserError(
            f"The CSV has no column {' and none called '.join(missing)}; it needs {', '.join(CSV_COLUMNS)}.",
            code="suite-no-column",
        )
    rows = [_read_row(number, row) for number, row in enumerate(frame[list(CSV_COLUMNS)].itertuples(index=False), start=2)]
    members: dict[str, dict[str, list[tuple[str, Expectation]]]] = {}
    for text, expected, family, pair in rows:
        members.setdefault(family, {}).setdefault(pair, []).append((text, expected))
    families = tuple(
        Family(title=family, explanation="", pairs=tuple(_make_pair(family, pair, texts) for pair, texts in pairs.items()))
        for family, pairs in members.items()
    )
    suite = Suite(name=name, families=families)
    if suite.num_pairs > MAX_PAIRS:
        raise UserError(f"The CSV has {suite.num_pairs:,} pairs; shorten it to {MAX_PAIRS:,} or fewer.", code="suite-too-large")
    return suite


def _read_row(number: int, row: Sequence[str]) -> tuple[str, Expectation, str, str]:
    """Text, expectation, family and pair of a row; numbers count from 1 as in spreadsheets."""
    text, label, family, pair = (" ".join(cell.split()) for cell in row)
    for column, value in zip(CSV_COLUMNS, (text, label, family, pair), strict=True):
        if not value:
            raise UserError(
                f"Row {number} of the CSV has nothing in the column {column}; fill it in or remove the row.",
                code="suite-empty-cell",
            )
    expected = _LABELS.get(label.casefold())
    if expected is None:
        raise UserError(
            f'Row {number} of the CSV expects "{label[:40]}"; write positive or negative, or in the second text of a pair '
            "more positive or more negative.",
            code="suite-expectation",
        )
    return text, expected, family, pair


def _make_pair(family: str, name: str, texts: Sequence[tuple[str, Expectation]]) -> MinimalPair:
    where = f'The pair "{name[:40]}" of the family "{family[:40]}"'
    if len(texts) != 2:
        raise UserError(f"{where} has {len(texts)} texts; give each pair exactly two rows.", code="suite-pair-size")
    (first, first_expected), (second, second_expected) = texts
    if first == second:
        raise UserError(f"{where} has the same text twice; change something in one of them.", code="suite-pair-equal")
    if first_expected.startswith("more"):
        raise UserError(
            f'{where} begins with "{first_expected}"; its first text must be positive or negative.', code="suite-pair-first"
        )
    return MinimalPair(name=name, texts=(first, second), expected=(first_expected, second_expected))


def to_csv(suite: Suite) -> str:
    """The suite as the CSV that `load_csv_suite` reads."""
    rows = [
        (text, expected, family.title, pair.name)
        for family in suite.families
        for pair in family.pairs
        for text, expected in zip(pair.texts, pair.expected, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(CSV_COLUMNS)).to_csv(index=False, lineterminator="\n")
