"""Stored predictions: a table in the data folder with an id, so that a link opens it again."""

from __future__ import annotations

import hashlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from core.data.review_table import ReviewTable
from core.data.slices import sliceable
from core.deleted import Deleted, DeletedError, purge_before_s
from core.errors import UserError
from core.files import write_atomically
from core.predictions.prediction_table import PredictionColumns, Predictions, read_predictions
from core.settings import Settings

MAX_NAME = 100  # characters
_ID = re.compile(r"[0-9a-f]{8}")


class PredictionRecord(BaseModel):
    """What is known about a stored table.

    Attributes:
        id: What a link opens.
        name: For people.
        file: Name of the file that it came from.
        created_at: When it was added.
        columns: What its columns mean.
        num_rows: Its rows.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str
    file: str
    created_at: datetime
    columns: PredictionColumns
    num_rows: int


class PredictionStore:
    """The stored predictions of an installation.

    Args:
        settings: Where the data folder is.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def add(self, table: ReviewTable, columns: PredictionColumns, *, name: str, file: str = "") -> PredictionRecord:
        """Checks a table and stores it. Adding the same one again changes nothing, and restores it if it was deleted.

        Args:
            table: The file.
            columns: What its columns mean; of the others, those that can be sliced by are kept.
            name: For people.
            file: Name of the file.

        Raises:
            UserError: The table cannot be compared, or the data folder cannot be written.
        """
        predictions = read_predictions(table, columns)
        further = [str(column) for column in predictions.further.columns]
        kept = [columns.text, columns.label, *columns.models, *sliceable(predictions.further, further)]
        data = table.frame[kept].to_csv(index=False, lineterminator="\n").encode()
        its_id = hashlib.sha256(data + columns.model_dump_json().encode()).hexdigest()[:8]
        if self._record_path(its_id).exists():
            return self.get(its_id)
        if any(deleted.id == its_id for deleted in self.deleted()):
            return self.restore(its_id)
        record = PredictionRecord(
            id=its_id,
            name=_usable(name),
            file=file,
            created_at=datetime.now(UTC),
            columns=columns,
            num_rows=len(table.frame),
        )
        self._write(self._table_path(its_id), data)
        self._write(self._record_path(its_id), record.model_dump_json(indent=2).encode())
        return record

    def all(self) -> list[PredictionRecord]:
        """Every table, the newest first; without what somebody has damaged."""
        found = [record for path in self._folder.glob("*.json") if (record := _read_record(path))]
        return sorted(found, key=lambda record: (record.created_at, record.id), reverse=True)

    def get(self, its_id: str) -> PredictionRecord:
        """One table's record.

        Raises:
            DeletedError: It was deleted, and can be restored.
            UserError: There is none with that id.
        """
        if _ID.fullmatch(its_id):
            if record := _read_record(self._record_path(its_id)):
                return record
            for deleted in self.deleted():
                if deleted.id == its_id:
                    raise DeletedError("table of predictions", deleted, code="predictions-deleted")
        raise UserError(
            "There are no such predictions any more; choose others, or add the file again.", code="predictions-unknown"
        )

    def load(self, record: PredictionRecord) -> Predictions:
        """The predictions of a stored table.

        Raises:
            UserError: Its file is gone or damaged.
        """
        try:
            frame = pd.read_csv(self._table_path(record.id), dtype=str, keep_default_na=False, encoding="utf-8")
            return read_predictions(ReviewTable(frame, "CSV"), record.columns)
        except (OSError, ValueError, UserError) as error:  # pandas' own are ValueErrors
            raise UserError(
                f'The file of the predictions "{record.name}" is damaged; delete them and add the file again.',
                code="predictions-damaged",
            ) from error

    def rename(self, its_id: str, name: str) -> None:
        """Gives a table another name.

        Raises:
            UserError: There is none with that id, or the name is empty.
        """
        record = self.get(its_id).model_copy(update={"name": _usable(name)})
        self._write(self._record_path(its_id), record.model_dump_json(indent=2).encode())

    def delete(self, its_id: str) -> None:
        """Deletes a table. It can be restored for thirty days.

        Raises:
            UserError: There is none with that id, or the folder cannot be written.
        """
        self.get(its_id)
        os.utime(self._record_path(its_id))  # the thirty days begin now
        self._move(its_id, self._folder, self._settings.folder("predictions/deleted"))
        self.deleted()  # removes what is over

    def restore(self, its_id: str) -> PredictionRecord:
        """Brings a deleted table back.

        Raises:
            UserError: It is not among the deleted ones any more.
        """
        if all(deleted.id != its_id for deleted in self.deleted()):
            raise UserError(
                "These predictions cannot be restored: they were not deleted, or are gone for good. Add the file again.",
                code="predictions-not-deleted",
            )
        self._move(its_id, self._deleted_folder, self._folder)
        return self.get(its_id)

    def deleted(self) -> list[Deleted]:
        """What can be restored, the last deleted first; what was deleted over thirty days ago goes for good."""
        found = []
        for path in self._deleted_folder.glob("*.json"):
            try:
                deleted_s = path.stat().st_mtime
            except FileNotFoundError:  # somebody else restored or removed it
                continue
            if deleted_s < purge_before_s():
                path.with_suffix(".csv").unlink(missing_ok=True)
                path.unlink(missing_ok=True)
            elif record := _read_record(path):
                detail = f"{record.num_rows:,} rows"
                found.append(Deleted(record.id, record.name, datetime.fromtimestamp(deleted_s, UTC), detail))
        return sorted(found, key=lambda deleted: deleted.deleted_at, reverse=True)

    @property
    def _folder(self) -> Path:
        return self._settings.data_dir / "predictions"

    @property
    def _deleted_folder(self) -> Path:
        return self._folder / "deleted"

    def _record_path(self, its_id: str) -> Path:
        return self._folder / f"{its_id}.json"

    def _table_path(self, its_id: str) -> Path:
        return self._folder / f"{its_id}.csv"

    def _write(self, path: Path, data: bytes) -> None:
        self._settings.folder("predictions")
        try:
            write_atomically(path, data)
        except OSError as error:
            raise _not_writable(error) from error

    @staticmethod
    def _move(its_id: str, source: Path, target: Path) -> None:
        try:
            for ending in (".csv", ".json"):
                (source / f"{its_id}{ending}").replace(target / f"{its_id}{ending}")
        except OSError as error:
            raise _not_writable(error) from error


def _read_record(path: Path) -> PredictionRecord | None:
    try:
        return PredictionRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _usable(name: str) -> str:
    stripped = " ".join(name.split())[:MAX_NAME]
    if not stripped:
        raise UserError("The name is empty; type one.", code="name-empty")
    return stripped


def _not_writable(error: OSError) -> UserError:
    return UserError(
        f"The predictions cannot be written ({error.strerror}); free space or check the permissions of the data folder.",
        code="predictions-not-writable",
    )
