"""Waiting for models that load in the background."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

import streamlit as st

from ui.app.errors import errors_shown

_POLL_S = 0.2
_LOOK_S = 1.0

MODELS_LOADING = "The models are loading. This takes a few seconds, once."

Loaded = TypeVar("Loaded")


def wait_for(loading: Future[Loaded], message: str = MODELS_LOADING) -> Loaded:
    """The result, with a spinner until it is there; typing or clicking reruns the page at once.

    A timer would rerun the page again and again, and Streamlit collects garbage after every rerun: with TensorFlow's half a
    million objects just arriving, loading would take a minute instead of seconds.

    Args:
        loading: Runs in a thread of its own.
        message: What the spinner says.

    Raises:
        Exception: Whatever went wrong in that thread.
    """
    if not loading.done():
        with st.spinner(message):
            wait_unseen(loading)
    return loading.result()


def wait_unseen(loading: Future[Any]) -> None:
    """Wait without a spinner, at the end of what is drawn, for something that appears when it is there."""
    chance_to_rerun = st.empty()
    while not loading.done():
        wait([loading], timeout=_POLL_S)
        chance_to_rerun.empty()


def rerun_when_done(loading: Future[Any], message: str) -> None:
    """Say what is loading and draw the rest of the page, which needs none of it; once it is there, the page reruns.

    Args:
        loading: Not done. Nothing as large as TensorFlow, see `wait_for`.
        message: What is happening.
    """

    @st.fragment(run_every=_LOOK_S)
    def look() -> None:
        if loading.done():
            st.rerun()
        st.caption(message)

    look()


def wait_or_retry(
    loading: Future[Loaded], message: str = MODELS_LOADING, *, key: str, forget: Callable[[], None]
) -> Loaded | None:
    """As `wait_for`; after a failure None, with the error on the page and a button that tries again.

    Args:
        loading: As for `wait_for`.
        message: As for `wait_for`.
        key: Of the button.
        forget: Drops the failed future, so that loading starts again.
    """
    loaded = None
    with errors_shown():
        loaded = wait_for(loading, message)
    if loaded is None and st.button("Try again", key=key, icon=":material/refresh:"):
        forget()
        st.rerun()
    return loaded
