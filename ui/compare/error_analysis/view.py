"""The view of mistakes: which ones, how sure the models were, on which reviews. A click on a mark opens its reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.analysis.error_analysis import AccuracySlice
from core.analysis.error_report import AccuracyByTrait
from core.analysis.verdicts import clear_slices, holds_for
from core.errors import UserError
from core.experiment.arms import PAIR, arm_title, pair_of
from core.store.run import Run
from ui.app import models
from ui.app.errors import errors_shown
from ui.compare import wording
from ui.compare.chart_specs import Drawn, draw
from ui.compare.error_analysis import cached, groups, reader, slices_view
from ui.compare.error_analysis.groups import Group
from ui.compare.error_analysis.sections import calibration_section, confusion_section, slice_sections, trait_section
from ui.compare.error_analysis.slice_charts import NamedLook, named_look
from ui.compare.once import once
from ui.compare.section import Section, named
from ui.compare.section_view import show_section


def show(run: Run) -> None:
    """Confusion matrices, ROC and calibration, accuracy by length, unknown words and slices, each with the reviews behind it."""
    report, chosen, trials = cached.errors(run), reader.group_in_url(), models.outcomes(run).trials
    found = groups.quality_groups(report)
    confusion = once(("confusion", run.id, trials, chosen), lambda: draw(confusion_section(report, chosen=chosen)))
    calibration = once(("calibration", run.id, trials, chosen), lambda: draw(calibration_section(report, chosen=chosen)))
    _show(run, "confusion", confusion, groups.of_charts(found, "confusion"))
    _show(run, "calibration", calibration, groups.of_charts(found, "reliability"))
    _show_what_needs_texts(run, chosen)


def sections(run: Run) -> list[Section]:
    """The same as data, for the report and the files.

    Raises:
        UserError: No trial is finished, or nobody knows the labels of the test reviews any more.
    """
    report = cached.errors(run)
    found = [confusion_section(report), calibration_section(report)]
    try:
        found.append(_trait_section(run, cached.errors_by_trait(run)))
        found += slice_sections(cached.slices(run), _looks(run), clear_slices(cached.slices(run), _pair(run)))
    except UserError as error:  # the texts are gone; the rest of the report is not
        found.append(Section(wording.TRAITS_TITLE, notes=(wording.not_in_report(error),)))
    return [named(run, section) for section in found]


@errors_shown()
def _show_what_needs_texts(run: Run, chosen: str) -> None:
    """Last, because the texts are read and counted for it: whatever keeps that from working, the rest is on the page."""
    with st.spinner(wording.COUNTING_WORDS):
        by_trait = cached.errors_by_trait(run)
    key = ("traits", run.id, models.outcomes(run).trials, chosen)
    section = once(key, lambda: draw(_trait_section(run, by_trait, chosen=chosen)))
    _show(run, "traits", section, groups.trait_groups(by_trait), num_folded=2)
    if slices := cached.slices(run):
        _show_slices(run, slices)


def _show_slices(run: Run, slices: Mapping[str, Sequence[AccuracySlice]]) -> None:
    """By the further columns of a file that was added, too."""
    name = slices_view.show((run.id, models.outcomes(run).trials), slices, _looks(run), clear_slices(slices, _pair(run)))
    if group := reader.choose("Read these reviews", groups.slice_groups(name, slices[name]), key="slices_group"):
        reader.show_reviews(run, models.outcomes(run), group)


def _pair(run: Run) -> tuple[str, str]:
    return pair_of(models.outcomes(run).arms) or PAIR


def _looks(run: Run) -> dict[str, NamedLook]:
    return {arm: named_look(arm, arm_title(arm)) for arm in models.outcomes(run).arms}


def _trait_section(run: Run, by_trait: AccuracyByTrait, *, chosen: str = "") -> Section:
    intervals = holds_for([(run.config.train_size, models.outcomes(run))])
    return trait_section(by_trait, max_tokens=run.config.max_tokens, intervals=intervals, chosen=chosen)


def _show(run: Run, name: str, section: Drawn, options: Sequence[Group], *, num_folded: int = 1) -> None:
    """A section, and below it the reviews of the group in the URL, if it is one of its own."""
    show_section(section, name, num_folded=num_folded)
    if group := reader.choose("Read these reviews", options, key=f"{name}_group"):
        reader.show_reviews(run, models.outcomes(run), group)
