from __future__ import annotations

import dataclasses
from functools import reduce

import pytest

from core.experiment.events import (
    EmbeddingProgress,
    EpochFinished,
    Event,
    PhaseChanged,
    Progress,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    TrialFinished,
)

STARTED = RunStarted("k3v9p2xa", num_trials=2, arms=("basic", "elmo"), num_workers=2, expected_pair_s=6.0)


def progress_after(*events: Event) -> Progress:
    return reduce(Progress.after, events, Progress())


def test_a_snapshot_knows_what_the_events_said() -> None:
    progress = progress_after(
        PhaseChanged("starting workers"),
        STARTED,
        PhaseChanged("embedding"),
        EmbeddingProgress(30, 100, reviews_per_s=20.0, reused=10),
    )

    assert (progress.run_id, progress.num_pairs, progress.phase) == ("k3v9p2xa", 4, "embedding")
    assert (progress.num_embedded, progress.num_reviews, progress.num_reused, progress.reviews_per_s) == (30, 100, 10, 20.0)
    assert progress.outcome == "running"


def test_the_last_epoch_of_every_pair_in_training_is_kept_until_the_pair_is_finished() -> None:
    first, second, other = (
        EpochFinished(0, "basic", 1, 25, 0.7, 0.5),
        EpochFinished(0, "basic", 2, 25, 0.6, 0.6),
        EpochFinished(0, "elmo", 1, 25, 0.5, 0.7),
    )

    progress = progress_after(STARTED, first, other, second)
    assert progress.epochs == {(0, "basic"): second, (0, "elmo"): other}

    finished = TrialFinished(0, "basic", accuracy=0.7, train_s=3.0)
    progress = progress.after(finished)
    assert progress.epochs == {(0, "elmo"): other}
    assert progress.finished == (finished,)


def test_all_epochs_of_a_pair_are_kept_after_it_is_finished_once_each() -> None:
    first, second = EpochFinished(0, "basic", 1, 25, 0.7, 0.5), EpochFinished(0, "basic", 2, 25, 0.6, 0.6)
    again = EpochFinished(0, "basic", 1, 25, 0.71, 0.51)  # another worker trains it after the first is lost
    progress = progress_after(STARTED, first, second, TrialFinished(0, "basic", accuracy=0.7, train_s=3.0))
    assert progress.history == {(0, "basic"): (first, second)}
    assert progress_after(STARTED, first, second, again, second).history == {(0, "basic"): (again, second)}


def test_the_fraction_grows_with_every_step_and_ends_at_one() -> None:
    events: list[Event] = [
        STARTED,
        EmbeddingProgress(50, 100, 10.0, 0),
        EpochFinished(0, "basic", 5, 25, 0.5, 0.7),
        TrialFinished(0, "basic", 0.7, 3.0),
        EmbeddingProgress(100, 100, 10.0, 0),
        *(TrialFinished(trial, arm, 0.7, 3.0) for trial, arm in [(0, "elmo"), (1, "basic"), (1, "elmo")]),
    ]
    fractions = [progress_after(*events[:i]).fraction for i in range(len(events) + 1)]

    assert fractions[0] == fractions[1] == 0.0
    assert fractions[1:] == sorted(set(fractions[1:]))
    assert fractions[-1] == 1.0


def test_the_remaining_time_is_unknown_before_embedding_has_a_speed() -> None:
    assert progress_after(STARTED).remaining_s is None
    assert progress_after(STARTED, EmbeddingProgress(0, 100, 0.0, 0)).remaining_s is None


def test_before_a_pair_has_finished_the_remaining_time_counts_on_what_earlier_runs_let_expect() -> None:
    progress = progress_after(STARTED, EmbeddingProgress(50, 100, reviews_per_s=10.0, reused=0))
    assert progress.remaining_s == pytest.approx(50 / 10 + 4 * 6.0 / 2)


def test_the_remaining_time_adds_embedding_and_the_pairs_that_are_left_over_all_workers() -> None:
    progress = progress_after(
        STARTED,
        EmbeddingProgress(80, 100, reviews_per_s=10.0, reused=0),
        TrialFinished(0, "basic", 0.7, train_s=4.0),
        EpochFinished(0, "elmo", 10, 20, 0.5, 0.7),
    )

    assert progress.remaining_s == pytest.approx(20 / 10 + 2.5 * 4 / 2)


@pytest.mark.parametrize(
    ("event", "outcome", "message"),
    [
        (RunFinished({"training": 3.0}), "finished", ""),
        (RunCancelled(), "cancelled", ""),
        (RunFailed("The disk is full; free some space."), "failed", "The disk is full; free some space."),
    ],
)
def test_a_run_that_has_ended_says_how_and_needs_no_more_time(event: Event, outcome: str, message: str) -> None:
    progress = progress_after(STARTED, event)

    assert (progress.outcome, progress.message, progress.remaining_s) == (outcome, message, 0.0)


def test_a_snapshot_does_not_change_once_somebody_has_it() -> None:
    before = progress_after(STARTED, EpochFinished(0, "basic", 1, 25, 0.7, 0.5))
    before.after(EpochFinished(1, "basic", 1, 25, 0.7, 0.5))

    assert list(before.epochs) == [(0, "basic")]
    with pytest.raises(dataclasses.FrozenInstanceError):
        before.phase = "training"  # type: ignore[misc]
    with pytest.raises(TypeError):
        before.epochs[1, "elmo"] = before.epochs[0, "basic"]  # type: ignore[index]
