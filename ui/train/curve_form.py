"""The popover that trains over several sizes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.data.review_pool import ReviewPool
from core.experiment.config import MIN_SEPARATE_VALIDATION, SWEEP_SIZES, ExperimentConfig
from ui.app import server
from ui.train import wording
from ui.widgets.pickers import choices

CURVE_SIZES = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
MIN_CURVE_SIZES = 2


def curve_sizes(config: ExperimentConfig, pool: ReviewPool) -> tuple[int, ...]:
    """The sizes to train over, once its button is pressed; empty before.

    Args:
        config: Of all runs but for its size.
        pool: Its reviews.
    """
    all_that_fit = num_trainable(pool, config)
    sizes = [size for size in CURVE_SIZES if size < all_that_fit] + [all_that_fit]
    usual = [size for size in SWEEP_SIZES if size in sizes]
    with st.popover("Learning curve", icon=":material/show_chart:", key="open_curve", type="tertiary"):
        chosen = choices.pills(
            "Training reviews per trial",
            size_titles(sizes, pool),
            default=usual if len(usual) >= MIN_CURVE_SIZES else sizes[-MIN_CURVE_SIZES:],
            selection_mode="multi",
            key=f"curve_sizes_{all_that_fit}",  # other reviews offer other sizes
            persist_state="session",
            help=wording.CURVE_SIZES_HELP,
        )
        is_possible = len(chosen) >= MIN_CURVE_SIZES
        _show_estimate(config, chosen, is_possible=is_possible)
        is_pressed = st.button(
            "Train over several sizes",
            type="primary",
            icon=":material/play_arrow:",
            key="train_curve",
            width="stretch",
            disabled=not is_possible,
            help=wording.TRAIN_CURVE_HELP,
        )
    return tuple(chosen) if is_pressed else ()


def num_trainable(pool: ReviewPool, config: ExperimentConfig) -> int:
    """The largest training size that leaves enough reviews for validation."""
    num_labelled = len(pool.train)
    if config.validation == "fifth":
        return num_labelled
    return min(num_labelled - MIN_SEPARATE_VALIDATION, num_labelled * 5 // 6)  # n + n // 5 of them are used


def size_titles(sizes: Sequence[int], pool: ReviewPool) -> dict[int, str]:
    """Sizes as people read them."""
    return {size: f"all {size:,}" if size == len(pool.train) else f"{size:,}" for size in sizes}


def _show_estimate(config: ExperimentConfig, train_sizes: list[int], *, is_possible: bool) -> None:
    if not is_possible:
        st.caption(wording.CURVE_TOO_SHORT)
    else:
        st.caption(wording.curve_estimate(train_sizes, server.engine().estimate_sweep(config, train_sizes)))
