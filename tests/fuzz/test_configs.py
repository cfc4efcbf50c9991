from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from core.cli.experiment_options import flag_of
from core.cli.main import parse
from core.cli.sweep import _parse_sizes
from core.experiment.arms import ARMS
from core.experiment.config import ExperimentConfig, HeadConfig, parse_config
from core.experiment.run_names import describe
from tests.fuzz.conftest import Fuzz
from tests.fuzz.odd import texts

NUMBERS = [0, 1, -1, 2**31, 2**32 - 1, 2**64, 0.5, 1e-300, 1e308, float("nan"), float("inf"), "0", "1e3", "1_0", "٣", " 7 "]
WORDS = ["mean", "learned", "fifth", "separate", "average", "max", "elmo-mini", "imdb", "", "true", "None", "[]", "{}"]
anything = st.one_of(
    st.sampled_from([*NUMBERS, *WORDS]),
    texts,
    st.integers(),
    st.floats(),
    st.none(),
    st.booleans(),
    st.lists(st.sampled_from([*ARMS, "", "basic "]), max_size=3),
    st.text(st.characters(categories=["Cs"]), max_size=2),
    st.binary(max_size=3),
)
PLAUSIBLE: dict[str, list[Any]] = {
    "dataset": ["imdb", "rotten-tomatoes", "отзывы"],
    "train_size": [10, 11, 49, 10**12, 500.0, "500"],
    "num_trials": [1, 100],
    "test_size": [1, 2**40],
    "max_tokens": [8, 1024],
    "static": ["glove-6b-50d", "~/vectors.txt", "a" * 5000],
    "layer_mix": ["mean", "0", "learned"],
    "validation": ["fifth", "separate"],
    "seed": [0, 2**32 - 1],
    "arms": [["elmo"], ["elmo", "basic"], ("basic", "elmo-alone")],
    "epochs": [1, 1000],
    "patience": [1, 1000],
    "tolerance": [0, 10.0, 5e-324],
    "batch_size": [1, 1024],
    "averaging": [0, 0.9999999999999999],
    "learning_rate": [5e-324, 1],
    "dropout": [0.0, 0.5],
    "pooling": ["average", "max"],
    "standardise": [True, "no", 0],
}


def values_of(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Values for some fields of a model, most of them plausible."""
    plausible = {name: st.sampled_from(PLAUSIBLE[name]) for name in model.model_fields if name in PLAUSIBLE}
    odd = st.dictionaries(st.sampled_from([*model.model_fields, "unknown"]), anything, max_size=1)
    return st.builds(lambda some, other: {**some, **other}, st.fixed_dictionaries({}, optional=plausible), st.just({}) | odd)


configs = st.builds(
    lambda values, head: {**values, "head": head} if head else values, values_of(ExperimentConfig), values_of(HeadConfig)
)


def test_any_values_are_a_config_or_refused(fuzz: Fuzz[Any]) -> None:
    def check(values: dict[str, Any]) -> None:
        config = parse_config(values, called=flag_of)
        stored = ExperimentConfig.model_validate_json(config.model_dump_json())
        assert (stored, stored.fingerprint()) == (config, config.fingerprint())
        assert describe(config)
        assert config.validation_size <= config.num_labelled

    fuzz(400, configs, check)


def test_any_command_line_is_parsed_or_refused(fuzz: Fuzz[Any]) -> None:
    def check(arguments: list[str]) -> None:
        with suppress(SystemExit):  # argparse has said what is wrong
            parse(arguments)

    flags = [flag_of(name) for name in (*ExperimentConfig.model_fields, *(f"head.{name}" for name in HeadConfig.model_fields))]
    pieces = (
        st.sampled_from([*flags, "--json", "--resume", "--no-standardise", "-h", "--", "-", *map(str, NUMBERS), *WORDS]) | texts
    )
    commands = st.sampled_from(["run", "sweep", "runs", "predict", "challenge", "doctor", "datasets", "--version"])
    fuzz(130, st.builds(lambda command, rest: [command, *rest], commands, st.lists(pieces, max_size=4)), check)


def test_any_sizes_are_read_or_refused(fuzz: Fuzz[Any]) -> None:
    pieces = st.sampled_from([*"0123456789,,, -+_.e", "٣", "10,20", "9" * 5000]) | texts
    fuzz(60, st.lists(pieces, max_size=8).map("".join), lambda text: _require_whole(_parse_sizes(text)))


def _require_whole(sizes: list[int]) -> None:
    assert all(isinstance(size, int) for size in sizes)
