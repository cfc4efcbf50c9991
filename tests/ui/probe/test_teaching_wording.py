"""What teaching says about changes, equal ones among them."""

from __future__ import annotations

import pytest

from core.analysis.intervals import Estimate
from core.challenges.teaching import Change, FamilyChange
from ui.probe.teaching import wording


def change(mean: float, low: float, high: float) -> Change:
    return Change(before=0.8, after=0.8 + mean, difference=Estimate(mean, (low, high)), num_texts=1000)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (change(0.0, -0.01, 0.01), "equally accurate (−1.0 to +1.0 points)."),
        (change(0.0004, -0.01, 0.01), "equally accurate (−1.0 to +1.0 points)."),
        (change(0.004, -0.01, 0.018), "no clear difference (−1.0 to +1.8 points)."),
        (change(0.02, 0.01, 0.03), "2.0 points more (+1.0 to +3.0 points)."),
        (change(-0.01, -0.015, -0.005), "1.0 point fewer (−1.5 to −0.5 points)."),
        (change(0.0004, 0.0002, 0.0006), "less than 0.1 points more (0.0 to +0.1 points)."),
    ],
)
def test_what_lessons_cost_is_told_without_a_difference_of_zero(given: Change, words: str) -> None:
    assert wording.on_reviews("elmo", given).endswith(f" after, {words}")


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (Estimate(0.0, (-0.2, 0.2)), "Both have gained equally much (−20 to +20 points)."),
        (Estimate(0.05, (-0.2, 0.3)), "Which of them has gained more is not clear (−20 to +30 points)."),
        (Estimate(-0.3, (-0.5, -0.1)), "Basic has gained 30.0 points more than ELMo (−50 to −10 points)."),
    ],
)
def test_who_has_gained_more_is_told_without_a_difference_of_zero(gap: Estimate, words: str) -> None:
    by_arm = dict.fromkeys(("basic", "elmo"), change(0.4, 0.2, 0.6))
    assert wording.on_family(FamilyChange("but", True, by_arm, gap)).endswith(words)
