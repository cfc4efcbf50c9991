"""The command line's `runs`: what is in the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.cli.console import program
from core.files import write_result

if TYPE_CHECKING:
    import pandas as pd

    from core.settings import Settings


class ListRunsCommand(BaseModel):
    """List the stored runs, the newest first."""

    json_path: Path | None = Field(default=None, alias="json", description="file for the list")

    def execute(self, settings: Settings) -> int:
        """Prints the runs; the JSON has all columns of `core.store.run_table`.

        Raises:
            UserError: The store cannot be read, or the JSON cannot be written.
        """
        from core.example import open_store_to_read

        store = open_store_to_read(settings)
        overview = store.overview()
        store.close()
        if self.json_path:
            write_result(self.json_path, overview.to_json(orient="records", date_format="iso", indent=2))
        if overview.empty:
            print(f"There is no run yet; train one with: {program()} run")
        else:
            Console().print(_table(overview))
        return 0


def _table(overview: pd.DataFrame) -> Table:
    from core.formatting import percent, signed

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
    return table


def _written(value: float, write: Callable[[float], str]) -> str:
    """A number, or a dash where no trial is finished yet."""
    import pandas as pd

    return "–" if pd.isna(value) else write(value)
