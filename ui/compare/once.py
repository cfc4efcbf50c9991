"""What takes time, computed once per server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import streamlit as st

_Result = TypeVar("_Result")


def once(key: tuple[object, ...], compute: Callable[[], _Result]) -> _Result:
    """A result that stays the same as long as its key does.

    Args:
        key: The name of the result, then everything that it depends on.
        compute: Called where nothing is kept under that key; what it raises is not kept.
    """
    return cast("_Result", _kept(key, compute))


@st.cache_resource(show_spinner=False, max_entries=256)
def _kept(key: tuple[object, ...], _compute: Callable[[], object]) -> object:  # noqa: ARG001  # the key is for the cache
    return _compute()
