"""What lessons have changed, before and after, on pairs that nobody has taught."""

from __future__ import annotations

import numpy as np
import pytest

from core.analysis.intervals import crossed_mean
from core.analysis.outcomes import Outcomes
from core.challenges.scoring import PairResult, Report
from core.challenges.suite import MinimalPair
from core.challenges.teaching import family_changes, half_of, review_change, teachable
from core.experiment.lessons import Lesson, make_lessons
from tests.core.challenges.small_reports import FAMILIES, make_report, pair

NUM_TRIALS = 3
RIGHT, WRONG = (0.9, 0.1), (0.9, 0.8)  # of a pair whose label must flip


def report(passed: dict[str, list[bool]]) -> Report:
    """Two families, of two pairs and one; each arm passes a pair with all heads or with none."""
    pairs = [("not", pair(name="1")), ("not", pair(name="2")), ("but", pair(name="3"))]
    return make_report(
        [_result(family, its, {arm: oks[i] for arm, oks in passed.items()}) for i, (family, its) in enumerate(pairs)]
    )


def _result(family: str, its: MinimalPair, passed: dict[str, bool]) -> PairResult:
    probs = {arm: np.repeat(np.array([RIGHT if ok else WRONG], np.float32).T, NUM_TRIALS, axis=1) for arm, ok in passed.items()}
    return PairResult(family, its, probs)


BEFORE = report({"basic": [False, False, True], "elmo": [False, False, True]})
AFTER = report({"basic": [True, True, True], "elmo": [True, False, True]})


def test_pairs_that_were_taught_do_not_count() -> None:
    lessons = (Lesson(text="first 1.", label=1),)  # one text of the first pair, whatever its case
    taught, others, but = family_changes(BEFORE, AFTER, lessons)
    assert (taught.family, taught.is_taught) == ("not", True)
    assert {arm: (its.before, its.after, its.num_texts) for arm, its in taught.by_arm.items()} == {
        "basic": (0, 1, 1),
        "elmo": (0, 0, 1),
    }
    assert (others.family, others.is_taught) == (None, False)
    assert (but.family, but.by_arm["basic"].difference.mean) == ("but", 0)


def test_the_gap_is_how_much_more_elmo_has_gained() -> None:
    changes = {change.family: change for change in family_changes(BEFORE, AFTER, ())}
    assert changes["not"].by_arm["basic"].difference.mean == 1
    assert changes["not"].by_arm["elmo"].difference.mean == 0.5
    gap = changes["not"].gap
    assert gap is not None
    assert gap.mean == -0.5
    assert changes[None].by_arm["basic"].num_texts == 3


def test_a_family_of_which_everything_was_taught_has_no_row() -> None:
    lessons = make_lessons([(text, 1) for result in BEFORE.of("not") for text in result.pair.texts])
    assert [change.family for change in family_changes(BEFORE, AFTER, lessons)] == [None, "but"]


def test_half_of_a_family_teaches_both_texts_of_every_other_pair() -> None:
    family = FAMILIES[0]
    lessons = half_of(family)
    assert len(lessons) == 2 * len(family.pairs[::2])
    assert lessons[0] == (family.pairs[0].texts[0], int(family.pairs[0].expected[0] == "positive"))
    assert {text for text, _ in lessons}.isdisjoint(text for each in family.pairs[1::2] for text in each.texts)


def test_every_ready_made_family_that_can_be_taught_leaves_pairs_to_test_and_contradicts_nothing() -> None:
    suite = make_report([PairResult(family.title, its, {}) for family in FAMILIES for its in family.pairs]).suite
    families = teachable(suite)
    assert len(families) >= 10
    for family in families:
        taught = {lesson.text.casefold() for lesson in make_lessons(half_of(family))}
        assert any(taught.isdisjoint(text.casefold() for text in each.texts) for each in family.pairs), family.title


@pytest.mark.parametrize("arm", ["basic", "elmo"])
def test_what_lessons_cost_is_a_paired_difference_over_trials_and_reviews(arm: str) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200).astype(np.int8)
    before, after = (
        Outcomes((0, 1, 2), ("basic", "elmo"), rng.random((2, 3, 200), np.float32), labels, tuple(map(str, range(200))))
        for _ in range(2)
    )
    change = review_change(before, after, arm)
    gain = after.correct_of(arm).astype(float) - before.correct_of(arm)
    assert change.difference == crossed_mean(gain, lowest=-1.0)
    assert change.after - change.before == pytest.approx(change.difference.mean)
    assert change.is_clear == (change.difference.interval[0] > 0 or change.difference.interval[1] < 0)
