"""The chosen view, drawn again every two seconds while a run in it is running."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.deleted import DeletedError
from core.errors import UserError
from core.store.run import Run
from ui.app import server
from ui.app.errors import errors_shown
from ui.compare.accuracy import view as accuracy_view
from ui.compare.cost import view as cost_view
from ui.compare.curve import view as curve_view
from ui.compare.error_analysis import view as error_analysis_view
from ui.compare.reviews import view as reviews_view
from ui.compare.selection import VIEWS_OF_SEVERAL, Choice, View, told_apart
from ui.compare.staircase import view as staircase_view
from ui.text import escape

POLL_S = 2.0


def follow(choice: Choice) -> None:
    """Show the view and keep it up to date until the runs in it end."""
    shown = choice.runs if choice.view in VIEWS_OF_SEVERAL else (choice.focus,)
    is_active = any(run.is_active for run in shown)
    run_ids = tuple(run.id for run in shown)
    st.fragment(_panel, run_every=POLL_S if is_active else None)(choice.view, run_ids, was_active=is_active)


@errors_shown()
def _panel(view: View, run_ids: tuple[str, ...], *, was_active: bool) -> None:
    try:
        runs = [server.store().get_run(run_id) for run_id in run_ids]
    except DeletedError:
        st.rerun()  # the page says which one is gone
    if any(run.is_active for run in runs) != was_active:
        st.rerun()  # the page sets or clears the timer
    try:
        _show(view, told_apart(runs))
    except UserError as error:
        if not was_active:
            raise
        st.info(escape(str(error)), icon=":material/hourglass:")  # most likely its first trial is not finished


def _show(view: View, runs: Sequence[Run]) -> None:
    match view:
        case "pairs":
            accuracy_view.show(runs[0])
        case "curve":
            curve_view.show(runs)
        case "steps":
            staircase_view.show(runs[0])
        case "quality":
            error_analysis_view.show(runs[0])
        case "reviews":
            reviews_view.show(runs[0])
        case "cost":
            cost_view.show(runs)
