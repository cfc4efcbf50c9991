"""What each arm costs beside what it reaches: seconds, bytes, and the time of a prediction on request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.analysis.cost import ArmCost, PredictionTime, arm_costs, time_predictions
from core.data.datasets import load_pool
from core.embedders.loading import load_embedders
from core.errors import UserError
from core.experiment.config import ARM_TITLES, has_pair
from core.formatting import points
from core.store.run import Run
from ui.app import models, server
from ui.app.errors import errors_shown
from ui.compare.cost import charts
from ui.compare.section import Section
from ui.text import escape
from ui.widgets import tables, waiting
from ui.widgets.tables import Kind, Table

Times = Mapping[str, Sequence[PredictionTime]]  # by run

NUM_TIMED = 42  # reviews; the first two only warm up
_TIMES_KEY = "compare_prediction_times"


def show(runs: Sequence[Run]) -> None:
    """A chart and a table of all runs, and the button that takes the time of predictions."""
    found = sections(runs, times())
    if not found:
        st.info("None of these runs has a finished trial yet.", icon=":material/hourglass:")
        return
    (section,) = found
    headline, *notes = section.sentences
    st.markdown(f"#### {escape(headline)}")
    for position, chart in enumerate(section.charts):
        st.altair_chart(chart, key=f"cost_chart_{position}")  # its description is the alt text
    for table in section.tables:
        tables.show(table)
    for note in notes:
        st.caption(escape(note))
    _offer_timing(runs)


def sections(runs: Sequence[Run], prediction_times: Times) -> list[Section]:
    """The same as data, for the report and the files.

    Args:
        runs: The chosen runs.
        prediction_times: Of those runs where somebody took them.
    """
    costs = [(run, cost) for run in runs for cost in _costs(run)]
    if not costs:
        return []
    shown = [_cost_table(costs)]
    if taken := [(run, taken) for run in runs for taken in prediction_times.get(run.id, ())]:
        shown.append(_time_table(taken))
    named = [(run.name, cost) for run, cost in costs]
    is_known = any(cost.total_s is not None for _, cost in costs)
    return [
        Section(
            "Cost beside accuracy",
            sentences=(_headline(runs, costs), *_notes()),
            charts=(charts.cost_plot(named),) if is_known else (),
            tables=tuple(shown),
        )
    ]


def times() -> Times:
    """The prediction times that this visitor has taken."""
    taken: dict[str, Sequence[PredictionTime]] = st.session_state.setdefault(_TIMES_KEY, {})
    return taken


def _costs(run: Run) -> list[ArmCost]:
    return _cached_costs(run.id, server.store().trials.num_finished(run), run.reviews_per_s, run)


@st.cache_data(show_spinner=False, max_entries=256)
def _cached_costs(
    run_id: str,  # noqa: ARG001  # the first three are the key
    num_finished: int,  # noqa: ARG001
    reviews_per_s: float | None,  # noqa: ARG001
    _run: Run,
) -> list[ArmCost]:
    return arm_costs(_run, server.store())


def _headline(runs: Sequence[Run], costs: Sequence[tuple[Run, ArmCost]]) -> str:
    """What ELMo costs and brings in the first run that has both arms."""
    for run in runs:
        by_arm = {cost.arm: cost for its_run, cost in costs if its_run.id == run.id}
        if not has_pair(by_arm):
            continue
        basic, elmo = by_arm["basic"], by_arm["elmo"]
        of_run = f"{run.name}: an" if len(runs) > 1 else "An"
        difference = elmo.accuracy - basic.accuracy
        gain = f"{points(abs(difference))} {'more' if difference > 0 else 'less'} accurate"
        if elmo.total_s is None or basic.total_s is None:
            return f"{of_run} ELMo model trains for {elmo.train_s:,.1f} s, a basic one {basic.train_s:,.1f} s; ELMo is {gain}."
        factor = f"{elmo.total_s / basic.total_s:,.1f} times as long"
        return f"{of_run} ELMo model takes {elmo.total_s:,.1f} s, a basic one {basic.total_s:,.1f} s: {factor}, and it is {gain}."
    return "Only one of the two models was trained, so there is nothing to compare."


def _notes() -> tuple[str, ...]:
    return (
        "Reading counts the labelled reviews of one trial at the speed of all workers together, with nothing in the cache; "
        "a basic model looks words up, which takes no time worth counting. Training and testing is one head, on one worker.",
        "A vector holds two bytes per number. A head holds four bytes per weight; ELMo itself is not in it.",
    )


def _cost_table(costs: Sequence[tuple[Run, ArmCost]]) -> Table:
    rows = [
        {
            "run": run.name,
            "model": ARM_TITLES[cost.arm],
            "accuracy": cost.accuracy,
            "to read": cost.embed_s,
            "to train and test": cost.train_s,
            "numbers per word": cost.dim,
            "vector of a word": cost.word_bytes,
            "weights of the head": cost.num_weights,
            "size of the head": cost.head_bytes,
        }
        for run, cost in costs
    ]
    return Table(
        "cost",
        "What each model costs",
        pd.DataFrame(rows),
        {
            "accuracy": "percent",
            "to read": "seconds",
            "to train and test": "seconds",
            "numbers per word": "count",
            "vector of a word": "bytes",
            "weights of the head": "count",
            "size of the head": "bytes",
        },
    )


def _time_table(taken: Sequence[tuple[Run, PredictionTime]]) -> Table:
    rows = [
        {
            "run": run.name,
            "model": ARM_TITLES[taken.arm],
            "per review": taken.median_s,
            "slowest twentieth": taken.slow_s,
            "reviews": taken.num_texts,
        }
        for run, taken in taken
    ]
    kinds: dict[str, Kind] = {"per review": "milliseconds", "slowest twentieth": "milliseconds", "reviews": "count"}
    return Table("prediction-time", "Time of one prediction on this computer", pd.DataFrame(rows), kinds)


@errors_shown()
def _offer_timing(runs: Sequence[Run]) -> None:
    """The button that predicts some test reviews of each run, one by one."""
    st.caption("How long a prediction takes is measured when you ask for it, as the models must be loaded for that.")
    if not st.button("Take the time of predictions", key="time_predictions", icon=":material/timer:"):
        return
    taken = dict(times())
    for run in runs:
        taken[run.id] = _take_times(run)
    st.session_state[_TIMES_KEY] = taken
    st.rerun()


def _take_times(run: Run) -> list[PredictionTime]:
    waiting.wait_for(models.predictor(run), "The models are loading; this takes some seconds, once.")
    with st.spinner("The models are predicting."):
        embedders = load_embedders(run.config, server.settings(), batch_size=1)  # the ones that the predictor has
        heads = {arm: its_heads[0] for arm, its_heads in server.store().trials.heads(run).items() if its_heads}
        return time_predictions(run.config, heads, embedders, _test_texts(run))


def _test_texts(run: Run) -> list[str]:
    pool = load_pool(run.config.dataset, server.settings())
    wanted = set(run.test_ids[:NUM_TIMED])
    texts = [text for review_id, text in zip(pool.ids, pool.texts, strict=True) if review_id in wanted]
    if len(texts) < min(NUM_TIMED, len(run.test_ids)):
        raise UserError(
            f'The dataset "{run.config.dataset}" has other reviews than when {run.name} was trained; add the former file again.'
        )
    return texts
