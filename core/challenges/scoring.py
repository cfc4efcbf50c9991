"""Results of models on a suite: pass rates, flip rates and their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.analysis.intervals import wilson_interval
from core.arrays import BoolArray, FloatArray
from core.challenges.suite import Demand, MinimalPair, Suite


@dataclass(frozen=True)
class Rate:
    """A share of pairs.

    Attributes:
        num: Pairs that meet a condition.
        total: All pairs.
    """

    num: int
    total: int

    @property
    def fraction(self) -> float:
        """The share, 0-1."""
        return self.num / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval: the rate that other pairs of this kind might have."""
        return wilson_interval(self.fraction, self.total)


def passes(pair: MinimalPair, probs: npt.NDArray[np.floating[Any]]) -> BoolArray:
    """Whether predictions are as expected.

    Args:
        pair: The pair.
        probs: (2, N), probabilities of "positive" for both texts by N models.

    Returns:
        bool (N,): both labels are right or, for a shift, the second probability is on the right side of the first.
    """
    if pair.demand == "shift":
        passed: BoolArray = probs[1] > probs[0] if pair.expected[1] == "more positive" else probs[1] < probs[0]
        return passed
    wanted = np.array([[expected == "positive"] for expected in pair.expected])  # (2, 1)
    both: BoolArray = ((probs >= 0.5) == wanted).all(axis=0)
    return both


def flips(probs: npt.NDArray[np.floating[Any]]) -> BoolArray:
    """Whether the labels of the two texts differ: (2, N) → bool (N,)."""
    is_positive = probs >= 0.5
    flipped: BoolArray = is_positive[0] != is_positive[1]
    return flipped


@dataclass(frozen=True, eq=False)
class PairResult:
    """A pair with the predictions of every head.

    Attributes:
        family: Title of its family.
        pair: The pair.
        probs: By arm, float32 (2, num_heads): probability of "positive" for each text.
    """

    family: str
    pair: MinimalPair
    probs: Mapping[str, FloatArray]

    def means(self, arm: str) -> tuple[float, float]:
        """Mean probabilities over the heads, which decide the arm's labels, as on the Probe page."""
        first, second = self.probs[arm].mean(axis=1, dtype=np.float64)
        return float(first), float(second)

    def has_passed(self, arm: str) -> bool:
        """Whether the arm's labels are as expected."""
        return bool(passes(self.pair, np.array(self.means(arm))[:, np.newaxis])[0])

    def has_flipped(self, arm: str) -> bool:
        """Whether the arm labels the two texts differently."""
        return bool(flips(np.array(self.means(arm))[:, np.newaxis])[0])


@dataclass(frozen=True)
class Score:
    """Rates of one arm in one family, or in all families with the same demand.

    Attributes:
        family: Title of the family; None for all families with that demand.
        demand: What the pairs demand.
        arm: The arm.
        passed: Pairs predicted as expected.
        flipped: Pairs whose texts get different labels.
        head_pass_rates: Pass rate (0-1) of each single head, in the order of the trials.
    """

    family: str | None
    demand: Demand
    arm: str
    passed: Rate
    flipped: Rate
    head_pass_rates: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Report:
    """All results on a suite.

    Attributes:
        suite: The suite.
        results: Results of all its pairs, in its order.
    """

    suite: Suite
    results: tuple[PairResult, ...]

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms that were tested."""
        return tuple(self.results[0].probs)

    @cached_property
    def scores(self) -> list[Score]:
        """A score per family and arm, family by family."""
        return [
            _score(self.of(family.title), arm, family=family.title, demand=family.demand)
            for family in self.suite.families
            for arm in self.arms
        ]

    @cached_property
    def totals(self) -> list[Score]:
        """A score per demand and arm over all families: a flip is right for some demands and wrong for others."""
        demand_of = {family.title: family.demand for family in self.suite.families}
        by_demand: dict[Demand, list[PairResult]] = {}
        for result in self.results:
            by_demand.setdefault(demand_of[result.family], []).append(result)
        return [_score(pairs, arm, family=None, demand=demand) for demand, pairs in by_demand.items() for arm in self.arms]

    def of(self, family: str | None) -> list[PairResult]:
        """Results of the family with that title; of all families for None."""
        return [result for result in self.results if family in (result.family, None)]

    def failing(self, family: str | None, arm: str) -> list[PairResult]:
        """Results of a family that an arm does not pass."""
        return [result for result in self.of(family) if not result.has_passed(arm)]


def _score(pairs: Sequence[PairResult], arm: str, *, family: str | None, demand: Demand) -> Score:
    by_head = np.array([passes(result.pair, result.probs[arm]) for result in pairs])  # (num_pairs, num_heads)
    return Score(
        family=family,
        demand=demand,
        arm=arm,
        passed=Rate(sum(result.has_passed(arm) for result in pairs), len(pairs)),
        flipped=Rate(sum(result.has_flipped(arm) for result in pairs), len(pairs)),
        head_pass_rates=tuple(by_head.mean(axis=0).tolist()),
    )
