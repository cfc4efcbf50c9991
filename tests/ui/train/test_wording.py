"""A guess beside the result."""

from __future__ import annotations

import numpy as np
import pytest

from core.analysis.paired_tests import Comparison, compare
from core.arrays import BoolArray
from ui.train import wording


def right(*numbers: int) -> BoolArray:
    """A trial for each number, with so many of 100 predictions right; the easiest reviews come first."""
    return np.array([np.arange(100) < number for number in numbers])


ELMO_WON = compare(right(70, 71, 69), right(80, 80, 80))
BASIC_WON = compare(right(80, 80, 80), right(70, 71, 69))
NOBODY_WON = compare(right(70, 71), right(71, 70))
RESULT = "wins by 10.0 points (95 % interval 4.1 to 15.9)"


@pytest.mark.parametrize(
    ("winner", "guessed", "comparison", "words"),
    [
        ("elmo", 0.05, None, "**Your guess**: ELMo wins by 5.0 points."),
        ("elmo", 0.05, ELMO_WON, f"**The result**: ELMo {RESULT}. **You were right about the winner**, and 5.0 points off."),
        ("elmo", 0.1, ELMO_WON, f"**The result**: ELMo {RESULT}. **You were right about the winner**, and to the point."),
        ("basic", -0.05, ELMO_WON, f"**Your guess**: Basic wins by 5.0 points. **The result**: ELMo {RESULT}."),
        ("basic", -0.05, BASIC_WON, f"**The result**: Basic {RESULT}. **You were right about the winner**, and 5.0 points off."),
        ("neither", 0.0, ELMO_WON, f"**Your guess**: neither model is clearly better. **The result**: ELMo {RESULT}."),
        ("elmo", 0.05, NOBODY_WON, "**The result**: neither model is clearly better."),
        ("neither", 0.0, NOBODY_WON, "**The result**: neither model is clearly better. **You were right.**"),
    ],
)
def test_a_guess_stands_beside_the_result(winner: str, guessed: float, comparison: Comparison | None, words: str) -> None:
    assert wording.guess_and_result(winner, guessed, comparison).endswith(words)
