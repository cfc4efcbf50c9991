"""The wall: all runs of the class as one chart and one table, which opens each of them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.experiment.arms import ARM_TITLES
from core.formatting import in_percent
from core.store.people.owner_store import Owner
from ui.app import access, server, space
from ui.app.errors import errors_shown
from ui.app.url_state import RUN_PARAMETER
from ui.classroom import wording
from ui.classroom.wall_chart import wall_chart
from ui.text import escape, local_time
from ui.widgets.pickers import row_picker
from ui.widgets.status_badge import status_word

POLL_S = 5.0
_CHART, _TABLE = 520, 560  # widths in pixels, where there is room for both


def follow() -> None:
    """Show the wall and keep it up to date: somebody may start a run at any moment."""
    if access.class_rules() is None:
        st.info(wording.NO_WALL, icon=":material/info:")
        return
    st.markdown(wording.WALL_INTRO)
    st.fragment(_panel, run_every=POLL_S)()


@errors_shown()
def _panel() -> None:
    store = server.store()
    runs = store.overview()
    runs = runs[~runs["is_example"]].reset_index(drop=True)
    if runs.empty:
        st.info(wording.WALL_EMPTY, icon=":material/info:")
        return
    runs["by"] = makers(runs, store.owners.of(runs["id"]), space.owner_id())
    st.caption(wording.wall(len(runs), int(runs["status"].isin(("queued", "running")).sum())))
    with st.container(horizontal=True, gap="medium"):
        if runs[["mean_basic", "mean_elmo"]].notna().any(axis=None):
            st.altair_chart(wall_chart(runs), key="wall_chart", width=_CHART)
        _show_table(runs)


def makers(runs: pd.DataFrame, owners: Mapping[str, Owner], own_id: str) -> list[str]:
    """Who has made each run, as the wall says it: nobody has a name here but oneself and the operator.

    Args:
        runs: A row per run, with the column id.
        owners: By id, of those that have one.
        own_id: Of whoever looks at the wall.
    """
    return [_maker(owners.get(its_id), own_id) for its_id in runs["id"]]


def _maker(owner: Owner | None, own_id: str) -> str:
    if owner and owner.id == own_id:
        return wording.BY_YOU
    return wording.BY_OPERATOR if owner and owner.is_operator else wording.BY_OTHERS


def wall_table(runs: pd.DataFrame) -> pd.DataFrame:
    """What the table shows of the runs of `makers`: who, how large, accuracies in percent, how it stands, name and time."""
    return pd.DataFrame(
        {
            "By": runs["by"],
            "Training reviews": runs["train_size"],
            **{ARM_TITLES[arm]: runs[f"mean_{arm}"].map(in_percent, na_action="ignore") for arm in ("basic", "elmo")},
            "Status": runs["status"].map(status_word),
            "Run": runs["name"],
            "Started": [local_time(moment) for moment in runs["created_at"]],
        }
    )


def _show_table(runs: pd.DataFrame) -> None:
    accuracy = {ARM_TITLES[arm]: st.column_config.NumberColumn(format="%.1f %%") for arm in ("basic", "elmo")}
    with st.container(width=_TABLE):
        chosen = row_picker.choose(
            wall_table(runs),
            runs["id"].to_list(),
            key="wall_table",
            hide_index=True,
            placeholder="–",
            height="content" if len(runs) <= 10 else 390,
            alt="All runs of the class, the newest first",
            column_config={"Training reviews": st.column_config.NumberColumn("Reviews", format="localized"), **accuracy},
        )
        if not chosen:
            st.caption(wording.WALL_CHOOSE)
            return
        [run] = runs[runs["id"] == chosen[0]].itertuples()
        st.page_link(
            "pages/train.py",
            label=f"Open {escape(str(run.name))}",
            icon=":material/open_in_full:",
            query_params={str(RUN_PARAMETER): str(run.id)},
        )
