"""Where the gain comes from: the way from static vectors to ELMo in steps that change one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from core.analysis.intervals import Estimate, crossed_mean
from core.analysis.paired_tests import difference, difference_p
from core.experiment.arms import STAIRCASE

if TYPE_CHECKING:
    from core.analysis.outcomes import Outcomes

_FEWEST_ARMS = 3  # two make a single step, which is the comparison of the pair


@dataclass(frozen=True)
class Step:
    """From one arm to the next, over the same trials and test reviews.

    Attributes:
        start: The arm before.
        end: The arm after.
        gain: Accuracy of the arm after minus that of the arm before, with its 95 % interval; fractions, not points.
        p: Two-sided, of the gain being 0.
    """

    start: str
    end: str
    gain: Estimate
    p: float


@dataclass(frozen=True)
class Staircase:
    """All steps from the first arm of a run to its last, in the order of `STAIRCASE`.

    Attributes:
        accuracies: Of each arm, with their intervals, in that order.
        steps: From each to the next; their gains add up to that of the whole.
        whole: From the first to the last.
    """

    accuracies: dict[str, Estimate]
    steps: tuple[Step, ...]
    whole: Step


def staircase(outcomes: Outcomes) -> Staircase | None:
    """The steps of a run; None if it has fewer than three arms of `STAIRCASE`. Intervals are those of `crossed_mean`."""
    arms = [arm for arm in STAIRCASE if arm in outcomes.arms]
    if len(arms) < _FEWEST_ARMS:
        return None
    return Staircase(
        accuracies={arm: crossed_mean(outcomes.correct_of(arm), overlap=outcomes.shared) for arm in arms},
        steps=tuple(step(outcomes, start, end) for start, end in pairwise(arms)),
        whole=step(outcomes, arms[0], arms[-1]),
    )


def step(outcomes: Outcomes, start: str, end: str) -> Step:
    """The way from one arm of a run to another; from an arm to itself, it is exactly 0.

    Raises:
        ValueError: The run has no such arm.
    """
    if start == end:
        return Step(start, end, Estimate(0.0, (0.0, 0.0)), 1.0)
    tables = outcomes.correct_of(start), outcomes.correct_of(end)
    return Step(start, end, difference(*tables, overlap=outcomes.shared), difference_p(*tables, overlap=outcomes.shared))
