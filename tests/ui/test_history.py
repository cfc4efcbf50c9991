"""Which sentences the history of the Probe page keeps."""

from __future__ import annotations

from ui.predictions import MAX_HISTORY, MOMENT_S, Tried, remember

Typed = list[tuple[str, float]]


def kept(typed: Typed, *, run: str = "one") -> list[str]:
    """Sentences that are kept when these are predicted at these times."""
    history: list[Tried] = []
    for sentence, since_s in typed:
        history = remember(history, Tried(sentence, run, {"basic": 0.5}, since_s))
    return [tried.sentence for tried in history]


def test_a_sentence_replaces_its_own_beginnings_while_it_is_typed() -> None:
    assert kept([("Not", 0.0), ("Not b", 0.5), ("Not bad", 1.0)]) == ["Not bad"]


def test_a_sentence_that_stood_for_a_while_stays_when_words_are_added() -> None:
    assert kept([("Not bad", 0.0), ("Not bad at all", 2 * MOMENT_S)]) == ["Not bad at all", "Not bad"]


def test_what_is_passed_through_while_deleting_is_not_kept() -> None:
    assert kept([("Not bad", 0.0), ("Not b", 5.0), ("Not", 5.4), ("Not good", 6.0)]) == ["Not good", "Not bad"]


def test_another_sentence_never_replaces_one() -> None:
    assert kept([("A dull film", 0.0), ("A great film", 0.1)]) == ["A great film", "A dull film"]


def test_the_same_sentence_is_not_kept_twice_in_a_row() -> None:
    assert kept([("Fine", 0.0), ("Fine", 9.0)]) == ["Fine"]


def test_the_same_sentence_with_the_models_of_another_run_is_kept() -> None:
    history = remember([Tried("Fine", "one", {"basic": 0.5}, 0.0)], Tried("Fine", "two", {"basic": 0.6}, 0.1))
    assert [tried.run for tried in history] == ["two", "one"]


def test_the_history_does_not_grow_without_end() -> None:
    assert len(kept([(f"{number}", 10.0 * number) for number in range(2 * MAX_HISTORY)])) == MAX_HISTORY
