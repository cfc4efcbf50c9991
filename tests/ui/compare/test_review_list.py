"""The order, the search and the table of single reviews."""

from __future__ import annotations

import numpy as np
import pytest

from core.analysis.outcomes import Outcomes
from ui.compare.error_analysis import review_list

TEXTS = ("A dull film.", "Not DULL at all, a fine film.", "Fine.", "<b>Dull</b>")
ROWS = np.arange(4)


@pytest.fixture
def outcomes() -> Outcomes:
    basic = [[0.9, 0.4, 0.8, 0.2], [0.7, 0.2, 0.8, 0.2]]
    elmo = [[0.1, 0.6, 0.9, 0.2], [0.3, 0.8, 0.7, 0.2]]
    probs = np.array([basic, elmo], np.float32)
    return Outcomes(trials=(0, 1), arms=("basic", "elmo"), probs=probs, labels=np.array([0, 1, 1, 0], np.int8), ids=tuple("abcd"))


def test_the_reviews_that_the_arms_disagree_about_most_come_first(outcomes: Outcomes) -> None:
    assert review_list.rank(ROWS, "disagreement", outcomes).tolist() == [0, 1, 2, 3]
    assert review_list.rank(ROWS[::-1], "disagreement", outcomes).tolist()[:2] == [0, 1]


def test_the_surest_mistakes_of_an_arm_can_come_first(outcomes: Outcomes) -> None:
    assert review_list.rank(ROWS, "basic", outcomes).tolist()[:2] == [0, 1]
    assert review_list.rank(ROWS, "elmo", outcomes).tolist()[0] == 1


def test_only_reviews_of_the_group_are_ranked(outcomes: Outcomes) -> None:
    assert review_list.rank(np.array([3, 1]), "disagreement", outcomes).tolist() == [1, 3]


def test_a_search_finds_all_its_words_in_any_case_and_order() -> None:
    assert review_list.search(ROWS, TEXTS, "film dull").tolist() == [0, 1]
    assert review_list.search(ROWS, TEXTS, "").tolist() == [0, 1, 2, 3]
    assert review_list.search(ROWS, TEXTS, "dull [").tolist() == []


def test_a_row_says_the_truth_what_was_said_and_in_how_many_trials_it_was_right(outcomes: Outcomes) -> None:
    row = review_list.table(np.array([1]), outcomes, TEXTS).to_dict(orient="records")[0]
    assert (row["review"], row["truth"], row["text"]) == ("b", "positive", TEXTS[1])
    assert (row["basic right"], row["elmo right"]) == (0, 2)
    assert row["apart"] == pytest.approx(0.4)


def test_a_run_of_one_arm_begins_with_its_surest_mistakes(outcomes: Outcomes) -> None:
    alone = Outcomes(outcomes.trials, ("basic",), outcomes.probs[:1], outcomes.labels, outcomes.ids)
    assert list(review_list.orders(alone.arms)) == ["basic"]
    assert "apart" not in review_list.table(ROWS, alone, TEXTS)
