"""What the reports of the workers add up to."""

from __future__ import annotations

from core.engine.task_graph import EmbeddingTally


def report(num_known: int, num_tokens: int) -> dict[str, int | float]:
    return {"chunk": 0, "done": 4, "reused": 4, "computed": 0, "compute_s": 0.0, "num_known": num_known, "num_tokens": num_tokens}


def test_reviews_without_a_single_known_word_have_a_coverage_of_nothing() -> None:
    tally = EmbeddingTally([4])
    assert tally.coverage is None
    tally.add(report(num_known=0, num_tokens=40), 1)
    assert tally.coverage == 0
