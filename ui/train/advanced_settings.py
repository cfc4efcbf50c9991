"""The settings that most people leave alone, in groups."""

from __future__ import annotations

from typing import Any, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.experiment.arms import ARMS, MAX_ARMS, PAIR, arm_title
from core.experiment.config import ExperimentConfig, HeadConfig, Pooling
from ui.app import access
from ui.train import guess, wording

DEFAULTS = ExperimentConfig()
ARMS_KEY = "chosen_arms"
LENGTHS = (128, 256, 512, 1024)
_STEPS = (
    {"learning_rate": 1e-4, "learning_rate_decay": 1e-4, "weight_decay": 1e-4}
    | dict.fromkeys(("spatial_dropout", "dropout", "averaging"), 0.05)
    | {"tolerance": 0.5}
)


def more_settings() -> tuple[dict[str, Any], DeltaGenerator]:
    """All other settings of `ExperimentConfig`.

    Returns:
        Their values by field, and the place for what is known about the chosen static vectors.
    """
    left, middle, right = st.columns([1, 1, 2], gap="medium")
    with left:
        values = _data() | _models()
        _lesson()
    with middle:
        reading, coverage = _reading()
    with right:
        recipe = _recipe()
    return values | reading | recipe, coverage


def preset_of(config: ExperimentConfig) -> str:
    """The preset that a config comes from, or comes closest to."""
    return "original" if config.head == ExperimentConfig.original().head else "tuned"


def _data() -> dict[str, Any]:
    _heading("Data")
    return {
        "test_size": _number("Test reviews", "test_size", DEFAULTS.test_size, note=wording.TEST_SIZE_HELP),
        "seed": _number("Seed", "seed", DEFAULTS.seed, note=wording.SEED_HELP),
    }


def _models() -> dict[str, Any]:
    _heading("Models")
    can_add = access.rules_for_visitor() is None
    typed = st.session_state.get(ARMS_KEY, [])
    chosen = st.multiselect(
        "Models",
        [*ARMS, *(arm for arm in typed if arm not in ARMS)],
        default=PAIR,
        format_func=arm_title,
        key=ARMS_KEY,
        placeholder="Basic and ELMo",
        accept_new_options=can_add,
        max_selections=MAX_ARMS,
        persist_state="session",
        help=wording.MODELS_HELP + (wording.OWN_MODELS_HELP if can_add else ""),
    )
    own = [arm for arm in chosen if arm not in ARMS]
    return {
        "arms": tuple(arm.partition("=")[0].strip() for arm in chosen) or PAIR,
        "own_arms": tuple(own),
        "bag_of_words": st.checkbox(
            wording.BAG_OF_WORDS,
            value=DEFAULTS.bag_of_words,
            key="bag_of_words",
            persist_state="session",
            help=wording.BAG_OF_WORDS_HELP,
        ),
    }


def _lesson() -> None:
    _heading("In class")
    guess.switch()


def _reading() -> tuple[dict[str, Any], DeltaGenerator]:
    _heading("Reading")
    rules = access.rules_for_visitor()
    elmo = st.selectbox(
        "ELMo",
        [DEFAULTS.elmo, *(rules.elmo if rules else ())],
        format_func=lambda source: "ELMo mini, in this package" if source == DEFAULTS.elmo else source,
        key="elmo",
        persist_state="session",
        accept_new_options=rules is None,
        help=wording.ELMO_HELP,
    )
    layer_mix = st.selectbox(
        "ELMo vector",
        list(wording.LAYER_MIXES),
        format_func=wording.LAYER_MIXES.__getitem__,
        index=list(wording.LAYER_MIXES).index(DEFAULTS.layer_mix),
        key="layer_mix",
        persist_state="session",
    )
    static = st.selectbox(
        "Static vectors",
        [DEFAULTS.static, *(rules.vectors if rules else ())],
        format_func=lambda source: "GloVe 6B, 50 numbers per word" if source == DEFAULTS.static else source,
        key="static",
        persist_state="session",
        accept_new_options=rules is None,
        help=wording.STATIC_HELP,
    )
    coverage = st.container()
    allow_low_coverage = st.checkbox(
        wording.ALLOW_LOW_COVERAGE, key="allow_low_coverage", persist_state="session", help=wording.ALLOW_LOW_COVERAGE_HELP
    )
    lengths = sorted({*LENGTHS, st.session_state.get("max_tokens", DEFAULTS.max_tokens)})  # a run may have had another one
    max_tokens = st.selectbox(
        "Words per review",
        lengths,
        index=lengths.index(DEFAULTS.max_tokens),
        format_func="{:,}".format,
        key="max_tokens",
        persist_state="session",
        help=wording.MAX_TOKENS_HELP,
    )
    values = {
        "elmo": elmo or DEFAULTS.elmo,
        "layer_mix": layer_mix,
        "static": static,
        "allow_low_coverage": allow_low_coverage,
        "max_tokens": max_tokens,
    }
    return values, coverage


def _recipe() -> dict[str, Any]:
    """A preset fills in the fields below it, which can still be changed."""
    _heading("Training recipe")
    columns = st.columns(2)
    with columns[0]:
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
    with columns[1]:
        validation = st.selectbox(
            "Validation",
            list(wording.VALIDATIONS),
            format_func=wording.VALIDATIONS.__getitem__,
            key="validation",
            persist_state="session",
            help=wording.VALIDATION_HELP,
        )
    head: dict[str, Any] = {}
    for column, names in zip(columns, _in_turns(list(wording.HEAD_NUMBERS)), strict=True):
        with column:
            for name in names:
                label, note = wording.HEAD_NUMBERS[name]
                head[name] = _number(label, f"head_{name}", getattr(DEFAULTS.head, name), step=_STEPS.get(name, 1), note=note)
    poolings = list(get_args(Pooling))
    with columns[0]:
        head["pooling"] = st.selectbox(
            "Pooling over the words",
            poolings,
            index=poolings.index(DEFAULTS.head.pooling),
            key="head_pooling",
            persist_state="session",
        )
    with columns[1]:
        head["standardise"] = st.toggle(
            "Standardise vectors", value=DEFAULTS.head.standardise, key="head_standardise", persist_state="session"
        )
    return {"validation": validation, "head": head}


def _heading(text: str) -> None:
    st.header(text, anchor=False)


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
