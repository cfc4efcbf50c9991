"""The widgets that choose what to train."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.data import datasets
from core.data.review_pool import ReviewPool
from core.embedders.loading import require_sources
from core.errors import UserError
from core.experiment.config import (
    MIN_SEPARATE_VALIDATION,
    MIN_TRAIN_SIZE,
    SWEEP_SIZES,
    ExperimentConfig,
    dataset_title,
    parse_config,
)
from core.experiment.draw import require_enough_reviews
from ui.app import access, server
from ui.app.errors import show_error
from ui.train import coverage_check, wording
from ui.train.advanced_settings import more_settings
from ui.widgets import upload_dialog
from ui.widgets.pickers import choices

SIZES = (100, 500, 2000)
CURVE_SIZES = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
MIN_CURVE_SIZES = 2
DEFAULTS = ExperimentConfig()
_ANCHOR = "new-experiment"


@dataclass(frozen=True)
class Order:
    """What to train.

    Attributes:
        config: Of the run.
        train_sizes: One run for each, if a learning curve is wanted; empty for a single run.
    """

    config: ExperimentConfig
    train_sizes: tuple[int, ...] = ()


def experiment_form() -> Order | None:
    """The whole form: sizes, sources and, in an expander, everything else.

    Returns:
        What to train, once a button is pressed and the config can run; else None.
    """
    with st.container(border=True, key="experiment_form"):
        st.subheader("New experiment", anchor=_ANCHOR)
        values: dict[str, Any] = {"dataset": _dataset(), "train_size": _train_size()}
        sizes = st.container()
        values |= {"num_trials": _num_trials(), "elmo": _elmo_source()}
        with st.expander("More settings", icon=":material/tune:", key="more_settings"):
            values |= more_settings()
        notes = st.container()
        is_pressed = st.button("Train both models", type="primary", icon=":material/play_arrow:", key="train", width="stretch")
        curve = st.container()
    # Reading the reviews takes a second, once; by now everything above is on the screen.
    pool = config = None
    with notes:
        try:
            pool = datasets.load_pool(values["dataset"], server.settings())
            with sizes:
                _show_common_sizes(pool)
            config = parse_config(values)
            require_enough_reviews(config, pool)
            access.require_allowed(config)
            require_sources(config, server.settings())
            st.caption(wording.estimate(server.engine().estimate(config)))
            coverage_check.show(config, pool)
        except UserError as error:
            show_error(error)
            if pool and config:
                _offer_fitting_sizes(pool, config)
            return None
    if is_pressed:
        return Order(config)
    with curve:
        return _curve_order(pool, config)


def show_way_to_form() -> None:
    """A link to the form on narrow screens, where it stands below the results; hidden on wide ones by `ui/style.css`."""
    with st.container(key="way_to_form"):
        st.markdown(f"[New experiment](#{_ANCHOR})")


def _curve_order(pool: ReviewPool, config: ExperimentConfig) -> Order | None:
    """The same experiment with several training sizes; what to train, once its button is pressed."""
    all_that_fit = _num_trainable(pool, config)
    sizes = [size for size in CURVE_SIZES if size < all_that_fit] + [all_that_fit]
    usual = [size for size in SWEEP_SIZES if size in sizes]
    notes = st.container()
    is_pressed_at = st.empty()
    with st.popover("Sizes of the curve", icon=":material/tune:", key="open_curve_sizes", type="tertiary"):
        chosen = choices.pills(
            "Training reviews per trial",
            _size_titles(sizes, pool),
            default=usual if len(usual) >= MIN_CURVE_SIZES else sizes[-MIN_CURVE_SIZES:],
            selection_mode="multi",
            key=f"curve_sizes_{all_that_fit}",  # other reviews offer other sizes
            persist_state="session",
            help=wording.CURVE_SIZES_HELP,
        )
    is_possible = len(chosen) >= MIN_CURVE_SIZES
    is_pressed = is_pressed_at.button(
        "Train over several sizes",
        icon=":material/show_chart:",
        key="train_curve",
        width="stretch",
        disabled=not is_possible,
        help=wording.TRAIN_CURVE_HELP,
    )
    with notes:
        _show_curve_estimate(config, chosen, is_possible=is_possible)
    return Order(config, tuple(chosen)) if is_pressed else None


def _show_curve_estimate(config: ExperimentConfig, train_sizes: list[int], *, is_possible: bool) -> None:
    if not is_possible:
        st.caption(wording.CURVE_TOO_SHORT)
    else:
        st.caption(wording.curve_estimate(train_sizes, server.engine().estimate_sweep(config, train_sizes)))


def _num_trainable(pool: ReviewPool, config: ExperimentConfig) -> int:
    """The largest training size that leaves enough reviews for validation."""
    if config.validation == "fifth":
        return len(pool.train)
    num_labelled = len(pool.train)
    return min(num_labelled - MIN_SEPARATE_VALIDATION, num_labelled * 5 // 6)  # n + n // 5 of them are used


def _dataset() -> str:
    added = upload_dialog.take_added()
    if added:
        st.session_state["dataset"] = added
    chosen = choices.selectbox(
        "Reviews",
        {name: dataset_title(name) for name in datasets.list_datasets(server.settings())},
        key="dataset",
        persist_state="session",
        help=wording.DATASET_HELP,
    )
    if st.button("Use your own reviews", icon=":material/upload_file:", key="open_upload", type="tertiary"):
        upload_dialog.dialog()
    return chosen


def _train_size() -> int:
    return st.number_input(
        "Training reviews per trial",
        min_value=MIN_TRAIN_SIZE,
        value=DEFAULTS.train_size,
        step=50,
        key="train_size",
        persist_state="session",
        help=wording.TRAIN_SIZE_HELP,
    )


def _show_common_sizes(pool: ReviewPool) -> None:
    num_train = len(pool.train)
    choices.pills(
        "Common sizes",
        _size_titles([size for size in SIZES if size < num_train] + [num_train], pool),
        key="common_size",
        label_visibility="collapsed",
        on_change=_take_common_size,
    )


def _size_titles(sizes: Sequence[int], pool: ReviewPool) -> dict[int, str]:
    return {size: f"all {size:,}" if size == len(pool.train) else f"{size:,}" for size in sizes}


def _take_common_size(size: int | None) -> None:
    if size:
        st.session_state["train_size"] = size
    st.session_state["common_size"] = None


def _num_trials() -> int:
    return st.number_input(
        "Trials",
        min_value=1,
        max_value=100,
        value=DEFAULTS.num_trials,
        key="num_trials",
        persist_state="session",
        help=wording.TRIALS_HELP,
    )


def _elmo_source() -> str:
    rules = access.rules_for_visitor()
    chosen = st.selectbox(
        "ELMo",
        [DEFAULTS.elmo, *(rules.elmo if rules else ())],
        format_func=lambda source: "ELMo mini, in this package" if source == DEFAULTS.elmo else source,
        key="elmo",
        persist_state="session",
        accept_new_options=rules is None,
        help=wording.ELMO_HELP,
    )
    return chosen or DEFAULTS.elmo


def _offer_fitting_sizes(pool: ReviewPool, config: ExperimentConfig) -> None:
    """A button for sizes that a small dataset has; nothing if no size leaves enough reviews for validation."""
    fitting = {
        "train_size": min(config.train_size, _num_trainable(pool, config)),
        "test_size": min(config.test_size, len(pool.test)),
    }
    is_fitting = all(getattr(config, name) == size for name, size in fitting.items())
    if is_fitting or fitting["train_size"] < MIN_TRAIN_SIZE:
        return
    st.button(
        "Fit the sizes to these reviews",
        key="fit_sizes",
        icon=":material/fit_screen:",
        on_click=st.session_state.update,
        args=(fitting,),
    )
