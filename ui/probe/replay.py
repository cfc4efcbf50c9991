"""Texts of the history, predicted again by the models of another run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.experiment.arms import arm_title, in_order
from core.files import to_csv
from core.formatting import in_percent
from core.store.people.sentence_store import TypedSentence
from core.store.run import Run
from ui.app import models, url_state
from ui.probe import wording
from ui.text import count, escape, unique_titles
from ui.widgets import downloads, waiting
from ui.widgets.pickers import choices, run_picker

_KEY = "replayed"


class Replayed(NamedTuple):
    """A text of the history with a second run.

    Attributes:
        probe: As it was in the history.
        means: Mean probability by arm of the other run.
    """

    probe: TypedSentence
    means: Mapping[str, float]


def show(run: Run, probes: Sequence[TypedSentence]) -> None:
    """A run to choose, the button, and the new answers beside the old ones."""
    panel = st.expander("Replay with another run", icon=":material/replay:", key="replay", on_change="rerun")
    if not panel.open:  # else neither made nor sent
        return
    with panel:
        runs = {other.id: other for other in url_state.runs_with_models()}
        others = [run_id for run_id in runs if run_id != run.id] or list(runs)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            titles = {run_id: run_picker.title(runs[run_id].name, runs[run_id].created_at) for run_id in others}
            chosen = choices.selectbox("Run", titles, key="replay_run")
            is_asked = st.button(f"Replay {count(len(probes), 'text')}", key="replay_start", icon=":material/replay:")
        st.caption(wording.REPLAY_HELP)
        if is_asked and chosen:
            _replay(runs[chosen], probes)
        _show_result()


def run_names(probes: Sequence[TypedSentence]) -> list[str]:
    """The name of the run of each text, with its id where another run has the same name."""
    names = unique_titles({probe.run_id: probe.run_name for probe in probes if probe.run_name})
    return [names.get(probe.run_id, "deleted") for probe in probes]


def replay_table(replayed: Sequence[Replayed]) -> pd.DataFrame:
    """A row per text: the run before, and for each arm the mean chance then and now, in percent; empty where an arm had none."""
    arms = in_order(arm for each in replayed for arm in each.means)
    probes = [each.probe for each in replayed]
    table = pd.DataFrame({"Text": [probe.text for probe in probes], "Run before": run_names(probes)})
    for arm in arms:
        before = pd.Series([each.probe.means.get(arm) for each in replayed], dtype="float64")
        now = pd.Series([each.means.get(arm) for each in replayed], dtype="float64")
        for told, values in ((" before", before), (" now", now), (", change", now - before)):
            table[f"{arm_title(arm)}{told}"] = in_percent(values)
    return table


def _replay(run: Run, probes: Sequence[TypedSentence]) -> None:
    predictor = waiting.wait_for(models.predictor(run))
    progress = st.progress(0.0, text="Replaying")
    replayed = []
    for num_done, probe in enumerate(probes, start=1):
        prediction = predictor.predict(probe.text)
        replayed.append(Replayed(probe, {arm: float(values.mean()) for arm, values in prediction.probs.items()}))
        progress.progress(num_done / len(probes), text=f"{num_done} of {count(len(probes), 'text')} replayed")
    progress.empty()
    st.session_state[_KEY] = (run.name, replayed)


def _show_result() -> None:
    if _KEY not in st.session_state:
        return
    name, replayed = st.session_state[_KEY]
    table = replay_table(replayed)
    st.markdown(f"**Now: {escape(name)}**")
    st.dataframe(
        table,
        key="replay_table",
        hide_index=True,
        placeholder="–",
        alt="The replayed texts with the chance that they are positive, before and with the models of the other run",
        column_config={
            column: st.column_config.NumberColumn(column, format="%+.1f" if column.endswith("change") else "%.1f %%")
            for column in table.columns[2:]
        },
    )
    downloads.button("Replay as CSV", lambda: to_csv(table), "elmo-lens-replay.csv", key="replay_csv")
