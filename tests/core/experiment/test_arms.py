from __future__ import annotations

import pytest

from core.errors import UserError
from core.experiment.arms import ARMS, STAIRCASE, in_order, pair_of
from core.experiment.config import ExperimentConfig, parse_config

WIKI = "wiki=static:/data/wiki+more.vec+letters"


def test_an_arm_of_ones_own_is_typed_as_a_name_and_readers() -> None:
    config = parse_config({"own_arms": [WIKI, "top=elmo:2"], "arms": ["elmo", "wiki", "top"]})
    assert config.reads("wiki") == ("static:/data/wiki+more.vec", "letters")  # a plus in a path is none between readers
    assert config.reads("elmo") == ("elmo", "static")
    assert config.readers == ("static", "elmo", "static:/data/wiki+more.vec", "letters", "elmo:2")
    assert config.elmo_readers == ("elmo", "letters", "elmo:2")
    assert config.sources == (config.static, config.elmo, "/data/wiki+more.vec")
    assert [str(arm) for arm in config.own_arms] == [WIKI, "top=elmo:2"]
    assert parse_config(config.model_dump(mode="json")) == config


def test_runs_without_own_arms_have_the_fingerprint_that_they_had() -> None:
    assert "own_arms" not in ExperimentConfig().model_dump_json()
    own = parse_config({"own_arms": ["a=letters"], "arms": ["basic", "a"]})
    other = parse_config({"own_arms": ["a=shuffled"], "arms": ["basic", "a"]})
    assert own.fingerprint() != other.fingerprint()
    assert hash(own) != hash(other)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("mine", "must be written as NAME=READER"),
        ("mine=bert", "must be written as NAME=READER"),
        ("mine=module:", "must be written as NAME=READER"),
        ("mine=static:", "must be written as NAME=READER"),
        ("mine=elmo:3", "must have a layer of ELMo: elmo:mean"),
        ("mine=letters:0", "must have a layer of ELMo"),
        ("mine=elmo+elmo", "must read each of its vectors once"),
        ("mine=module:/nnlm+static", "must read either words or"),
        ("Basic=letters", "must be a name"),
        ("bag of words=letters", "must be a name"),
        ("=letters", "must be a name"),
        (f"{'x' * 31}=letters", "must be a name"),
    ],
)
def test_what_cannot_be_an_arm_is_refused_in_one_sentence(typed: str, words: str) -> None:
    with pytest.raises(UserError) as error:
        parse_config({"own_arms": [typed], "arms": ["basic", typed.partition("=")[0]]})
    assert words in str(error.value)


def test_names_are_given_once_and_every_own_arm_is_trained() -> None:
    with pytest.raises(UserError, match="a name of its own for each model"):
        parse_config({"own_arms": ["a=letters", "a=elmo"], "arms": ["basic", "a"]})
    with pytest.raises(UserError, match="must name a, too"):
        parse_config({"own_arms": ["a=letters"], "arms": ["basic", "elmo"]})
    with pytest.raises(UserError, match="6 models at most"):
        parse_config({"own_arms": ["a=letters", "b=shuffled"], "arms": [*ARMS, "a", "b"]})


def test_a_password_in_the_address_of_an_own_arm_is_refused() -> None:
    with pytest.raises(UserError) as error:
        parse_config({"own_arms": ["a=static:https://me:secret@example.org/wiki.vec"], "arms": ["basic", "a"]})
    assert error.value.code == "address-credentials"
    assert "secret" not in str(error.value)


def test_staircase_stands_for_all_models_from_basic_to_elmo() -> None:
    assert set(parse_config({"arms": ["staircase"]}).arms) == set(STAIRCASE)


def test_the_first_two_arms_are_the_pair_and_own_ones_come_last() -> None:
    assert pair_of(("basic", "elmo", "letters")) == ("basic", "elmo")
    assert pair_of(("letters", "mine")) == ("letters", "mine")
    assert pair_of(("elmo",)) is None
    assert in_order(["mine", "elmo", "basic", "mine"]) == ["basic", "elmo", "mine"]
