"""Putting a suite to the heads of a run, pair by pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.challenges.scoring import JudgedPair
from core.challenges.suite import Suite
from core.predictor import Predictor


@dataclass(frozen=True, eq=False)
class PairJudged:
    """One more pair has its answers.

    Attributes:
        num_done: Pairs that have theirs.
        num_pairs: All pairs of the suite.
        judged: The pair.
    """

    num_done: int
    num_pairs: int
    judged: JudgedPair


def examine(suite: Suite, predictor: Predictor) -> Iterator[PairJudged]:
    """Answers to every pair, in the order of the suite; stop asking for more and it stops."""
    members = [(family.title, pair) for family in suite.families for pair in family.pairs]
    for num_done, (family, pair) in enumerate(members, start=1):
        answers = [predictor.predict(text).probs for text in pair.texts]
        probs = {arm: np.stack([answer[arm] for answer in answers]) for arm in answers[0]}  # (2, num_heads)
        yield PairJudged(num_done, len(members), JudgedPair(family=family, pair=pair, probs=probs))
