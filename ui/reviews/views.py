"""The four ways to look at a dataset."""

from __future__ import annotations

import streamlit as st

from core.data.review_pool import ReviewPool
from ui.reviews import browse_view

VIEWS = (browse_view.TITLE, "Balance and length", "Telling words", "Unknown words")


def choose() -> str:
    """The widget that chooses a view."""
    chosen: str = st.segmented_control(
        "View",
        VIEWS,
        default=VIEWS[0],
        required=True,
        key=browse_view.VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    return chosen


def show(view: str, pool: ReviewPool) -> None:
    """Draw a view. All but the first draw charts, whose library takes half a second to import."""
    if view == VIEWS[0]:
        browse_view.show(pool)
    elif view == VIEWS[1]:
        from ui.reviews import numbers_view  # noqa: PLC0415

        numbers_view.show(pool)
    elif view == VIEWS[2]:
        from ui.reviews import telling_view  # noqa: PLC0415

        telling_view.show(pool)
    else:
        from ui.reviews import unknown_view  # noqa: PLC0415

        unknown_view.show(pool)
