"""Several runs of different training sizes: the learning curve of both arms and how many labels ELMo saves."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.analysis.curves.curve_families import CurveFamily, families, other_sizes
from core.analysis.curves.learning_curve import CurvePoint, differences, label_saving, learning_curve
from core.analysis.outcomes import Outcomes
from core.analysis.sample_size import labels_until_clear
from core.analysis.verdicts import (
    INTERVAL_HELP,
    clear_differences,
    holds_for,
    label_saving_sentence,
    reference_saving_sentence,
)
from core.errors import UserError
from core.experiment.arms import BAG_OF_WORDS, arm_title
from core.store.run import Run, lowest_coverage
from ui.app import models, server
from ui.compare import selection, wording
from ui.compare.chart_specs import draw
from ui.compare.section import Section
from ui.compare.section_view import show_section
from ui.text import count, escape
from ui.widgets.learning_curve_chart import curve_plot, difference_plot
from ui.widgets.tables import Kind, Table, with_interval

_SMALL_DIFFERENCES = (0.01, 0.02)  # a point or two are what is usually in question


def show(runs: Sequence[Run]) -> None:
    """A curve for every family of runs."""
    found = families(runs)
    if len(found) > 1:
        st.caption(wording.SEVERAL_CURVES)
    for number, family in enumerate(found):
        _show_family(family, number)
    more = other_sizes(runs, server.store().list_runs())
    if more and st.button(f"Add {count(len(more), 'other size')} of this experiment", key="add_sizes", icon=":material/add:"):
        selection.open_runs([run.id for run in (*runs, *more)])
        st.rerun()


def sections(runs: Sequence[Run]) -> list[Section]:
    """The same as data, for the report and the files."""
    found = [build(family, number) for number, family in enumerate(families(runs))]
    return [section for section in found if section]


def build(family: CurveFamily, number: int = 0) -> Section | None:
    """What the curve of one family says; None if none of its runs has a finished trial.

    Args:
        family: Runs of different sizes.
        number: Of the family, for the name of its table.
    """
    points, notes = _points(family)
    if not points:
        return None
    curve, saving, reference_saving = learning_curve(points), label_saving(points), label_saving(points, BAG_OF_WORDS)
    beside = filter(None, [reference_saving_sentence(reference_saving)])
    charts = [curve_plot(curve, saving)]
    if any(point.difference is not None for point in curve):
        charts.append(difference_plot(curve))
    if family.num_spare:
        notes.append(wording.spare_runs(family.num_spare))
    return Section(
        f"Learning curve · {family.title}" if family.title else "Learning curve",
        label_saving_sentence(saving, lowest_coverage(family.runs)),
        facts=(*beside, *clear_differences(differences(curve), "sizes", saving.models), *_labels_until_clear(curve)),
        notes=(wording.CURVE_NOTE, holds_for(points), *notes),
        charts=tuple(charts),
        tables=(_table(curve, number),),
        values={
            "runs": [run.id for run in family.runs],
            "label_saving": dataclasses.asdict(saving),
            "reference": {"label_saving": dataclasses.asdict(reference_saving)},
        },
    )


def _labels_until_clear(curve: Sequence[CurvePoint]) -> list[str]:
    """How many labels until small differences are clear; no sentence without two sizes of both arms."""
    sizes = [point.train_size for point in curve if point.difference is not None]
    if len(sizes) < 2:
        return []
    clear = {difference: labels_until_clear(curve, difference) for difference in _SMALL_DIFFERENCES}
    return [wording.labels_until_clear(clear, sizes[0], sizes[-1])]


def _show_family(family: CurveFamily, number: int) -> None:
    if family.title:
        st.header(escape(family.title), anchor=False)
    if section := build(family, number):
        show_section(draw(section), f"curve_{number}", help_text=INTERVAL_HELP, is_stacked=True)
    else:
        st.info(wording.NO_RESULTS, icon=":material/hourglass:")


def _points(family: CurveFamily) -> tuple[list[tuple[int, Outcomes]], list[str]]:
    """Size and outcomes of the runs that have any, and why the others are missing."""
    points, notes = [], []
    for run in family.runs:
        try:
            points.append((run.config.train_size, models.outcomes(run)))
        except UserError as error:
            notes.append(f"{run.name} is not in the curve. {error}")
    return points, notes


def _table(curve: Sequence[CurvePoint], number: int) -> Table:
    rows = []
    kinds: dict[str, Kind] = {"training reviews": "count", "trials": "count"}
    for point in curve:
        row: dict[str, float] = {"training reviews": point.train_size, "trials": point.num_trials}
        for arm, mean in point.means.items():
            row |= with_interval(arm_title(arm), mean, point.intervals[arm])
            kinds[arm_title(arm)] = "percent"
        if point.difference is not None and point.difference_interval is not None:
            row |= with_interval("difference", point.difference, point.difference_interval)
            kinds["difference"] = "points"
        if point.reference is not None:
            row |= with_interval(arm_title(BAG_OF_WORDS), point.reference.mean, point.reference.interval)
            kinds[arm_title(BAG_OF_WORDS)] = "percent"
        rows.append(row)
    name = f"learning-curve-{number + 1}"
    return Table(name, "Accuracy by number of training reviews, with 95 % intervals", pd.DataFrame(rows), kinds)
