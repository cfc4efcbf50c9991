"""The view on what lies beyond accuracy: which mistakes, how sure, on which reviews. A click on a mark reads its reviews."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import UserError
from core.store.run import Run
from ui.app import models
from ui.app.errors import errors_shown
from ui.compare.chart_specs import Drawn, draw
from ui.compare.error_analysis import cached, groups, reader
from ui.compare.error_analysis.groups import Group
from ui.compare.error_analysis.sections import TRAIT_TITLE, calibration_section, confusion_section, named, trait_section
from ui.compare.section import Section
from ui.text import escape
from ui.widgets import tables

if TYPE_CHECKING:
    from core.analysis.error_report import AccuracyByTrait, ErrorReport


def show(run: Run) -> None:
    """Confusion matrices, ROC and calibration, accuracy by length and by unknown words, each with the reviews behind it."""
    quality = cached.quality(run)
    chosen = reader.group_in_url()
    found = groups.quality_groups(quality)
    trials = models.outcomes(run).trials
    confusion, calibration = _drawn_quality(run.id, trials, chosen, quality)
    _show(run, "confusion", confusion, groups.of_charts(found, "confusion"))
    _show(run, "calibration", calibration, groups.of_charts(found, "reliability"), num_open=1)
    _show_traits(run, chosen)


def sections(run: Run) -> list[Section]:
    """The same as data, for the report and the files.

    Raises:
        UserError: No trial is finished, or nobody knows the labels of the test reviews any more.
    """
    quality = cached.quality(run)
    found = [confusion_section(quality), calibration_section(quality)]
    try:
        found.append(trait_section(cached.quality_by_trait(run), max_tokens=run.config.max_tokens))
    except UserError as error:  # the texts are gone; the rest of the report is not
        found.append(Section(TRAIT_TITLE, sentences=(str(error),)))
    return [named(run, section) for section in found]


@errors_shown()
def _show_traits(run: Run, chosen: str) -> None:
    """Last, because the texts are read and counted for it: whatever keeps that from working, the rest is on the page."""
    with st.spinner("Counting the words of the test reviews; this takes some seconds, once."):
        by_trait = cached.quality_by_trait(run)
    traits = _drawn_traits(run.id, models.outcomes(run).trials, chosen, by_trait, run.config.max_tokens)
    _show(run, "traits", traits, groups.trait_groups(by_trait))


# Charts take a tenth of a second each to put together, and are the same until a trial is finished or another mark is chosen.
@st.cache_resource(show_spinner=False, max_entries=32)
def _drawn_quality(
    run_id: str,  # noqa: ARG001  # the first three are the key
    trials: tuple[int, ...],  # noqa: ARG001
    chosen: str,
    _quality: ErrorReport,
) -> tuple[Drawn, Drawn]:
    return draw(confusion_section(_quality, chosen=chosen)), draw(calibration_section(_quality, chosen=chosen))


@st.cache_resource(show_spinner=False, max_entries=32)
def _drawn_traits(
    run_id: str,  # noqa: ARG001  # the first three are the key
    trials: tuple[int, ...],  # noqa: ARG001
    chosen: str,
    _by_trait: AccuracyByTrait,
    _max_tokens: int,
) -> Drawn:
    return draw(trait_section(_by_trait, max_tokens=_max_tokens, chosen=chosen))


def _show(run: Run, name: str, drawn: Drawn, options: Sequence[Group], *, num_open: int = 0) -> None:
    """A section, and below it the reviews of the group in the URL, if it is one of its own; so many tables need no click."""
    section, specs = drawn
    st.subheader(escape(section.title), anchor=False)
    for number, (column, spec) in enumerate(zip(st.columns(len(specs)), specs, strict=True)):
        with column:
            reader.show_chart(spec, name=f"{name}_{number}")
    for sentence in section.sentences:
        st.caption(escape(sentence))
    for table in section.tables[:num_open]:
        tables.show(table)
    with st.expander("The numbers", icon=":material/table:", key=f"{name}_numbers"):
        for table in section.tables[num_open:]:
            tables.show(table)
    if group := reader.choose("Read the reviews behind it", options, key=f"{name}_group"):
        reader.show_reviews(run, models.outcomes(run), group)
