"""What each arm costs beside what it reaches: seconds, bytes, and the time of a prediction on request."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.analysis import cost as measuring
from core.analysis.cost import ArmCost, PredictionTime, arm_costs, time_predictions
from core.disk_cache import DiskCache, cache_key
from core.embedders.loading import load_embedders
from core.experiment.arms import arm_title, pair_of
from core.store.run import Run
from ui.app import models, server
from ui.app.errors import errors_shown
from ui.compare import wording
from ui.compare.chart_specs import draw
from ui.compare.cost import charts
from ui.compare.error_analysis import cached
from ui.compare.once import once
from ui.compare.section import Section
from ui.compare.section_view import show_section
from ui.widgets import waiting
from ui.widgets.tables import Kind, Table

Times = Mapping[str, Sequence[PredictionTime]]  # by run
Columns = Mapping[str, tuple[str, Kind]]  # of a table: the attribute that it shows, and how

_COST_COLUMNS: Columns = {
    "accuracy": ("accuracy", "percent"),
    "to read": ("embed_s", "seconds"),
    "to train and test": ("train_s", "seconds"),
    "numbers per word": ("dim", "count"),
    "vector of a word": ("word_bytes", "bytes"),
    "weights of the head": ("num_weights", "count"),
    "size of the head": ("head_bytes", "bytes"),
}
_TIME_COLUMNS: Columns = {
    "per review": ("median_s", "milliseconds"),
    "slowest twentieth": ("slow_s", "milliseconds"),
    "reviews": ("num_texts", "count"),
}

NUM_TIMED = 42  # reviews; the first two only warm up


def show(runs: Sequence[Run]) -> None:
    """A chart and a table of all runs, and the button that measures the time of predictions."""
    if found := sections(runs, times(runs)):
        show_section(draw(found[0]), "cost")
        _offer_timing(runs)
    else:
        st.info(wording.NO_RESULTS, icon=":material/hourglass:")


def sections(runs: Sequence[Run], prediction_times: Times) -> list[Section]:
    """The same as data, for the report and the files.

    Args:
        runs: The chosen runs.
        prediction_times: Of those runs for which somebody measured them.
    """
    costs = [(run, cost) for run in runs for cost in _costs(run)]
    if not costs:
        return []
    shown = [_table("cost", "What each model costs", costs, _COST_COLUMNS)]
    if taken := [(run, taken) for run in runs for taken in prediction_times.get(run.id, ())]:
        shown.append(_table("prediction-time", "Time of one prediction on this computer", taken, _TIME_COLUMNS))
    named = [(run.name, cost) for run, cost in costs]
    is_known = any(cost.total_s is not None for _, cost in costs)
    return [
        Section(
            "Cost and accuracy",
            _headline(runs, costs),
            notes=wording.COST_NOTES,
            charts=(charts.cost_plot(named),) if is_known else (),
            tables=tuple(shown),
        )
    ]


def times(runs: Sequence[Run]) -> Times:
    """The prediction times that anybody has measured on this server: whoever opens a link sees them too."""
    found = {}
    for run in runs:
        if data := _kept_times().load(_file_name(run)):
            found[run.id] = [PredictionTime(**values) for values in json.loads(data)]
    return found


def _kept_times() -> DiskCache:
    return DiskCache("cache/counts", server.settings())


def _file_name(run: Run) -> str:
    return f"prediction-times-{cache_key(run.id, server.provenance(run.config).vectors, code=[measuring])}"


def _costs(run: Run) -> list[ArmCost]:
    store = server.store()
    key = ("costs", run.id, store.trials.num_finished(run), run.reviews_per_s)
    return once(key, lambda: arm_costs(run, store))


def _headline(runs: Sequence[Run], costs: Sequence[tuple[Run, ArmCost]]) -> str:
    """What the second model costs and brings in the first run that has two."""
    for run in runs:
        by_arm = {cost.arm: cost for its_run, cost in costs if its_run.id == run.id}
        if pair := pair_of(by_arm):
            return wording.cost_headline(by_arm[pair[0]], by_arm[pair[1]], run.name if len(runs) > 1 else "")
    return wording.NOTHING_TO_COMPARE


def _table(name: str, title: str, found: Sequence[tuple[Run, ArmCost | PredictionTime]], columns: Columns) -> Table:
    """A row per run and model, with these attributes of what was found."""
    rows = [
        {"run": run.name, "model": arm_title(each.arm)}
        | {column: getattr(each, attribute) for column, (attribute, _) in columns.items()}
        for run, each in found
    ]
    return Table(name, title, pd.DataFrame(rows), {column: kind for column, (_, kind) in columns.items()})


@errors_shown()
def _offer_timing(runs: Sequence[Run]) -> None:
    """The button that predicts some test reviews of each run, one by one."""
    st.caption(wording.TIMING_NOTE)
    if not st.button("Measure the time of a prediction", key="time_predictions", icon=":material/timer:"):
        return
    for run in runs:
        taken = [dataclasses.asdict(each) for each in _take_times(run)]
        _kept_times().save(_file_name(run), json.dumps(taken).encode())
    st.rerun()


def _take_times(run: Run) -> list[PredictionTime]:
    waiting.wait_for(models.predictor(run), wording.LOADING)
    with st.spinner(wording.PREDICTING):
        embedders = load_embedders(run.config, server.settings(), batch_size=1)  # the ones that the predictor has
        heads = {arm: its_heads[0] for arm, its_heads in server.store().trials.heads(run).items() if its_heads}
        return time_predictions(run.config, heads, embedders, cached.texts(run)[:NUM_TIMED])
