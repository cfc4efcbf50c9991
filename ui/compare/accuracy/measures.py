"""Accuracy and what stands beside it as a table. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from core.analysis.uneven_classes import Measure
from core.experiment.arms import arm_title
from ui.widgets.tables import Kind, Table, interval_headings, with_interval


def measures_table(name: str, title: str, measures: Mapping[str, Measure], titles: Mapping[str, str] | None = None) -> Table:
    """A row per measure: every model and the difference, each with its interval.

    Args:
        name: Of the file.
        title: Above the table.
        measures: By name, all of the same models.
        titles: Of the models; those of arms by default.
    """
    called = titles.__getitem__ if titles else arm_title
    rows = []
    kinds: dict[str, Kind] = {"difference": "points"}
    for measure, found in measures.items():
        row: dict[str, object] = {"measure": measure}
        for model, each in found.models.items():
            row |= with_interval(called(model), each.mean, each.interval)
            kinds[called(model)] = "percent"
        if found.difference:
            row |= with_interval("difference", found.difference.mean, found.difference.interval)
        rows.append(row)
    return Table(name, title, pd.DataFrame(rows), kinds, interval_headings(kinds))
