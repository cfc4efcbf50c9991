"""The settings that most people leave alone."""

from __future__ import annotations

from typing import Any, get_args

import streamlit as st

from core.experiment.config import ExperimentConfig, HeadConfig, Pooling

LAYER_MIXES = {
    "mean": "mean of all three layers",
    "0": "layer 0: characters only, no context",
    "1": "layer 1: the lower LSTM",
    "2": "layer 2: the upper LSTM",
    "learned": "a mix learned with the head",
}
VALIDATIONS = {"fifth": "a fifth of the training reviews", "separate": "reviews of its own, as published"}
PRESETS = {"tuned": "Tuned", "original": "Original"}
DEFAULTS = ExperimentConfig()

# Numbers of `HeadConfig`: label, step, explanation.
HEAD_NUMBERS: dict[str, tuple[str, float, str | None]] = {
    "epochs": ("Epochs", 1, "Passes over the training reviews, at most."),
    "patience": ("Patience", 1, "Epochs without progress after which training stops."),
    "learning_rate": ("Learning rate", 1e-4, None),
    "learning_rate_decay": ("Learning rate decay", 1e-4, None),
    "batch_size": ("Batch size", 1, "Reviews per step."),
    "weight_decay": ("Weight decay", 1e-4, None),
    "spatial_dropout": ("Vector dropout", 0.05, "Share of the numbers of a vector that are hidden while training."),
    "dropout": ("Feature dropout", 0.05, "Share of the features of a review that are hidden while training."),
    "averaging": ("Weight averaging", 0.05, "How much of the past weights stays in their running average; 0 for none."),
    "tolerance": ("Tolerance", 0.5, "Standard errors by which a later epoch may look worse and still be kept."),
}


def more_settings() -> dict[str, Any]:
    """Everything else of `ExperimentConfig`; choosing a preset sets the fields below it, which stay free to change."""
    st.segmented_control(
        "Preset",
        list(PRESETS),
        default="tuned",
        required=True,
        format_func=PRESETS.__getitem__,
        key="preset",
        persist_state="session",
        on_change=_take_preset,
        help="Original: max pooling, learning rate 1e-4 with decay, raw vectors, separate validation reviews, as published.",
    )
    head = _head_settings()
    validation = st.selectbox(
        "Validation",
        list(VALIDATIONS),
        format_func=VALIDATIONS.__getitem__,
        key="validation",
        persist_state="session",
        help="Validation reviews decide when training stops.",
    )
    layer_mix = st.selectbox(
        "ELMo vector",
        list(LAYER_MIXES),
        format_func=LAYER_MIXES.__getitem__,
        key="layer_mix",
        persist_state="session",
    )
    static = st.selectbox(
        "Static vectors",
        [DEFAULTS.static],
        format_func=lambda source: "GloVe 6B, 50 numbers per word" if source == DEFAULTS.static else source,
        key="static",
        persist_state="session",
        accept_new_options=True,
        help="Or type the path or address of a text file of vectors: GloVe, fastText or MUSE, plain or gzip.",
    )
    left, right = st.columns(2)
    with left:
        max_tokens = _number("Words per review", "max_tokens", DEFAULTS.max_tokens, note="Later words are not read.")
        seed = _number("Seed", "seed", DEFAULTS.seed, note="Another seed draws other reviews.")
    with right:
        test_size = _number("Test reviews", "test_size", DEFAULTS.test_size, note="The same for all trials.")
    return {
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
    for column, names in zip(st.columns(2), _in_turns(list(HEAD_NUMBERS)), strict=True):
        with column:
            for name in names:
                label, step, note = HEAD_NUMBERS[name]
                values[name] = _number(label, f"head_{name}", getattr(DEFAULTS.head, name), step=step, note=note)
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
    """Names for the left and for the right column, so that they read line by line."""
    return names[::2], names[1::2]


def _take_preset() -> None:
    config = ExperimentConfig.original() if st.session_state["preset"] == "original" else DEFAULTS
    st.session_state["validation"] = config.validation
    for name in HeadConfig.model_fields:
        st.session_state[f"head_{name}"] = getattr(config.head, name)


def _number(label: str, key: str, value: float, *, step: float = 1, note: str | None = None) -> float:
    """A field for a whole number or a fraction, as its default is. Bounds are the config's, which says so in a sentence."""
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
