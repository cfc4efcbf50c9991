"""What the reports of the workers add up to."""

from __future__ import annotations

from core.engine.task_graph import EmbeddingTally
from core.engine.worker_tasks import WordCount


def report(num_known: int, num_tokens: int) -> dict[str, int | float]:
    return {"chunk": 0, "done": 4, "reused": 4, "computed": 0, "compute_s": 0.0, "num_known": num_known, "num_tokens": num_tokens}


def test_reviews_without_a_single_known_word_have_a_coverage_of_nothing() -> None:
    tally = EmbeddingTally([4])
    assert tally.coverage is None
    tally.add(report(num_known=0, num_tokens=40), 1)
    assert tally.coverage == 0


def test_reviews_of_finished_pairs_count_for_the_coverage_but_not_for_the_embedding() -> None:
    tally = EmbeddingTally([4])
    tally.add(report(num_known=10, num_tokens=40), 1)
    tally.add_words(WordCount(num_tokens=60, num_known=60))
    assert (tally.coverage, tally.num_tokens) == (0.7, 100)
    assert tally.is_complete
