"""The command line's `datasets`: list, rename, delete and restore the sets of reviews."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel, Field
from pydantic_settings import CliPositionalArg, CliSubCommand, get_subcommand
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.cli.console import program
from core.errors import UserError
from core.files import write_result

if TYPE_CHECKING:
    from core.settings import Settings


class RenameDataset(BaseModel):
    """Give an added dataset another name."""

    name: CliPositionalArg[str] = Field(description="its name")
    new_name: CliPositionalArg[str] = Field(description="its new name")

    def execute(self, settings: Settings) -> None:
        """Renames it and says what that means for its runs."""
        from core.data.datasets import rename_dataset

        rename_dataset(self.name, self.new_name, settings)
        print(f'"{self.name}" is "{self.new_name}" now. Its runs keep their results; to resume one, give the old name back.')


class DeleteDataset(BaseModel):
    """Delete an added dataset."""

    name: CliPositionalArg[str] = Field(description="its name")

    def execute(self, settings: Settings) -> None:
        """Deletes it and says how to take that back."""
        from core.data.deleted_datasets import delete_dataset

        delete_dataset(self.name, settings)
        print(f'"{self.name}" is deleted. Within thirty days, {program()} datasets restore {self.name} brings it back.')


class RestoreDataset(BaseModel):
    """Restore a dataset that was deleted within thirty days."""

    name: CliPositionalArg[str] = Field(description="its name")

    def execute(self, settings: Settings) -> None:
        """Restores it."""
        from core.data.deleted_datasets import restore_dataset

        restore_dataset(self.name, settings)
        print(f'"{self.name}" is back.')


class DatasetsCommand(BaseModel):
    """List the datasets, or rename or delete one."""

    json_path: Path | None = Field(default=None, alias="json", description="file for the list")
    rename: CliSubCommand[RenameDataset] = Field(description="give an added dataset another name")
    delete: CliSubCommand[DeleteDataset] = Field(description="delete an added dataset")
    restore: CliSubCommand[RestoreDataset] = Field(description="restore a dataset that was deleted within thirty days")

    def execute(self, settings: Settings) -> int:
        """Does what was asked; without a command, prints all datasets.

        Raises:
            UserError: There is no such dataset, the name cannot be used, or the JSON cannot be written.
        """
        command = cast("RenameDataset | DeleteDataset | RestoreDataset | None", get_subcommand(self, is_required=False))
        if command:
            command.execute(settings)
        else:
            _show_list(settings, self.json_path)
        return 0


def _show_list(settings: Settings, json_path: Path | None) -> None:
    """Prints a table; a damaged dataset has a row that says so."""
    from core.data.datasets import import_record, list_datasets

    table = Table()
    table.add_column("name")
    for title in ("reviews", "negative", "positive", "left out"):
        table.add_column(title, justify="right")
    table.add_column("from")
    found = {}
    for name in list_datasets(settings):
        try:
            record = import_record(name, settings)
        except UserError as error:
            table.add_row(escape(name), *[""] * 4, escape(str(error)))
            continue
        found[name] = {**record.as_data(), "file": record.file, "form": record.form, "encoding": record.encoding}
        numbers = (record.num_negative + record.num_positive, record.num_negative, record.num_positive)
        dropped = record.num_duplicates + record.num_left_out
        table.add_row(escape(name), *(f"{number:,}" for number in (*numbers, dropped)), escape(record.file))
    if json_path:
        write_result(json_path, json.dumps(found, indent=2, ensure_ascii=False))
    Console().print(table)
