"""What lessons have changed: the same trials, before and after, on pairs that nobody has taught and on the test reviews."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.analysis.intervals import Estimate, crossed_mean
from core.analysis.outcomes import Outcomes
from core.analysis.paired_tests import difference, gain_table
from core.arrays import BoolArray
from core.challenges.scoring import PairResult, Report, passes
from core.challenges.suite import Demand, Family, Suite
from core.experiment.arms import pair_of
from core.experiment.lessons import Lesson

_TEACHABLE: tuple[Demand, ...] = ("flip", "same")  # a label can be taught, "more positive than the other" cannot


@dataclass(frozen=True)
class Change:
    """A share before and after the lessons, on average over the trials.

    Attributes:
        before: The share, 0-1.
        after: The share, 0-1.
        difference: After minus before, with the interval for other draws and other texts of this kind.
        num_texts: Pairs or reviews.
    """

    before: float
    after: float
    difference: Estimate
    num_texts: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        low, high = self.difference.interval
        return low > 0 or high < 0


@dataclass(frozen=True)
class FamilyChange:
    """What lessons have changed in a family of pairs.

    Attributes:
        family: Title of the family; None for all families of which nothing was taught.
        is_taught: Whether a text of the family is a lesson; the pairs that count are the others.
        by_arm: The share of pairs passed.
        gap: By how much the share of the second model rose more than that of the first; None for a single model.
    """

    family: str | None
    is_taught: bool
    by_arm: dict[str, Change]
    gap: Estimate | None


def teachable(suite: Suite) -> list[Family]:
    """Families whose pairs have labels that can be taught."""
    return [family for family in suite.families if family.demand in _TEACHABLE]


def half_of(family: Family) -> list[tuple[str, Literal[0, 1]]]:
    """Texts and labels of every other pair of a family; the rest are left to test."""
    return [
        (text, 1 if expected == "positive" else 0)
        for pair in family.pairs[::2]
        for text, expected in zip(pair.texts, pair.expected, strict=True)
    ]


def family_changes(before: Report, after: Report, lessons: Sequence[Lesson]) -> list[FamilyChange]:
    """What lessons have changed, on pairs none of whose texts is a lesson.

    Args:
        before: Of the untaught run.
        after: Of the taught run, on the same suite and with as many trials.
        lessons: Of the taught run.

    Returns:
        A row per family that something was taught of and that has other pairs, one for all families of which nothing was
        taught, and one for each of these.
    """
    taught_texts = {lesson.text.casefold() for lesson in lessons}
    taught, untaught = [], []
    for family in before.suite.families:
        rows = list(zip(before.of(family.title), after.of(family.title), strict=True))
        unseen = [row for row in rows if not _is_lesson(row[0], taught_texts)]
        if len(unseen) == len(rows):
            untaught.append((family.title, unseen))
        elif unseen:
            taught.append((family.title, unseen))
    changes = [_family_change(title, unseen, is_taught=True) for title, unseen in taught]
    if untaught:
        changes.append(_family_change(None, [row for _, rows in untaught for row in rows], is_taught=False))
    return changes + [_family_change(title, rows, is_taught=False) for title, rows in untaught]


def review_change(before: Outcomes, after: Outcomes, arm: str) -> Change:
    """What lessons have changed in the accuracy of an arm on the test reviews.

    Args:
        before: Of the untaught run.
        after: Of the taught run, with the same trials and test reviews.
        arm: The arm.
    """
    return _change(before.correct_of(arm), after.correct_of(arm), overlap=before.shared)


def _is_lesson(result: PairResult, taught_texts: set[str]) -> bool:
    return any(text.casefold() in taught_texts for text in result.pair.texts)


def _family_change(family: str | None, rows: Iterable[tuple[PairResult, PairResult]], *, is_taught: bool) -> FamilyChange:
    pairs = list(rows)
    arms = [arm for arm in pairs[0][0].probs if arm in pairs[0][1].probs]
    tables = {arm: (_passed([row[0] for row in pairs], arm), _passed([row[1] for row in pairs], arm)) for arm in arms}
    gap = None
    if pair := pair_of(arms):
        gains = {arm: gain_table(before, after) for arm, (before, after) in tables.items()}
        gap = crossed_mean(gains[pair[1]] - gains[pair[0]], lowest=-2.0, highest=2.0)
    return FamilyChange(family, is_taught, {arm: _change(*table) for arm, table in tables.items()}, gap)


def _passed(results: Sequence[PairResult], arm: str) -> BoolArray:
    """Bool (num_trials, num_pairs)."""
    return np.array([passes(result.pair, result.probs[arm]) for result in results]).T


def _change(before: BoolArray, after: BoolArray, *, overlap: float | None = None) -> Change:
    return Change(
        before=float(before.mean()),
        after=float(after.mean()),
        difference=difference(before, after, overlap=overlap),
        num_texts=before.shape[1],
    )
