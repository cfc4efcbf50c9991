"""The table of accuracies by trial."""

from __future__ import annotations

import pandas as pd

from core.experiment.config import ARM_TITLES, has_pair
from ui.widgets.tables import Kind, Table


def trials_table(accuracies: pd.DataFrame) -> Table:
    """A row per trial, which count from 1; a column per arm, and the difference."""
    frame = accuracies.set_axis(accuracies.index + 1).rename_axis("trial")
    kinds: dict[str, Kind] = {str(arm): "percent" for arm in frame}
    if has_pair(frame):
        frame["difference"] = frame["elmo"] - frame["basic"]
        kinds["difference"] = "points"
    return Table("trials", "Accuracy of each trial", frame, {"trial": "count", **kinds}, ARM_TITLES)
