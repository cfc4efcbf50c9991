"""Sentences worth trying: what the models of a run make of candidates whose label any reader can give."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.experiment.arms import PAIR
from core.predict.predictor import Predictor
from core.tokens import token_texts

NUM_SHOWN = 4  # of each group
LEAST_MARGIN = 0.02  # from 50 %: a single text and the same among many have probabilities that differ within rounding
_CANDIDATES = Path(__file__).with_name("candidates.csv")
_PER_STEP = 16  # candidates per call of ELMo: what somebody types meanwhile waits for one call only


@dataclass(frozen=True)
class Candidate:
    """A sentence with the label that a native speaker gives it.

    Attributes:
        text: The sentence.
        is_positive: Its label.
        phrase: Words of it that are found in reviews, where they show what is hard about it; empty if nothing is.
    """

    text: str
    is_positive: bool
    phrase: str


@dataclass(frozen=True)
class ExampleGroups:
    """Candidates by what the models of a run make of them, the clearest first.

    Attributes:
        elmo_reads_more: ELMo is right and basic is wrong.
        both_fail: Both are wrong.
    """

    elmo_reads_more: tuple[Candidate, ...]
    both_fail: tuple[Candidate, ...]


@cache
def load_candidates() -> tuple[Candidate, ...]:
    """All candidates, in the order of their file."""
    with _CANDIDATES.open(encoding="utf-8", newline="") as file:
        return tuple(Candidate(row["text"], row["label"] == "positive", row["phrase"]) for row in csv.DictReader(file))


def choose_examples(predictor: Predictor, num_shown: int = NUM_SHOWN) -> ExampleGroups:
    """Puts all candidates to the models and chooses from them.

    The mean of its heads decides whether a model is right. First come candidates about which most heads say the same, then those
    with something to look up in the reviews, then those about which the models are surest.

    Args:
        predictor: Of a run with the arms basic and elmo.
        num_shown: The largest size of a group.
    """
    candidates = load_candidates()
    texts = [token_texts(candidate.text) for candidate in candidates]
    steps = [predictor.predict_many(texts[start : start + _PER_STEP]) for start in range(0, len(texts), _PER_STEP)]
    sign = np.array([1 if candidate.is_positive else -1 for candidate in candidates])  # (num_candidates,)
    probs = {arm: np.concatenate([step[arm] for step in steps], axis=1) for arm in PAIR}  # (num_heads, num_candidates) each
    right = {arm: sign * (values - 0.5) for arm, values in probs.items()}  # above 0 where a head is right
    found = np.array([bool(candidate.phrase) for candidate in candidates])

    def clearest(basic: npt.NDArray[np.float64], elmo: npt.NDArray[np.float64]) -> tuple[Candidate, ...]:
        margins = np.minimum(basic.mean(axis=0), elmo.mean(axis=0))
        shares = np.minimum((basic > 0).mean(axis=0), (elmo > 0).mean(axis=0))
        order = np.lexsort((-margins, ~found, -shares))  # the last key counts first
        return tuple(candidates[i] for i in order if margins[i] > LEAST_MARGIN)[:num_shown]

    return ExampleGroups(
        elmo_reads_more=clearest(-right["basic"], right["elmo"]), both_fail=clearest(-right["basic"], -right["elmo"])
    )
