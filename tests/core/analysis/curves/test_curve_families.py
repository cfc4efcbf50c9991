"""Which runs make one learning curve."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.analysis.curves.curve_families import families, other_sizes
from core.experiment.config import ExperimentConfig, HeadConfig
from core.store.run import Run, Status
from tests.core.store.stored import NOW


def run(run_id: str, *, status: Status = "finished", **options: Any) -> Run:
    return Run(
        id=run_id,
        name=run_id,
        config=ExperimentConfig(**options),
        status=status,
        message="",
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        phase_s={},
        reviews_per_s=None,
        coverage=None,
        test_ids=(),
        test_labels=(),
    )


def ids(runs: Any) -> list[str]:
    return [member.id for member in runs]


def test_runs_of_different_sizes_are_one_family_in_ascending_order() -> None:
    (family,) = families([run("b", train_size=200), run("a", train_size=100), run("c", train_size=400, num_trials=9)])
    assert ids(family.runs) == ["a", "b", "c"]
    assert family.title == ""


def test_of_two_runs_of_one_size_the_one_with_more_trials_counts() -> None:
    (family,) = families([run("few", num_trials=3), run("many", num_trials=9), run("newer", num_trials=9)])
    assert ids(family.runs) == ["many"]
    assert family.num_spare == 2


def test_a_finished_run_goes_before_one_with_more_trials_that_ended_early() -> None:
    (family,) = families([run("few", num_trials=3), run("many", num_trials=9, status="cancelled")])
    assert ids(family.runs) == ["few"]


def test_families_are_named_by_what_sets_them_apart() -> None:
    found = families([run("a"), run("b", dataset="rotten-tomatoes"), run("c", dataset="rotten-tomatoes", train_size=100)])
    assert [family.title for family in found] == ["Reviews: IMDB", "Reviews: Rotten Tomatoes"]


def test_runs_on_other_data_or_code_are_another_family() -> None:
    old, new = run("a"), replace(run("b", train_size=100), provenance=NOW)
    assert [family.title for family in families([old, new])] == [
        "Version of data and code: unknown",
        f"Version of data and code: {NOW.version}",
    ]
    other = replace(run("c", elmo="elmo-small"), provenance=NOW)
    assert [family.title for family in families([old, other])] == ["ELMo: elmo-mini", "ELMo: elmo-small"]


def test_a_setting_of_the_head_sets_families_apart_too() -> None:
    found = families([run("a"), run("b", head=HeadConfig(learning_rate=0.5))])
    assert [family.title for family in found] == ["Head learning rate: 0.002", "Head learning rate: 0.5"]


def test_runs_on_other_test_reviews_are_another_family() -> None:
    found = families([run("a", test_size=1000), run("b", test_size=200, train_size=100)])
    assert [family.title for family in found] == ["Test reviews: 1,000", "Test reviews: 200"]


def test_other_sizes_are_those_of_the_same_experiment_that_are_not_chosen() -> None:
    chosen = [run("a", train_size=100)]
    stored = [
        *chosen,
        run("b", train_size=400),
        run("c", train_size=200),
        run("again", train_size=100, num_trials=9),
        run("d", train_size=800, seed=7),
    ]
    assert ids(other_sizes(chosen, stored)) == ["c", "b"]
