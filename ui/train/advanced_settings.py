"""The settings that most people leave alone."""

from __future__ import annotations

from typing import Any, get_args

import streamlit as st

from core.experiment.config import ExperimentConfig, HeadConfig, Pooling
from ui.app import access
from ui.train import wording

DEFAULTS = ExperimentConfig()
LENGTHS = (128, 256, 512, 1024)
_STEPS = (
    {"learning_rate": 1e-4, "learning_rate_decay": 1e-4, "weight_decay": 1e-4}
    | dict.fromkeys(("spatial_dropout", "dropout", "averaging"), 0.05)
    | {"tolerance": 0.5}
)


def more_settings() -> dict[str, Any]:
    """All other settings of `ExperimentConfig`. A preset fills in the fields below it, which can still be changed."""
    st.segmented_control(
        "Preset",
        list(wording.PRESETS),
        default="tuned",
        required=True,
        format_func=wording.PRESETS.__getitem__,
        key="preset",
        persist_state="session",
        on_change=_take_preset,
        help=wording.PRESET_HELP,
    )
    head = _head_settings()
    validation = st.selectbox(
        "Validation",
        list(wording.VALIDATIONS),
        format_func=wording.VALIDATIONS.__getitem__,
        key="validation",
        persist_state="session",
        help=wording.VALIDATION_HELP,
    )
    layer_mix = st.selectbox(
        "ELMo vector",
        list(wording.LAYER_MIXES),
        format_func=wording.LAYER_MIXES.__getitem__,
        index=list(wording.LAYER_MIXES).index(DEFAULTS.layer_mix),
        key="layer_mix",
        persist_state="session",
    )
    rules = access.rules_for_visitor()
    static = st.selectbox(
        "Static vectors",
        [DEFAULTS.static, *(rules.vectors if rules else ())],
        format_func=lambda source: "GloVe 6B, 50 numbers per word" if source == DEFAULTS.static else source,
        key="static",
        persist_state="session",
        accept_new_options=rules is None,
        help=wording.STATIC_HELP,
    )
    left, right = st.columns(2)
    with left:
        max_tokens = st.selectbox(
            "Words per review",
            LENGTHS,
            index=LENGTHS.index(DEFAULTS.max_tokens),
            format_func="{:,}".format,
            key="max_tokens",
            persist_state="session",
            help=wording.MAX_TOKENS_HELP,
        )
        seed = _number("Seed", "seed", DEFAULTS.seed, note=wording.SEED_HELP)
    with right:
        test_size = _number("Test reviews", "test_size", DEFAULTS.test_size, note=wording.TEST_SIZE_HELP)
    allow_low_coverage = st.checkbox(
        wording.ALLOW_LOW_COVERAGE, key="allow_low_coverage", persist_state="session", help=wording.ALLOW_LOW_COVERAGE_HELP
    )
    bag_of_words = st.checkbox(
        wording.BAG_OF_WORDS,
        value=DEFAULTS.bag_of_words,
        key="bag_of_words",
        persist_state="session",
        help=wording.BAG_OF_WORDS_HELP,
    )
    return {
        "allow_low_coverage": allow_low_coverage,
        "bag_of_words": bag_of_words,
        "head": head,
        "validation": validation,
        "layer_mix": layer_mix,
        "static": static,
        "max_tokens": max_tokens,
        "test_size": test_size,
        "seed": seed,
    }


def _head_settings() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column, names in zip(st.columns(2), _in_turns(list(wording.HEAD_NUMBERS)), strict=True):
        with column:
            for name in names:
                label, note = wording.HEAD_NUMBERS[name]
                values[name] = _number(label, f"head_{name}", getattr(DEFAULTS.head, name), step=_STEPS.get(name, 1), note=note)
    poolings = list(get_args(Pooling))
    values["pooling"] = st.selectbox(
        "Pooling over the words",
        poolings,
        index=poolings.index(DEFAULTS.head.pooling),
        key="head_pooling",
        persist_state="session",
    )
    values["standardise"] = st.toggle(
        "Standardise vectors", value=DEFAULTS.head.standardise, key="head_standardise", persist_state="session"
    )
    return values


def _in_turns(names: list[str]) -> tuple[list[str], list[str]]:
    """Names for the left and the right column, to be read line by line."""
    return names[::2], names[1::2]


def _take_preset() -> None:
    config = ExperimentConfig.original() if st.session_state["preset"] == "original" else DEFAULTS
    st.session_state["max_tokens"] = config.max_tokens
    st.session_state["layer_mix"] = config.layer_mix
    st.session_state["validation"] = config.validation
    for name in HeadConfig.model_fields:
        st.session_state[f"head_{name}"] = getattr(config.head, name)


def _number(label: str, key: str, value: float, *, step: float = 1, note: str | None = None) -> float:
    """A field for a whole number or a fraction, like its default. The config itself checks the bounds."""
    is_whole = isinstance(value, int)
    return st.number_input(
        label,
        min_value=0 if is_whole else 0.0,
        value=value,
        step=step,
        format="%d" if is_whole else "%g",
        key=key,
        persist_state="session",
        help=note,
    )
