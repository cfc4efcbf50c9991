"""The command line's `runs`: what is in the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.files import write_result
from core.formatting import percent, signed
from core.settings import Settings
from core.store.run_store import RunStore


def list_runs(settings: Settings, *, json_path: Path | None) -> None:
    """Print the stored runs, the newest first.

    Args:
        settings: Of this installation.
        json_path: Where to write the list, with all columns of `core.store.run_table`.

    Raises:
        UserError: The store cannot be read, or the JSON cannot be written.
    """
    store = RunStore(settings.store_url)
    overview = store.overview()
    store.close()
    if json_path:
        write_result(json_path, overview.to_json(orient="records", date_format="iso", indent=2))
    if overview.empty:
        print("There is no run yet; train one with: python -m core run")
        return
    table = Table()
    for title in ("id", "name", "begun", "status"):
        table.add_column(title)
    for title in ("basic", "ELMo", "difference"):
        table.add_column(title, justify="right")
    for row in overview.to_dict("records"):
        begun = row["created_at"].to_pydatetime().astimezone().strftime("%Y-%m-%d %H:%M")
        means = [_written(row[f"mean_{arm}"], percent) for arm in ("basic", "elmo")]
        difference = _written(row["mean_difference"], lambda value: f"{signed(value)} points")
        table.add_row(row["id"], escape(row["name"]), begun, row["status"], *means, difference)
    Console().print(table)


def _written(value: float, write: Callable[[float], str]) -> str:
    """A dash for what no trial has said yet."""
    return "–" if pd.isna(value) else write(value)
