"""What the Compare page shows: chosen runs, the one in focus, the view. All of it stands in the URL, so a link shows the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, cast

import pandas as pd
import streamlit as st

from core.experiment.config import dataset_title
from core.store.run import Run
from ui.app import server
from ui.app.errors import show_error
from ui.app.url_state import RUN_PARAMETER, RUNS, Kind, shown_first
from ui.compare import wording
from ui.text import count, unique_titles
from ui.widgets import run_menu
from ui.widgets.deleting.gone import show_gone
from ui.widgets.pickers import choices, run_picker

View = Literal["pairs", "curve", "steps", "quality", "reviews", "cost"]

RUNS_PARAMETER = "runs"  # ids with commas between them, where there are several; `RUN_PARAMETER` is the one in focus
VIEW_PARAMETER = "view"
VIEW_TITLES: dict[View, str] = {
    "pairs": "Accuracy",
    "curve": "Learning curve",
    "steps": "Step by step",
    "quality": "Mistakes",
    "reviews": "Review by review",
    "cost": "Cost",
}
VIEW_ICONS: dict[View, str] = {
    "pairs": ":material/linked_services:",
    "curve": ":material/show_chart:",
    "steps": ":material/stairs:",
    "quality": ":material/fact_check:",
    "reviews": ":material/reviews:",
    "cost": ":material/payments:",
}
VIEWS_OF_SEVERAL: tuple[View, ...] = ("curve", "cost")  # the others show one run

_RUNS_KEY = "compare_chosen"  # also remembers that somebody chose none
_VIEW_KEY = "compare_shown"


@dataclass(frozen=True)
class Choice:
    """What is to be shown.

    Attributes:
        runs: The chosen runs, at least one, in the order in which they were chosen.
        focus: The one among them that views of a single run show.
        view: Key of `VIEW_TITLES`.
    """

    runs: tuple[Run, ...]
    focus: Run
    view: View


def choose() -> Choice | None:
    """The widgets that choose runs and a view, filled from the URL; None if no run is chosen."""
    overview = server.store().overview()
    run_menu.show_undo(_open_restored)
    wanted = _wanted(overview)
    gone = _show_gone(wanted)
    if overview.empty:
        st.info(wording.NO_RUNS, icon=":material/info:")
        st.page_link("pages/train.py", label=wording.FIRST_RUN, icon=":material/model_training:")
        return None
    run_ids = _known([run_id for run_id in wanted if run_id not in gone], overview)
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_choice"):
        place = st.container()  # which runs it offers, the filter after it decides
        options = _filter(overview)
        with place:
            _choose_runs(run_ids, options, overview)
        focus = _focus(run_ids)
        if focus:
            others = [run_id for run_id in run_ids if run_id != focus.id]
            run_menu.show(RUNS, focus, after_deletion=partial(open_runs, others))
    if focus is None:
        st.info(wording.NO_CHOICE, icon=":material/arrow_upward:")
        return None
    runs = tuple(focus if run_id == focus.id else server.store().get_run(run_id) for run_id in run_ids)
    view = _choose_view()
    if len(runs) > 1 and view not in VIEWS_OF_SEVERAL:
        focus = _choose_focus(runs, focus)
    _write_url([run_id for run_id in wanted if run_id in {*run_ids, *gone}], focus, view)
    return Choice(runs, focus, view)


def told_apart(runs: Sequence[Run]) -> list[Run]:
    """The runs, those of equal names with their ids in the names, as charts and tables show them."""
    names = unique_titles({run.id: run.name for run in runs})
    return [dataclasses.replace(run, name=names[run.id]) for run in runs]


def _wanted(overview: pd.DataFrame) -> list[str]:
    """Ids in the URL; else those chosen before; else the run that the other pages show; else the newest untaught with results.

    A click can arrive with the URL from before the last choice, so a single run in the URL does not replace chosen runs among
    which it is.
    """
    if listed := st.query_params.get(RUNS_PARAMETER):
        return list(dict.fromkeys(part.strip() for part in listed.split(",") if part.strip()))
    remembered: list[str] | None = st.session_state.get(_RUNS_KEY)
    if linked := st.query_params.get(RUN_PARAMETER):
        return remembered if remembered and linked in remembered else [linked]
    if (current_id := RUNS.current_id()) and (current_id in set(overview["id"]) or RUNS.deleted()):
        return remembered if remembered and current_id in remembered else [current_id]
    if remembered is not None:
        return remembered
    with_results = set(overview.loc[overview["num_pairs"] > 0, "id"])
    newest = shown_first([run for run in server.store().list_runs() if run.id in with_results])
    return [newest.id] if newest else []


def _show_gone(run_ids: Sequence[str]) -> set[str]:
    """Say which of some runs were deleted; their ids."""
    found = [deleted for run_id in run_ids if (deleted := server.store().find_deleted(run_id))]
    for deleted in found:
        show_gone(RUNS, deleted)
    return {deleted.id for deleted in found}


def _known(run_ids: Sequence[str], overview: pd.DataFrame) -> list[str]:
    """The ids that the store has; says which it has not."""
    stored = set(overview["id"])
    missing = [run_id for run_id in run_ids if run_id not in stored]
    if missing:
        show_error(server.store().missing(*missing))
    return [run_id for run_id in run_ids if run_id in stored]


def _filter(overview: pd.DataFrame) -> pd.DataFrame:
    """The runs that pass the filters."""
    with st.popover("Filter", icon=":material/filter_alt:", key="compare_filter"):
        name = st.text_input("Name contains", key="filter_name", bind="query-params", persist_state="session")
        dataset = _filter_by("Reviews", overview["dataset"], key="filter_dataset")
        train_size = _filter_by("Training reviews per trial", overview["train_size"], key="filter_size")
        elmo = _filter_by("ELMo", overview["elmo"], key="filter_elmo")
        shown = overview
        if name.strip():
            shown = shown[shown["name"].str.contains(name.strip(), case=False, regex=False)]
        for column, value in (("dataset", dataset), ("train_size", train_size), ("elmo", elmo)):
            if value is not None:
                shown = shown[shown[column] == value]
        st.caption(f"{len(shown):,} of {count(len(overview), 'run')} in the list.")
    return shown


def _filter_by(label: str, values: pd.Series, *, key: str) -> str | int | None:
    titles = {
        value: f"{value:,}" if isinstance(value, int) else dataset_title(value) for value in sorted(values.unique().tolist())
    }
    return choices.selectbox(label, titles, index=None, placeholder="all", key=key, bind="query-params", persist_state="session")


def _choose_runs(run_ids: list[str], options: pd.DataFrame, overview: pd.DataFrame) -> None:
    listed = overview[overview["id"].isin({*run_ids, *options["id"]})]
    ids, names, moments = (listed[column].tolist() for column in ("id", "name", "created_at"))
    titles: dict[str, str] = dict(zip(ids, map(run_picker.title, names, moments), strict=True))
    st.session_state["compare_runs"] = run_ids
    st.session_state[_RUNS_KEY] = run_ids
    choices.multiselect(
        "Runs",
        titles,
        key="compare_runs",
        placeholder="Choose one or more runs",
        wrap=True,
        on_change=_open_chosen,
        help=wording.RUNS_HELP,
    )


def _open_chosen(run_ids: list[str]) -> None:
    """Without what somebody deleted since the list was drawn."""
    stored = set(server.store().overview()["id"])
    open_runs([run_id for run_id in run_ids if run_id in stored])


def open_runs(run_ids: list[str]) -> None:
    """Make these the chosen runs."""
    st.session_state[_RUNS_KEY] = run_ids
    st.query_params.pop(RUNS_PARAMETER, None)
    if len(run_ids) > 1:
        st.query_params[RUNS_PARAMETER] = ",".join(run_ids)
    if st.query_params.get(RUN_PARAMETER) not in run_ids:
        RUNS.close()
        if run_ids:
            RUNS.open(run_ids[0])


def _open_restored(kind: Kind[Any], its_id: str) -> None:
    """Add a run that was brought back to the chosen ones."""
    if kind is RUNS:
        open_runs([*st.session_state.get(_RUNS_KEY, []), its_id])


def _focus(run_ids: Sequence[str]) -> Run | None:
    if not run_ids:
        return None
    linked = st.query_params.get(RUN_PARAMETER, "")
    return server.store().get_run(linked if linked in run_ids else run_ids[0])


def _choose_focus(runs: Sequence[Run], focus: Run) -> Run:
    by_id = {run.id: run for run in runs}
    titles = {run.id: run_picker.title(run.name, run.created_at) for run in runs}
    st.session_state["compare_focus"] = focus.id
    return by_id[choices.selectbox("This view shows one run", titles, key="compare_focus", on_change=RUNS.open)]


def _choose_view() -> View:
    linked = st.query_params.get(VIEW_PARAMETER) or st.session_state.get(_VIEW_KEY)
    st.session_state["compare_view"] = linked if linked in VIEW_TITLES else "pairs"
    chosen = st.segmented_control(
        "View",
        list(VIEW_TITLES),
        format_func=lambda view: f"{VIEW_ICONS[view]} {VIEW_TITLES[view]}",
        key="compare_view",
        required=True,
        label_visibility="collapsed",
        on_change=_take_view,
    )
    return cast("View", chosen)


def _take_view() -> None:
    st.query_params[VIEW_PARAMETER] = st.session_state["compare_view"]


def _write_url(run_ids: Sequence[str], focus: Run, view: View) -> None:
    """Whatever filled the widgets, a link must do the same."""
    st.session_state[_VIEW_KEY] = view
    wanted: dict[str, str] = {VIEW_PARAMETER: view}
    if len(run_ids) > 1:
        wanted[RUNS_PARAMETER] = ",".join(run_ids)
    else:
        st.query_params.pop(RUNS_PARAMETER, None)
    for name, value in wanted.items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value
    RUNS.open(focus.id)
