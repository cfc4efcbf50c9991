"""The strip that chooses what to train: what one has to press in one row, everything else behind *More settings*."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.data import datasets
from core.data.review_pool import ReviewPool
from core.embedders.loading import require_sources
from core.errors import UserError
from core.experiment.config import MIN_TRAIN_SIZE, ExperimentConfig, HeadConfig, dataset_title, parse_config
from core.experiment.draw import require_enough_reviews
from core.store.run import Run, Sweep
from ui.app import access, server, url_state
from ui.app.errors import show_error
from ui.train import coverage_check, curve_form, guess, wording
from ui.train.advanced_settings import ARMS_KEY, more_settings, preset_of
from ui.widgets import upload_dialog, waiting
from ui.widgets.pickers import choices

SIZES = (100, 500, 2000)
DEFAULTS = ExperimentConfig()
_NO_FIELDS = (
    "dataset",
    "arms",
    "own_arms",
    "head",
    "lessons",
)  # a dataset may be gone; arms have a field of their own, lessons belong to Try it
_WANTED_KEY = "form_wanted_beside"
_PRESSED_KEY = "train_pressed"
_READING_KEY = "reading_reviews"
_READ_AT_ONCE_S = 0.5


@dataclass(frozen=True)
class Order:
    """What to train.

    Attributes:
        config: Of the run.
        train_sizes: One run for each, if a learning curve is wanted; empty for a single run.
    """

    config: ExperimentConfig
    train_sizes: tuple[int, ...] = ()

    def start(self) -> None:
        """Train it and show it; the page reruns.

        Raises:
            UserError: It cannot be trained, or the store cannot be written.
        """
        st.session_state.pop(_WANTED_KEY, None)
        guess.remember(self.config)
        if self.train_sizes:
            url_state.start_sweep(self.config, self.train_sizes)
        else:
            url_state.start_run(self.config)


def is_wanted(active: Run | Sweep | None) -> bool:
    """Whether the strip is shown: progress takes its place while something is trained, unless it was asked for.

    Args:
        active: The run or learning curve on the page, if it is waiting or running.
    """
    return active is None or st.session_state.get(_WANTED_KEY) == active.id


def want(its_id: str) -> None:
    """Show the strip beside a run or learning curve that is waiting or running."""
    st.session_state[_WANTED_KEY] = its_id


def fill(config: ExperimentConfig) -> None:
    """Fill the strip and its settings from a config; for callbacks."""
    values = {name: getattr(config, name) for name in ExperimentConfig.model_fields if name not in _NO_FIELDS}
    values |= {f"head_{name}": getattr(config.head, name) for name in HeadConfig.model_fields}
    if rules := access.rules_for_visitor():
        if config.elmo not in rules.elmo:
            values["elmo"] = DEFAULTS.elmo
        if config.static not in rules.vectors:
            values["static"] = DEFAULTS.static
    if config.dataset in datasets.list_datasets(server.settings()):
        values["dataset"] = config.dataset
    own = {arm.name: str(arm) for arm in config.own_arms}
    st.session_state.update(values | {"preset": preset_of(config), ARMS_KEY: [own.get(arm, arm) for arm in config.arms]})


def experiment_form() -> Order | None:
    """The whole strip. What needs the reviews comes when they are read, which takes seconds once per installation.

    Returns:
        What to train, once a button is pressed and the config can run; else None.
    """
    with st.container(border=True, key="experiment_form", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="bottom", key="strip", gap="small"):
            values: dict[str, Any] = {"dataset": _dataset(), "train_size": _train_size()}
            sizes = st.container(width="content", key="strip_sizes")
            values["num_trials"] = _num_trials()
            # The callback keeps the click: the script that it starts may be replaced by the next one before it comes to an end.
            st.button("Train both", type="primary", icon=":material/play_arrow:", key="train", on_click=_press)
        guessing = st.container()
        errors = st.container()
        with st.container(horizontal=True, vertical_alignment="center", key="strip_notes", gap="small"):
            notes = st.container(width="content")
            curve = st.container(width="content")
            if st.button("Use your own reviews", icon=":material/upload_file:", key="open_upload", type="tertiary"):
                upload_dialog.dialog()
            with st.expander("More settings", type="compact", key="more_settings"):
                more, coverage = more_settings()
            values |= more
        with guessing:
            guess.ask()
    reading = _read(values["dataset"])
    if not reading.done():
        with notes:
            waiting.rerun_when_done(reading, wording.READING_REVIEWS)
        return None
    pool = config = None
    is_pressed = st.session_state.get(_PRESSED_KEY, False)
    order = None
    with errors:
        try:
            pool = reading.result()
            with sizes:
                _show_common_sizes(pool)
            config = parse_config(values)
            require_enough_reviews(config, pool)
            access.require_allowed(config)
            require_sources(config, server.settings())
            notes.caption(wording.estimate(server.engine().estimate(config), has_bag_of_words=config.bag_of_words))
            with coverage:
                coverage_check.show(config, pool)
            with curve:
                train_sizes = curve_form.curve_sizes(config, pool)
            if is_pressed or train_sizes:
                order = Order(config, () if is_pressed else train_sizes)
        except UserError as error:
            show_error(error)
            if pool and config:
                _offer_fitting_sizes(pool, config)
    st.session_state.pop(_PRESSED_KEY, None)
    return order


def is_reading() -> bool:
    """Whether the strip waits for the reviews."""
    return _READING_KEY in st.session_state


def _press() -> None:
    st.session_state[_PRESSED_KEY] = True


def _read(dataset: str) -> Future[ReviewPool]:
    """The reviews; read in the background, for nothing on the page has to wait for them."""
    kept: dict[str, Future[ReviewPool]] = st.session_state.pop(_READING_KEY, {})
    reading = kept.get(dataset) or _reader().submit(datasets.load_pool, dataset, server.settings())
    wait([reading], timeout=_READ_AT_ONCE_S)
    if not reading.done():
        st.session_state[_READING_KEY] = {dataset: reading}
    return reading


@st.cache_resource(show_spinner=False)
def _reader() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="reviews")


def _dataset() -> str:
    added = upload_dialog.take_added()
    if added:
        st.session_state["dataset"] = added
    return choices.selectbox(
        "Reviews",
        {name: dataset_title(name) for name in datasets.list_datasets(server.settings())},
        key="dataset",
        persist_state="session",
        help=wording.DATASET_HELP,
        width=190,
    )


def _train_size() -> int:
    return st.number_input(
        "Training reviews",
        min_value=MIN_TRAIN_SIZE,
        value=DEFAULTS.train_size,
        step=50,
        key="train_size",
        persist_state="session",
        help=wording.TRAIN_SIZE_HELP,
        width=165,
    )


def _show_common_sizes(pool: ReviewPool) -> None:
    num_train = len(pool.train)
    choices.pills(
        "Common sizes",
        curve_form.size_titles([size for size in SIZES if size < num_train] + [num_train], pool),
        key="common_size",
        label_visibility="collapsed",
        on_change=_take_common_size,
    )


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
        width=125,
    )


def _offer_fitting_sizes(pool: ReviewPool, config: ExperimentConfig) -> None:
    """A button for sizes that a small dataset has; nothing if no size leaves enough reviews for validation."""
    fitting = {
        "train_size": min(config.train_size, curve_form.num_trainable(pool, config)),
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
