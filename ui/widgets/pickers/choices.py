"""Streamlit's widgets with options, safe for options that are renamed or deleted while somebody looks at them.

The browser sends an option's text, and Streamlit hands on a text that it does not know as if it were a value. It does so
whenever another visitor has renamed, deleted or added something since the browser drew the widget. Here such a text changes
nothing, and no two options have the same text. A test holds that no other file calls these widgets with options that change.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Literal, TypeVar, overload

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.text import unique_titles

_UNKNOWN = "\0"  # the text of a value that is no option
_SHOWN = "shown"  # begins the key under which a widget's last value and its text are remembered

OptionT = TypeVar("OptionT", bound=Hashable)


@overload
def selectbox(
    label: str,
    titles: Mapping[OptionT, str],
    *,
    key: str,
    index: None,
    on_change: Callable[[OptionT | None], object] | None = None,
    place: DeltaGenerator | None = None,
    **display: Any,
) -> OptionT | None: ...


@overload
def selectbox(
    label: str,
    titles: Mapping[OptionT, str],
    *,
    key: str,
    index: int = 0,
    on_change: Callable[[OptionT], object] | None = None,
    place: DeltaGenerator | None = None,
    **display: Any,
) -> OptionT: ...


def selectbox(
    label: str, titles: Mapping[Any, str], *, key: str, place: DeltaGenerator | None = None, on_change: Any = None, **display: Any
) -> Any:
    """A list to choose one option from.

    Args:
        label: Above the widget.
        titles: The options with their texts, which hold nothing that changes by itself, such as the status of a run.
        key: Of the widget.
        place: Where it is drawn; None for here.
        on_change: Called before the page runs again, with the option that was chosen.
        **display: Further arguments of `st.selectbox`.
    """
    widget = place.selectbox if place else st.selectbox
    return _draw(widget, label, titles, key=key, on_change=on_change, **display)


def multiselect(
    label: str,
    titles: Mapping[OptionT, str],
    *,
    key: str,
    on_change: Callable[[list[OptionT]], object] | None = None,
    place: DeltaGenerator | None = None,
    **display: Any,
) -> list[OptionT]:
    """A list to choose several options from; see `selectbox`."""
    widget = place.multiselect if place else st.multiselect
    chosen: list[OptionT] = _draw(widget, label, titles, key=key, on_change=on_change, **display)
    return chosen


def segmented_control(
    label: str, titles: Mapping[OptionT, str], *, key: str, place: DeltaGenerator | None = None, **display: Any
) -> OptionT:
    """Buttons side by side, one of which is always chosen; see `selectbox`."""
    widget = place.segmented_control if place else st.segmented_control
    chosen: OptionT = _draw(widget, label, titles, key=key, on_change=None, **display)
    return chosen


@overload
def pills(
    label: str,
    titles: Mapping[OptionT, str],
    *,
    key: str,
    selection_mode: Literal["multi"],
    on_change: Callable[[list[OptionT]], object] | None = None,
    **display: Any,
) -> list[OptionT]: ...


@overload
def pills(
    label: str,
    titles: Mapping[OptionT, str],
    *,
    key: str,
    on_change: Callable[[OptionT | None], object] | None = None,
    **display: Any,
) -> OptionT | None: ...


def pills(label: str, titles: Mapping[Any, str], *, key: str, on_change: Any = None, **display: Any) -> Any:
    """Buttons side by side, one of which is chosen, or several; see `selectbox`."""
    return _draw(st.pills, label, titles, key=key, on_change=on_change, **display)


def _draw(
    widget: Callable[..., Any],
    label: str,
    titles: Mapping[Any, str],
    *,
    key: str,
    on_change: Callable[[Any], object] | None,
    **display: Any,
) -> Any:
    named = unique_titles(titles)

    def text_of(option: Any) -> str:
        return named.get(option, _UNKNOWN)

    before, texts = st.session_state.get(_memory(key), (None, []))
    if key in st.session_state and st.session_state[key] == before and list(map(text_of, _listed(before))) != texts:
        st.session_state[key] = before  # sends the new text to the browser, which would send the old one with every message
    chosen = widget(
        label, list(named), format_func=text_of, key=key, on_change=_take, args=(key, frozenset(named), on_change), **display
    )
    st.session_state[_memory(key)] = (chosen, list(map(text_of, _listed(chosen))))
    return chosen


def _take(key: str, options: frozenset[Any], on_change: Callable[[Any], object] | None) -> None:
    chosen = st.session_state[key]
    if not options.issuperset(_listed(chosen)):
        st.session_state[key] = st.session_state.get(_memory(key), (None, []))[0]
    elif on_change:
        on_change(chosen)


def _listed(chosen: Any) -> list[Any]:
    """What was chosen in a widget, as a list: it may be one option, several or none."""
    if chosen is None:
        return []
    return chosen if isinstance(chosen, list) else [chosen]


def _memory(key: str) -> str:
    return f"{_SHOWN}_{key}"
