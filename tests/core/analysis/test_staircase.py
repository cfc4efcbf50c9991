from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from core.analysis.paired_tests import compare_arms
from core.analysis.staircase import staircase, step
from core.analysis.verdicts import staircase_sentence, staircase_steps
from core.experiment.arms import STAIRCASE
from tests.core.analysis.crossed import outcomes_from_correct

NUM_TRIALS, NUM_TESTS = 3, 200
LEVELS = {"basic": 0.70, "elmo": 0.88, "elmo-alone": 0.87, "letters": 0.80, "shuffled": 0.82}


def correct(level: float, seed: int) -> np.ndarray:
    """A table of right answers, bool (NUM_TRIALS, NUM_TESTS): hard reviews are hard for all."""
    hardness = np.random.default_rng(0).random(NUM_TESTS)
    noise = np.random.default_rng(seed).normal(0, 0.1, (NUM_TRIALS, NUM_TESTS))
    return np.asarray(hardness + noise < level)


OUTCOMES = outcomes_from_correct({arm: correct(level, seed) for seed, (arm, level) in enumerate(LEVELS.items())})


def test_the_steps_follow_each_other_and_add_up_exactly_to_the_whole() -> None:
    stairs = staircase(OUTCOMES)
    assert stairs
    assert tuple(stairs.accuracies) == STAIRCASE
    assert [(each.start, each.end) for each in stairs.steps] == list(itertools.pairwise(STAIRCASE))
    num = NUM_TRIALS * NUM_TESTS
    gains = [Fraction(round(each.gain.mean * num), num) for each in stairs.steps]
    assert [float(gain) for gain in gains] == [each.gain.mean for each in stairs.steps]  # whole predictions, no rounding
    whole = Fraction(int(OUTCOMES.correct_of("elmo").sum()) - int(OUTCOMES.correct_of("basic").sum()), num)
    assert sum(gains) == whole
    assert stairs.whole.gain.mean == float(whole)


def test_the_whole_way_is_the_comparison_of_the_pair() -> None:
    stairs, comparison = staircase(OUTCOMES), compare_arms(OUTCOMES)
    assert stairs
    assert comparison
    assert (stairs.whole.gain.mean, stairs.whole.gain.interval) == (comparison.mean_difference, comparison.interval)


@pytest.mark.parametrize("arm", STAIRCASE)
def test_a_step_from_an_arm_to_itself_is_exactly_nothing(arm: str) -> None:
    itself = step(OUTCOMES, arm, arm)
    assert (itself.gain.mean, itself.gain.interval, itself.p) == (0.0, (0.0, 0.0), 1.0)


def test_two_arms_are_no_staircase_and_three_skip_what_is_missing() -> None:
    tables = {arm: OUTCOMES.correct_of(arm) for arm in ("basic", "elmo", "letters")}
    assert staircase(outcomes_from_correct({arm: tables[arm] for arm in ("basic", "elmo")})) is None
    stairs = staircase(outcomes_from_correct(tables))
    assert stairs
    assert [(each.start, each.end) for each in stairs.steps] == [("basic", "letters"), ("letters", "elmo")]
    assert "by ELMo in place of letters" in staircase_sentence(stairs)


def test_sentences_give_every_step_and_say_which_is_not_clear() -> None:
    stairs = staircase(OUTCOMES)
    assert stairs
    sentence, steps = staircase_sentence(stairs), staircase_steps(stairs)
    assert sentence.startswith("From basic to ELMo it is +")
    assert "by seeing their order" in sentence
    assert len(steps) == 5
    unclear = [each for each in steps if "not clear" in each]
    assert unclear
    assert "Reading words by their letters" in steps[0]
    assert "not clear" not in steps[0]
    same = outcomes_from_correct({arm: OUTCOMES.correct_of("basic") for arm in STAIRCASE})
    nothing = staircase(same)
    assert nothing
    assert staircase_sentence(nothing).startswith("From basic to ELMo it is 0.0 points: 0.0 by reading")
