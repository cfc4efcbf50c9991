"""The history of typed texts: every text that was tried, to star, name, share, export, delete, and replay with another run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st

from core.deleted import Deleted
from core.experiment.arms import ARM_TITLES, arm_title, in_order
from core.files import to_csv
from core.formatting import in_percent
from core.predict.predictor import Prediction
from core.store.people.sentence_export import as_table, to_json
from core.store.people.sentence_store import LatestText, SentenceStore, TypedSentence, save_latest
from core.store.run import Run
from ui.app import access, server, space
from ui.app.errors import errors_shown
from ui.probe import replay, sentence, wording
from ui.text import count, escape, local_time
from ui.widgets import downloads
from ui.widgets.deleting import deleted_list, undo_bar
from ui.widgets.deleting.deletable import Deletable
from ui.widgets.pickers import row_picker

MAX_SHOWN = 200
WHOSE = ("My own", "Everyone's")
FILTERS = ("All", "With this run", "Starred")
_LATEST_KEY = "latest_text"
_DELETED_KEY = "deleted_text"  # it still stands in the field


def save(run: Run, text: str, prediction: Prediction) -> None:
    """Save the text that is in the text field, unless it was deleted and has not been typed again since."""
    if text == st.session_state.get(_DELETED_KEY):
        return
    st.session_state.pop(_DELETED_KEY, None)
    latest: LatestText | None = st.session_state.get(_LATEST_KEY)
    st.session_state[_LATEST_KEY] = save_latest(
        server.store().sentences,
        latest,
        run.id,
        text,
        prediction.probs,
        now_s=time.monotonic(),
        visitor=space.owner_id(),
    )


def show(run: Run) -> None:
    """The texts that this visitor or anybody has tried, and what can be done with them."""
    store = server.store().sentences
    _show_deleted(store)
    if not store.find(limit=1):
        st.caption(wording.NOTHING_TYPED)
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        query = st.text_input("Search", key="history_query", type="search", live=True)
        whose = st.segmented_control("Typed by", WHOSE, default=WHOSE[0], required=True, key="history_whose")
        which = st.segmented_control("Show", FILTERS, default=FILTERS[0], required=True, key="history_filter", wrap=True)
    probes = store.find(
        query=query or "",
        run_id=run.id if which == "With this run" else "",
        visitor=space.owner_id() if whose == WHOSE[0] else "",
        is_starred=which == "Starred",
        limit=MAX_SHOWN,
    )
    if not probes:
        is_all_shown = not query and which == FILTERS[0]
        st.info(wording.NOTHING_TYPED if is_all_shown else wording.NOTHING_FOUND, icon=":material/search_off:")
        return
    chosen_ids = _choose_rows(probes)
    chosen = [probe for probe in probes if probe.id in chosen_ids]
    _show_actions(chosen)
    replay.show(run, chosen or probes)
    _show_downloads(chosen or probes)
    st.caption(wording.history(len(chosen), len(probes), most=MAX_SHOWN))


def _show_deleted(store: SentenceStore) -> None:
    texts = Deletable(
        "text",
        _deleted,
        restore=lambda ids: store.restore(_checked(map(int, ids))),
        purge=lambda ids: store.purge(_checked(map(int, ids))),
    )
    undo_bar.show("history", [texts])
    deleted_list.show("history", [texts])


def _deleted() -> list[Deleted]:
    """What this visitor may restore."""
    found = server.store().sentences.deleted()
    may_be_restored = access.changeable_texts([int(deleted.id) for deleted in found])
    return [deleted for deleted in found if int(deleted.id) in may_be_restored]


def _checked(sentence_ids: Iterable[int]) -> list[int]:
    """Some texts, which this visitor may change; raises `UserError` if they may not."""
    ids = list(sentence_ids)
    access.require_may_change_texts(ids)
    return ids


def history_table(probes: Sequence[TypedSentence]) -> pd.DataFrame:
    """A row per text: star, mean chance by arm in percent, the text, its name, run, and when it was tried."""
    arms = in_order(arm for probe in probes for arm in probe.probs)
    columns: dict[str, object] = {"Star": ["★" if probe.is_starred else "" for probe in probes]}
    for arm in arms:
        chances = [probe.means.get(arm) for probe in probes]
        columns[arm_title(arm)] = [None if chance is None else in_percent(chance) for chance in chances]
    columns["Text"] = [probe.text for probe in probes]  # after the numbers, which matter more on a small screen
    columns["Name"] = [probe.name for probe in probes]
    columns["Run"] = replay.run_names(probes)
    columns["Tried"] = [local_time(probe.tried_at) for probe in probes]
    return pd.DataFrame(columns)


def _choose_rows(probes: Sequence[TypedSentence]) -> list[int]:
    table = history_table(probes)
    return row_picker.choose(
        table,
        [probe.id for probe in probes],
        key="history_table",
        hide_index=True,
        placeholder="–",
        height="content" if len(probes) <= 8 else 330,
        selection_mode="multi-row",
        alt="The texts that were tried, the newest first, with the chance that they are positive by each model",
        column_config={
            "Star": st.column_config.TextColumn("★", width=40),
            "Text": st.column_config.TextColumn(width="large"),
            **{
                title: st.column_config.NumberColumn(title, format="%.1f %%")
                for title in ARM_TITLES.values()
                if title in table.columns
            },
        },
    )


def _show_actions(chosen: Sequence[TypedSentence]) -> None:
    if not chosen:
        st.caption(wording.CHOOSE_ROWS)
        return
    may_change = len(access.changeable_texts([probe.id for probe in chosen])) == len(chosen)
    if not may_change:
        st.caption(wording.OTHERS_TEXTS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(chosen) == 1:
            st.button("Try again", key="history_again", icon=":material/chat:", on_click=sentence.put, args=(chosen[0].text,))
        if may_change:
            title = "Remove star" if all(probe.is_starred for probe in chosen) else "Star"
            st.button(title, key="history_star", icon=":material/star:", on_click=_star, args=(chosen,))
        if may_change and len(chosen) == 1:
            with st.popover("Name", icon=":material/edit:", key="history_naming"):
                _show_naming(chosen[0])
        if len(chosen) == 1:
            with st.popover("Link", icon=":material/link:", key="history_link"):
                st.caption(wording.LINK_HELP)
                st.code(sentence.link(chosen[0].run_id, chosen[0].text), language=None, wrap_lines=True)
        if may_change:
            st.button("Delete", key="history_delete", icon=":material/delete:", on_click=_delete, args=(chosen,))


@errors_shown()
def _star(probes: Sequence[TypedSentence]) -> None:
    """Star some texts, or take the stars of all away where each has one."""
    is_starred = not all(probe.is_starred for probe in probes)
    server.store().sentences.star(_checked(probe.id for probe in probes), is_starred=is_starred)


def _show_naming(probe: TypedSentence) -> None:
    key = f"history_name_{probe.id}"

    @errors_shown()
    def rename() -> None:
        [sentence_id] = _checked([probe.id])
        server.store().sentences.rename(sentence_id, st.session_state[key] or "")

    st.text_input("Name of this text", value=probe.name, key=key, on_change=rename, placeholder=escape(probe.text[:40]))


@errors_shown()
def _delete(probes: Sequence[TypedSentence]) -> None:
    ids = _checked(probe.id for probe in probes)
    server.store().sentences.delete(ids)
    undo_bar.offer("history", count(len(ids), "text"), "text", list(map(str, ids)))
    if (text := sentence.text_in_field()) in {probe.text for probe in probes}:
        st.session_state[_DELETED_KEY] = text


def _show_downloads(probes: Sequence[TypedSentence]) -> None:
    with st.container(horizontal=True, gap="small"):
        downloads.button("CSV", lambda: to_csv(as_table(probes)), "elmo-lens-history.csv", key="history_csv")
        downloads.button("JSON", lambda: to_json(probes), "elmo-lens-history.json", key="history_json")
