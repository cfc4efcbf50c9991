"""Testing the heads of a run on a suite, pair by pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.challenges.scoring import PairResult
from core.challenges.suite import Suite
from core.predict.predictor import Predictor
from core.tokens import token_texts

_PAIRS_PER_STEP = 16


@dataclass(frozen=True, eq=False)
class SuiteProgress:
    """One more pair is done.

    Attributes:
        num_done: Pairs done so far.
        num_pairs: All pairs of the suite.
        result: The result of this pair.
    """

    num_done: int
    num_pairs: int
    result: PairResult


def run_suite(suite: Suite, predictor: Predictor) -> Iterator[SuiteProgress]:
    """Predicts every pair, in the order of the suite; whoever stops iterating stops the work."""
    members = [(family.title, pair) for family in suite.families for pair in family.pairs]
    for start in range(0, len(members), _PAIRS_PER_STEP):
        step = members[start : start + _PAIRS_PER_STEP]
        tokens = [token_texts(text) for _, pair in step for text in pair.texts]
        probs = predictor.predict_many(tokens)  # by arm (num_heads, 2 * pairs)
        for row, (family, pair) in enumerate(step):
            its_own = {arm: values[:, 2 * row : 2 * row + 2].T for arm, values in probs.items()}  # (2, num_heads)
            yield SuiteProgress(start + row + 1, len(members), PairResult(family=family, pair=pair, probs=its_own))
