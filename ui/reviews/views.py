"""The four ways to look at a dataset."""

from __future__ import annotations

import streamlit as st

from core.data.review_pool import ReviewPool
from ui.reviews import browse_view, wording

VIEWS = (wording.BROWSE, wording.BALANCE, wording.TELLING, wording.UNKNOWN)


def choose() -> str:
    """The widget that chooses a view."""
    chosen: str = st.segmented_control(
        "View",
        VIEWS,
        default=wording.BROWSE,
        required=True,
        key=browse_view.VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    return chosen


def show(view: str, pool: ReviewPool) -> None:
    """Draw a view. All but the first draw charts, whose library takes half a second to import."""
    match view:
        case wording.BROWSE:
            browse_view.show(pool)
        case wording.BALANCE:
            from ui.reviews import balance_view  # noqa: PLC0415

            balance_view.show(pool)
        case wording.TELLING:
            from ui.reviews import telling_view  # noqa: PLC0415

            telling_view.show(pool)
        case wording.UNKNOWN:
            from ui.reviews import unknown_view  # noqa: PLC0415

            unknown_view.show(pool)
