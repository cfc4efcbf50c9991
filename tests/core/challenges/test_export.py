"""Results as tables."""

from __future__ import annotations

from core.challenges.export import pairs_table, scores_table
from core.challenges.scoring import Report


def test_tables_have_every_score_and_every_pair(report: Report) -> None:
    scores, pairs = scores_table(report), pairs_table(report)
    assert len(scores) == 3 * 2 + 2 * 2
    assert pairs["elmo_passed"].to_list() == [True, True, False, False]
    assert (pairs["removed"][0], pairs["added"][0]) == ("First", "Second")
    assert pairs_table(report, "but")["pair"].to_list() == ["3"]
