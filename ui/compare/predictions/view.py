"""Two models of one's own: who is better, which errs where, how sure they are, slices, and single reviews."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from core.predictions import verdicts
from core.predictions.comparison import PredictionComparison, compare_predictions
from core.predictions.prediction_store import PredictionRecord
from core.predictions.prediction_table import Predictions
from ui.compare.chart_specs import draw
from ui.compare.error_analysis import groups, reader, slices_view
from ui.compare.once import once
from ui.compare.predictions import choice, reviews, sections, wording
from ui.compare.predictions.choice import Choice
from ui.compare.report import export
from ui.compare.report.export import Part
from ui.compare.report.html import to_html
from ui.compare.section import Section
from ui.compare.section_view import show_section
from ui.widgets import downloads


def show() -> None:
    """The widgets that choose, and everything about the choice.

    Raises:
        UserError: The file of the table is damaged.
    """
    chosen = choice.choose()
    if chosen is None:
        return
    predictions, found = _compared(chosen)
    group = reader.group_in_url()
    key = (chosen.record.id, chosen.first, chosen.second)
    _show(("accuracy", *key), lambda: sections.accuracy_section(found, predictions))
    _show(("agreement", *key, group), lambda: sections.agreement_section(found, chosen=group))
    _show(("calibration", *key), lambda: sections.calibration_section(found))
    slice_name = slices_view.show(key, found.slices, sections.looks(found), verdicts.slice_sentences(found))
    options = [
        *groups.agreement_groups(found.agreement, found.names),
        groups.all_reviews(found.outcomes),
        *groups.slice_groups(slice_name, found.slices[slice_name]),
    ]
    reviews.show(found, predictions, options, key=chosen.record.id)
    _show_files(chosen.record, found, predictions)


def _compared(chosen: Choice) -> tuple[Predictions, PredictionComparison]:
    record = chosen.record
    predictions = once(("predictions", record.id), lambda: choice.store().load(record))
    found = once(
        ("compared predictions", record.id, chosen.first, chosen.second),
        lambda: compare_predictions(predictions, chosen.first, chosen.second),
    )
    return predictions, found


def _show(key: tuple[str, ...], build: Callable[[], Section]) -> None:
    """A section, with its charts drawn once per server; the first part of the key names it."""
    show_section(once(("predictions section", *key), lambda: draw(build())), f"predictions_{key[0]}")


def _show_files(record: PredictionRecord, found: PredictionComparison, predictions: Predictions) -> None:
    """The buttons; each file is made on download."""

    def make() -> list[Part]:
        return [Part("", tuple(sections.all_sections(found, predictions)))]

    first, second = found.names
    made = f"Made by ELMo Lens on {datetime.now(UTC):%d %B %Y, %H:%M} UTC from {record.name} ({record.id})."
    name = f"elmo-lens-{record.id}"
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center", key="predictions_export"):
        downloads.button(
            "Report (HTML)",
            lambda: to_html(f"{first} against {second}", made, [section for part in make() for section in part.sections]),
            f"{name}.html",
            key="predictions_html",
            icon=":material/description:",
        )
        downloads.button(
            "Everything as JSON",
            lambda: export.to_json([], make()),
            f"{name}.json",
            key="predictions_json",
            icon=":material/data_object:",
        )
        downloads.button(
            "Tables as CSV", lambda: export.to_zip(make()), f"{name}.zip", key="predictions_zip", icon=":material/table:"
        )
    st.caption(wording.REPORT_NOTE)
