"""Everything that the Compare page shows, as files: an HTML report, JSON, and the tables as CSV."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.analysis.paired_tests import compare_arms, compare_reference
from core.errors import UserError
from core.exports import model_folder, run_json
from core.exports.model_card import model_card
from core.files import to_csv
from core.store.run import Run
from ui.app import models, server
from ui.compare import wording
from ui.compare.accuracy import view as accuracy_view
from ui.compare.cost import view as cost_view
from ui.compare.cost.view import Times
from ui.compare.curve import view as curve_view
from ui.compare.error_analysis import view as error_analysis_view
from ui.compare.report.html import to_html
from ui.compare.reviews import view as reviews_view
from ui.compare.section import Section
from ui.compare.selection import told_apart
from ui.compare.staircase import view as staircase_view
from ui.text import count, escape
from ui.widgets import downloads
from ui.widgets.tables import Table


@dataclass(frozen=True, eq=False)
class Part:
    """Sections with the folder that their tables go to."""

    folder: str
    sections: tuple[Section, ...]


def show(runs: Sequence[Run], focus: Run) -> None:
    """The buttons; each file is made on download.

    Args:
        runs: The chosen runs; the files hold the pairs of each, their learning curve and their cost.
        focus: The run whose errors and single reviews they hold too.
    """
    make = partial(collect, tuple(runs), focus, cost_view.times(runs))
    name = f"elmo-lens-{focus.id}" if len(runs) == 1 else f"elmo-lens-{len(runs)}-runs"
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center", key="compare_export"):
        downloads.button(
            "Report (HTML)", lambda: to_report(runs, make()), f"{name}.html", key="compare_html", icon=":material/description:"
        )
        downloads.button(
            "Everything as JSON", lambda: to_json(runs, make()), f"{name}.json", key="compare_json", icon=":material/data_object:"
        )
        downloads.button("Tables as CSV", lambda: to_zip(make()), f"{name}.zip", key="compare_zip", icon=":material/table:")
        _show_models(focus)
    of_focus = f" {wording.report_focus(escape(focus.name))}" if len(runs) > 1 else ""
    st.caption(f"{wording.REPORT_NOTE}{of_focus}")


def _show_models(run: Run) -> None:
    """The button for the models of a run, if it has any and their card can say how good they are."""
    if run.id not in server.store().trials.runs_with_heads():
        return
    with suppress(UserError):  # no whole trial, or the labels of the test reviews are gone
        card = partial(model_card, run, models.outcomes(run))
        downloads.button(
            "Models (ZIP)",
            lambda: pack_models(run, card()),
            f"elmo-lens-{run.id}-models.zip",
            key="compare_models",
            icon=":material/folder_zip:",
            help=wording.models_help(run.name),
        )


def pack_models(run: Run, card: str) -> bytes:
    """The folder that `elmo-lens predict --model` takes, packed."""
    heads = server.store().trials.heads(run)
    return model_folder.to_zip(model_folder.model_files(run, heads, card), f"elmo-lens-{run.id}-models")


def collect(runs: Sequence[Run], focus: Run, prediction_times: Times) -> list[Part]:
    """All that the views say about some runs. Takes seconds: some of it is computed only now."""
    *runs, focus = told_apart([*runs, focus])
    parts = [Part("", tuple(curve_view.sections(runs)))]
    parts += [Part(run.id, _sections(accuracy_view.sections, run)) for run in runs]
    parts += [Part(run.id, _sections(staircase_view.sections, run)) for run in runs]
    parts += [Part(focus.id, _sections(view.sections, focus)) for view in (error_analysis_view, reviews_view)]
    return [*parts, Part("", tuple(cost_view.sections(runs, prediction_times)))]


def to_report(runs: Sequence[Run], parts: Sequence[Part]) -> str:
    """The HTML report."""
    made = f"Made by ELMo Lens on {datetime.now(UTC):%d %B %Y, %H:%M} UTC from {count(len(runs), 'run')}: {_named(runs)}."
    return to_html(wording.REPORT_TITLE, made, [section for part in parts for section in part.sections])


def to_json(runs: Sequence[Run], parts: Sequence[Part]) -> str:
    """Configs, trials, sentences, tables and further numbers; charts draw nothing that is not among them."""
    content = {
        "version": run_json.VERSION,
        "made_at": datetime.now(UTC).isoformat(),
        "runs": [_run_values(run) for run in runs],
        "sections": [
            {
                "title": section.title,
                "sentences": section.sentences,
                "tables": {table.name: json.loads(_with_index(table).to_json(orient="records")) for table in section.tables},
                "values": section.values,
            }
            for part in parts
            for section in part.sections
        ],
    }
    return json.dumps(content, indent=2, default=_plain)


def to_zip(parts: Sequence[Part]) -> bytes:
    """A CSV file per table, those of one run in a folder of its id."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            for table in (table for section in part.sections for table in section.tables):
                path = f"{part.folder}/{table.name}.csv" if part.folder else f"{table.name}.csv"
                archive.writestr(path, to_csv(_with_index(table)))
    return buffer.getvalue()


def _sections(view: Callable[[Run], Sequence[Section]], run: Run) -> tuple[Section, ...]:
    """What a view says about a run; why it says nothing, where it cannot."""
    try:
        return tuple(view(run))
    except UserError as error:
        return (Section(run.name, notes=(wording.not_in_report(error),)),)


def _run_values(run: Run) -> dict[str, Any]:
    comparison, against_reference, outcomes = None, None, None
    with suppress(UserError):  # the sections say why there is no comparison
        outcomes = models.outcomes(run)
        comparison, against_reference = compare_arms(outcomes), compare_reference(outcomes)
    trials = server.store().trials
    reference = run_json.Reference(trials.references(run), against_reference)
    return run_json.run_values(run, trials.table(run), comparison, server.settings(), reference, outcomes=outcomes)


def _named(runs: Sequence[Run]) -> str:
    return "; ".join(f"{run.name} ({run.id})" for run in runs)


def _with_index(table: Table) -> pd.DataFrame:
    return table.frame.reset_index() if table.frame.index.name else table.frame


def _plain(value: Any) -> Any:
    """What NumPy has for numbers and lists, as JSON knows them."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{value!r} cannot be written as JSON")
