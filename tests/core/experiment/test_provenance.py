from __future__ import annotations

import pytest

from core.experiment import provenance
from core.experiment.provenance import READING_CODE, TRAINING_CODE, Provenance, code_version, listed, package_versions
from core.files import ROOT

COMPLETE = Provenance(reviews="r", static="s", elmo="e", reading="c", training="d", packages={"numpy": "2.4"})


def test_the_same_provenance_has_no_changes() -> None:
    assert COMPLETE.changes(Provenance.model_validate_json(COMPLETE.model_dump_json())) == []
    assert COMPLETE.is_complete


@pytest.mark.parametrize("field", ["reviews", "static", "elmo", "reading", "training"])
def test_every_field_that_differs_is_a_change(field: str) -> None:
    assert len(COMPLETE.changes(COMPLETE.model_copy(update={field: "other"}))) == 1


def test_another_version_of_a_package_is_named_with_both_versions() -> None:
    [change] = COMPLETE.changes(COMPLETE.model_copy(update={"packages": {"numpy": "2.5"}}))
    assert "numpy" in change
    assert "2.4" in change
    assert "2.5" in change


def test_what_one_side_does_not_know_is_no_change_but_incomplete() -> None:
    old = Provenance(elmo="e")
    assert old.changes(COMPLETE) == []
    assert not old.is_complete
    assert len(old.unknown) == 5
    assert old.with_known(COMPLETE) == COMPLETE


def test_trained_heads_do_not_mind_what_only_training_needs() -> None:
    trained_otherwise = COMPLETE.model_copy(update={"reviews": "x", "training": "x", "packages": {"numpy": "9"}})
    assert COMPLETE.changes(trained_otherwise, only_predicting=True) == []
    assert COMPLETE.changes(COMPLETE.model_copy(update={"static": "x"}), only_predicting=True) == ["the static vectors"]


def test_a_run_without_elmo_is_complete() -> None:
    assert COMPLETE.model_copy(update={"elmo": ""}).is_complete


def test_prose_does_not_change_the_version_of_code() -> None:
    code = "def f(x):\n    return x + 1\n"
    prose = '"""What this is."""\n\n# Why.\ndef f(x):\n    """Docstring."""\n    return x + 1  # so\n'
    assert provenance._without_prose(prose) == provenance._without_prose(code)
    assert provenance._without_prose(code) != provenance._without_prose(code.replace("1", "2"))


def test_the_deciding_code_exists_and_has_a_version() -> None:
    assert all((ROOT / "core" / name).is_file() for name in READING_CODE + TRAINING_CODE)
    assert len({code_version(READING_CODE), code_version(TRAINING_CODE)}) == 2
    assert set(package_versions()) >= {"numpy", "tensorflow"}


def test_several_things_are_listed_as_a_sentence_does() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"
