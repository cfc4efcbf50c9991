"""Configs: their checks, their fingerprint, their presets."""

from __future__ import annotations

import pytest

from core.errors import UserError
from core.experiment.config import ExperimentConfig, HeadConfig, parse_config

NAMES = "must name one or more of basic, elmo, elmo-alone, letters, shuffled, each once, or be staircase"


def test_a_config_survives_json() -> None:
    config = ExperimentConfig(dataset="mine", train_size=77, arms=("elmo",), head=HeadConfig(epochs=3))
    assert ExperimentConfig.model_validate_json(config.model_dump_json()) == config


def test_any_changed_setting_changes_the_fingerprint() -> None:
    config = ExperimentConfig()
    changed = [
        config.model_copy(update={name: value})
        for name, value in {"seed": 1, "static": "other", "head": HeadConfig(epochs=7), "arms": ("elmo", "basic")}.items()
    ]
    assert len({config.fingerprint(), *(other.fingerprint() for other in changed)}) == 5
    assert ExperimentConfig().fingerprint() == config.fingerprint()


def test_the_original_preset_keeps_the_published_learning_rate_and_takes_other_options() -> None:
    config = ExperimentConfig.original(train_size=300)
    assert (config.head.learning_rate, config.head.learning_rate_decay, config.head.pooling) == (1e-4, 1e-3, "max")
    assert (config.train_size, config.validation_size, config.num_labelled) == (300, 60, 360)


def test_a_validation_fifth_costs_no_further_labels() -> None:
    assert ExperimentConfig(train_size=300).num_labelled == 300


def test_a_small_separate_validation_set_has_fifty_reviews() -> None:
    assert ExperimentConfig(train_size=100, validation="separate").validation_size == 50


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"train_size": 9}, "train_size is 9, but must be greater than or equal to 10"),
        ({"test_size": 0}, "test_size is 0, but must be greater than or equal to 1"),
        ({"num_trials": 101}, "num_trials is 101, but must be less than or equal to 100"),
        ({"train_size": "many"}, "train_size is 'many', but must be a whole number"),
        ({"layer_mix": "top"}, "layer_mix is 'top', but must be 'mean', '0', '1', '2' or 'learned'"),
        (
            {"arms": ["basic", "bert"]},
            NAMES,
        ),
        ({"arms": []}, NAMES),
        (
            {"arms": ["elmo", "elmo"]},
            NAMES,
        ),
        ({"static": ""}, "static is '', but must have at least 1 character"),
        ({"head": {"learning_rate": float("nan")}}, "head.learning_rate is nan, but must be a finite number"),
        ({"head": {"epochs": 0}}, "head.epochs is 0"),
        ({"trials": 3}, "There is no setting trials"),
    ],
)
def test_a_bad_setting_is_refused_in_one_sentence_with_its_value(data: dict[str, object], words: str) -> None:
    with pytest.raises(UserError) as error:
        parse_config(data)
    assert error.value.code == ("setting-unknown" if "trials" in data else "value-refused")
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_good_settings_are_parsed() -> None:
    config = parse_config({"train_size": 200, "head": {"epochs": 4}, "arms": ["basic"]})
    assert config == ExperimentConfig(train_size=200, head=HeadConfig(epochs=4), arms=("basic",))


def test_a_config_that_trains_the_bag_of_words_is_that_of_earlier_versions() -> None:
    config = ExperimentConfig()
    assert "bag_of_words" not in config.model_dump(mode="json")
    without = ExperimentConfig(bag_of_words=False)
    assert ExperimentConfig.model_validate_json(without.model_dump_json()) == without != config
    assert (config.reference_trials, without.reference_trials) == ([0, 1, 2, 3, 4], [])
