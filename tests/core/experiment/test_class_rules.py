"""What members of a class may ask for."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import UserError
from core.experiment.class_rules import ClassRules, read_class_rules
from core.experiment.config import ExperimentConfig, HeadConfig

HANDLE = "https://tfhub.dev/google/elmo/3"


def refusal(rules: ClassRules, **options: Any) -> str:
    with pytest.raises(UserError) as error:
        rules.require_allowed(ExperimentConfig(**options))
    return error.value.code


def test_the_packaged_sources_and_those_on_the_list_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMO_LENS_CLASS_ELMO", f" /srv/elmo , {HANDLE}")
    monkeypatch.setenv("ELMO_LENS_CLASS_VECTORS", "/srv/wiki.vec")
    rules = read_class_rules()
    rules.require_allowed(ExperimentConfig())
    rules.require_allowed(ExperimentConfig(elmo=HANDLE, static="/srv/wiki.vec"))
    rules.require_allowed(ExperimentConfig(elmo="/srv/elmo"))


@pytest.mark.parametrize("source", ["/etc/passwd", "/srv/elmo/", "/srv/elmo/../other", "~/elmo", HANDLE, "file:///srv/elmo", " "])
@pytest.mark.parametrize("field", ["static", "elmo"])
def test_no_other_source_is_allowed(field: str, source: str) -> None:
    assert refusal(ClassRules(elmo=("/srv/elmo",), vectors=("/srv/elmo",)), **{field: source}) == "class-source"


@pytest.mark.parametrize(
    "options",
    [
        {"num_trials": 11},
        {"train_size": 5_001},
        {"test_size": 5_001},
        {"max_tokens": 513},
        {"head": HeadConfig(epochs=101)},
    ],
)
def test_an_experiment_that_takes_too_long_is_not_allowed(options: dict[str, Any]) -> None:
    assert refusal(ClassRules(), **options) == "class-size"


@pytest.mark.parametrize(("num_own", "num_all"), [(2, 10), (0, 39)])
def test_the_queue_has_room_for_each_and_for_all(num_own: int, num_all: int) -> None:
    rules = ClassRules(max_runs_per_person=3, max_runs=40)
    rules.require_room_for_runs(1, num_own, num_all)
    with pytest.raises(UserError) as error:
        rules.require_room_for_runs(2, num_own, num_all)
    assert error.value.code == "class-queue"


@pytest.mark.parametrize(("num_own", "num_all"), [(3, 3), (0, 100)])
def test_so_many_datasets_are_added(num_own: int, num_all: int) -> None:
    rules = ClassRules()
    rules.require_room_for_upload(2, 99)
    with pytest.raises(UserError) as error:
        rules.require_room_for_upload(num_own, num_all)
    assert error.value.code == "class-uploads"


def test_an_impossible_rule_is_refused_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMO_LENS_CLASS_MAX_TRIALS", "many")
    with pytest.raises(UserError, match="ELMO_LENS_CLASS_MAX_TRIALS"):
        read_class_rules()
