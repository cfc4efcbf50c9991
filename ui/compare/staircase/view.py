"""Where the gain of a run comes from: the models between basic and ELMo, and what each brings."""

from __future__ import annotations

import dataclasses

import pandas as pd
import streamlit as st

from core.analysis import verdicts
from core.analysis.outcomes import Outcomes
from core.analysis.staircase import Staircase, staircase
from core.embedders.hub_modules import BUNDLED
from core.errors import UserError
from core.experiment.arms import STAIRCASE, arm_title, in_order
from core.store.run import Run
from ui.app import models, url_state
from ui.app.errors import show_error
from ui.compare import wording
from ui.compare.chart_specs import draw
from ui.compare.section import Section
from ui.compare.section_view import show_section
from ui.compare.staircase.charts import steps_plot
from ui.widgets.tables import Kind, Table, with_interval


def show(run: Run) -> None:
    """The steps of a run, or what they would say and the button that trains them."""
    if found := sections(run):
        show_section(draw(found[0]), "staircase", help_text=verdicts.INTERVAL_HELP)
    if not set(STAIRCASE) <= set(run.config.arms):
        _offer_training(run)


def sections(run: Run) -> list[Section]:
    """The same as data, for the report and the files; none for a run without models between the first and the last.

    Raises:
        UserError: No trial is finished, or nobody knows the labels of the test reviews any more.
    """
    outcomes = models.outcomes(run)
    stairs = staircase(outcomes)
    return [_build(run, outcomes, stairs)] if stairs else []


def _build(run: Run, outcomes: Outcomes, stairs: Staircase) -> Section:
    notes = [wording.STAIRCASE_NOTE, wording.ELMO_MINI_LETTERS] if run.config.elmo == BUNDLED else [wording.STAIRCASE_NOTE]
    return Section(
        f"{run.name}: where the gain comes from",
        verdicts.staircase_sentence(stairs),
        facts=tuple(verdicts.staircase_steps(stairs)),
        notes=(*notes, verdicts.holds_for([(run.config.train_size, outcomes)])),
        charts=(steps_plot(stairs),),
        tables=(_table(stairs),),
        values=dataclasses.asdict(stairs),
    )


def _table(stairs: Staircase) -> Table:
    rows = []
    steps = {step.end: step for step in stairs.steps}
    for arm, accuracy in stairs.accuracies.items():
        row: dict[str, str | float] = {"model": arm_title(arm), **with_interval("accuracy", accuracy.mean, accuracy.interval)}
        if arm in steps:
            row |= {**with_interval("step", steps[arm].gain.mean, steps[arm].gain.interval), "p": steps[arm].p}
        rows.append(row)
    whole = stairs.whole
    rows.append({"model": wording.WHOLE_WAY, **with_interval("step", whole.gain.mean, whole.gain.interval), "p": whole.p})
    kinds: dict[str, Kind] = {"accuracy": "percent", "step": "points", "p": "p"}
    return Table(
        "staircase", "Accuracy of each model and its step from the one before, with 95 % intervals", pd.DataFrame(rows), kinds
    )


def _offer_training(run: Run) -> None:
    st.markdown(wording.STAIRCASE_OFFER)
    if st.button(wording.TRAIN_STAIRCASE, key="train_staircase", type="primary", icon=":material/stairs:"):
        try:
            url_state.start_run(run.config.model_copy(update={"arms": tuple(in_order(STAIRCASE))}), page="pages/train.py")
        except UserError as error:
            show_error(error)
