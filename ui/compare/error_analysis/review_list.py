"""Some test reviews in an order, searched, and as a table with what was said about each. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.arrays import DoubleArray, IndexArray
from core.experiment.arms import arm_title, pair_of
from ui.compare.error_analysis.groups import ANSWERS

if TYPE_CHECKING:
    from core.analysis.outcomes import Outcomes


DISAGREEMENT = "disagreement"


def orders(arms: Sequence[str]) -> dict[str, str]:
    """The orders that a run with these arms can be read in, with their titles; the first is the usual one."""
    wrongest = {arm: f"{arm_title(arm)} most wrong first" for arm in arms}
    return {DISAGREEMENT: "Most disagreement first", **wrongest} if len(arms) > 1 else wrongest


def mean_probs(outcomes: Outcomes) -> DoubleArray:
    """Probability of "positive" averaged over the trials, (num_arms, num_tests)."""
    return np.asarray(outcomes.probs.mean(axis=1, dtype=np.float64))


def disagreement(outcomes: Outcomes) -> DoubleArray:
    """How far the averaged probabilities of the arms are apart, 0-1, (num_tests,): of basic and ELMo where there are both."""
    probs = mean_probs(outcomes)
    if pair := pair_of(outcomes.arms):
        probs = probs[[outcomes.arms.index(arm) for arm in pair]]
    return np.asarray(np.ptp(probs, axis=0))


def rank(rows: IndexArray, order: str, outcomes: Outcomes) -> IndexArray:
    """The rows in an order of `orders`; equal ones as they were.

    Args:
        rows: Positions among the test reviews.
        order: Key of `orders`.
        outcomes: Of the run.
    """
    if order == DISAGREEMENT:
        weight = disagreement(outcomes)
    else:
        weight = np.abs(mean_probs(outcomes)[outcomes.arms.index(order)] - outcomes.labels)
    return rows[np.argsort(-weight[rows], kind="stable")]


def search(rows: IndexArray, texts: Sequence[str], wanted: str) -> IndexArray:
    """The rows whose text has all the words wanted, in any case and any order; parts of words count."""
    words = wanted.casefold().split()
    if not words:
        return rows
    hits = [row for row in rows.tolist() if all(word in texts[row].casefold() for word in words)]
    return np.array(hits, dtype=np.int64)


def table(rows: IndexArray, outcomes: Outcomes, texts: Sequence[str]) -> pd.DataFrame:
    """A row per review: its truth, per arm the mean probability and the number of trials that get it right, the text.

    Returns:
        Columns "review", "truth", per arm "{arm}" (0-1) and "{arm} right" (trials), "apart" (0-1) with two arms, "text".
    """
    probs = mean_probs(outcomes)
    columns: dict[str, object] = {
        "review": [outcomes.ids[row] for row in rows],
        "truth": [ANSWERS[outcomes.labels[row]] for row in rows],
    }
    for arm, arm_probs, correct in zip(outcomes.arms, probs, outcomes.correct, strict=True):
        columns[arm] = arm_probs[rows]
        columns[f"{arm} right"] = correct[:, rows].sum(axis=0)
    if len(outcomes.arms) > 1:
        columns["apart"] = disagreement(outcomes)[rows]
    columns["text"] = [texts[row] for row in rows]
    return pd.DataFrame(columns)
