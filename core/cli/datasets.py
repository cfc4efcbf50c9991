"""The command line's `datasets`: list, rename, delete and restore the sets of reviews, and write their splits and draws."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel, Field
from pydantic_settings import CliPositionalArg, CliSubCommand, CliToggleFlag, get_subcommand
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.cli.console import program
from core.errors import UserError
from core.files import make_folder, require_new_file, write_result, write_whole

if TYPE_CHECKING:
    import pandas as pd

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


class SplitDataset(BaseModel):
    """Write the training and the test reviews of a dataset, so that other programs can use the same split.

    train.csv and test.csv have the columns id, text and label (0 negative, 1 positive), with texts exactly as the models read
    them: also those that a spreadsheet would take for a formula.
    """

    name: CliPositionalArg[str] = Field(description="its name")
    folder: CliPositionalArg[Path] = Field(description="folder of the two files")
    replace: CliToggleFlag[bool] = Field(default=False, description="replace files that are there")

    def execute(self, settings: Settings) -> None:
        """Writes both files and says how many reviews they have."""
        from core.data.datasets import load_pool
        from core.exports.split_tables import split_table

        pool = load_pool(self.name, settings)
        make_folder(self.folder)
        parts = {self.folder / "train.csv": pool.train, self.folder / "test.csv": pool.test}
        for path in parts:
            require_new_file(path, replace=self.replace)
        for path, rows in parts.items():
            write_whole(path, _exact_csv(split_table(pool, rows)))
            print(f"Wrote {path}: {len(rows):,} reviews.")


class WriteDraws(BaseModel):
    """Write which reviews each trial of a run trained, validated and tested on.

    The file has the columns trial, part (train, validation or test) and id, as in the files of `datasets split`.
    """

    run: CliPositionalArg[str] = Field(description="id of the run")
    file: CliPositionalArg[Path] = Field(description="CSV to write")
    replace: CliToggleFlag[bool] = Field(default=False, description="replace the file if it is there")

    def execute(self, settings: Settings) -> None:
        """Draws the reviews again, makes sure that they are the same, and writes their ids."""
        from core.data.datasets import load_pool
        from core.example import open_store
        from core.exports.split_tables import draws_table

        run = open_store(settings).get_run(self.run)
        require_new_file(self.file, replace=self.replace)
        pool = load_pool(run.config.dataset, settings)
        run.require_drawn_from(pool)
        write_whole(self.file, _exact_csv(draws_table(pool, run.config)))
        print(f"Wrote {self.file}: the draws of {run.config.num_trials:,} trials from {run.config.dataset}.")


def _exact_csv(frame: pd.DataFrame) -> str:
    """A table for programs: nothing is guarded, and lines end as in the CSV files that datasets are kept in."""
    return frame.to_csv(index=False, lineterminator="\n")


_DatasetCommand = RenameDataset | DeleteDataset | RestoreDataset | SplitDataset | WriteDraws


class DatasetsCommand(BaseModel):
    """List the datasets, rename or delete one, or write its split for other programs."""

    json_path: Path | None = Field(default=None, alias="json", description="file for the list")
    rename: CliSubCommand[RenameDataset] = Field(description="give an added dataset another name")
    delete: CliSubCommand[DeleteDataset] = Field(description="delete an added dataset")
    restore: CliSubCommand[RestoreDataset] = Field(description="restore a dataset that was deleted within thirty days")
    split: CliSubCommand[SplitDataset] = Field(description="write the training and the test reviews of a dataset")
    draws: CliSubCommand[WriteDraws] = Field(description="write which reviews each trial of a run used")

    def execute(self, settings: Settings) -> int:
        """Does what was asked; without a command, prints all datasets.

        Raises:
            UserError: There is no such dataset or run, the name cannot be used, or a file cannot be written.
        """
        command = cast("_DatasetCommand | None", get_subcommand(self, is_required=False))
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
