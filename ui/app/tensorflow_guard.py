"""Keeps a server quick that has TensorFlow in memory."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    pass


@st.cache_resource(show_spinner=False)
def keep_kernels() -> None:
    """Keep what TensorFlow has made ready for the next prediction.

    Streamlit clears Keras's session after every rerun, and TensorFlow's kernels with it; the next prediction would take 150 ms
    longer. Nothing in this process uses Keras; it only comes with TensorFlow.
    """
    if keras := sys.modules.get("keras"):
        keras.backend.clear_session = lambda: None


def spare_from_garbage_collection() -> None:
    """Take everything that exists now out of later searches for garbage.

    Streamlit collects garbage after every rerun, and once more by way of Keras where that is imported; looking through all of
    TensorFlow takes half a second each time.
    """
    gc.collect()
    gc.freeze()
