"""One run, trial by trial: three charts of its pairs of accuracies and what they say in plain words."""

from __future__ import annotations

import dataclasses

import pandas as pd
import streamlit as st

from core.analysis import verdicts
from core.analysis.outcomes import Outcomes
from core.analysis.paired_tests import Comparison
from core.experiment.config import ARM_TITLES
from core.store.run import Run
from ui.app import models
from ui.compare.accuracy.charts import difference_plot
from ui.compare.chart_specs import Drawn, draw
from ui.compare.section import Section
from ui.text import count, escape
from ui.widgets import run_accuracy, tables
from ui.widgets.tables import Kind, Table


def show(run: Run) -> None:
    """The charts, the paragraph and the table."""
    outcomes = models.outcomes(run)
    section, specs = _drawn(run.id, run.name, outcomes.trials, run, outcomes)
    headline, *facts = section.sentences
    run_accuracy.show_verdict(headline, num_trials=len(outcomes.trials))
    columns = st.columns(len(specs))
    for number, (column, spec) in enumerate(zip(columns, specs, strict=True)):
        column.vega_lite_chart(spec, key=f"pair_chart_{number}")  # its description is the alt text
    if facts:
        st.markdown("\n".join(f"- {escape(fact)}" for fact in facts))
    for column, table in zip(st.columns(len(section.tables)), section.tables, strict=True):
        with column:
            tables.show(table)


@st.cache_resource(show_spinner=False, max_entries=32)
def _drawn(run_id: str, name: str, trials: tuple[int, ...], _run: Run, _outcomes: Outcomes) -> Drawn:  # noqa: ARG001  # for the key
    return draw(build(_run, _outcomes))


def sections(run: Run) -> list[Section]:
    """The same as data, for the report and the files."""
    return [build(run, models.outcomes(run))]


def build(run: Run, outcomes: Outcomes) -> Section:
    """What the pairs of a run say. A run with one arm alone has accuracies and nothing to compare.

    Args:
        run: Named in the title.
        outcomes: Of the run.
    """
    accuracies = pd.DataFrame(outcomes.accuracies.T, index=list(outcomes.trials), columns=list(outcomes.arms))
    accuracies.index.name = "trial"
    drawn = list(run_accuracy.accuracy_charts(accuracies).values())
    if comparison := run_accuracy.compare_arms(outcomes):
        differences = accuracies["elmo"] - accuracies["basic"]
        drawn.append(difference_plot(differences, comparison.mean_difference, comparison.interval))
        sentences = tuple(verdicts.paragraph(comparison))
    else:
        names = " and ".join(ARM_TITLES[arm] for arm in outcomes.arms)
        sentences = (f"This run has {names} only, so there is nothing to compare.",)
    title = f"{run.name}: accuracy in {count(len(outcomes.trials), 'trial')}"
    return Section(
        title,
        sentences=sentences,
        charts=tuple(drawn),
        tables=(run_accuracy.trials_table(accuracies), *([_statistics_table(comparison)] if comparison else [])),
        values=dataclasses.asdict(comparison) if comparison else {},
    )


def _statistics_table(comparison: Comparison) -> Table:
    """One row with every number of the paragraph."""
    low, high = comparison.interval
    row = {
        "ELMo won": comparison.wins,
        "basic won": comparison.losses,
        "tied": comparison.ties,
        "difference": comparison.mean_difference,
        "from": low,
        "to": high,
        "sign test p": comparison.sign_p,
        "Wilcoxon p": comparison.wilcoxon_p,
        "McNemar p": comparison.mcnemar.p,
        "deviation of basic": comparison.spread_basic.deviation if comparison.spread_basic else None,
        "deviation of ELMo": comparison.spread_elmo.deviation if comparison.spread_elmo else None,
        "Pitman–Morgan p": comparison.spread_p,
    }
    kinds: dict[str, Kind] = {"ELMo won": "count", "basic won": "count", "tied": "count"}
    kinds |= dict.fromkeys(("difference", "from", "to"), "points")
    kinds |= dict.fromkeys(("deviation of basic", "deviation of ELMo"), "deviation")
    kinds |= dict.fromkeys(("sign test p", "Wilcoxon p", "McNemar p", "Pitman–Morgan p"), "p")
    return Table("statistics", "Tests and intervals", pd.DataFrame([row]), kinds, is_upright=True)
