"""Deleting added datasets and restoring them: each deletion keeps files of its own for thirty days."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from core.data.datasets import added_csv, existing_csv, files_beside, find_dataset, move_files, record_of
from core.data.import_record import ImportRecord
from core.deleted import Deleted, purge_before_s
from core.errors import UserError
from core.settings import Settings


def delete_dataset(name: str, settings: Settings) -> str:
    """Deletes an added dataset. It can be restored for thirty days; then its files are gone for good.

    Returns:
        The id of this deletion.

    Raises:
        UserError: The dataset is a packaged one, does not exist, or cannot be deleted.
    """
    path = existing_csv(name, settings, "deleted")
    deletion_id = f"{name}.{secrets.token_hex(4)}"  # no name has a dot
    os.utime(path)  # the thirty days begin now
    move_files(path, _kept_csv(deletion_id, settings), f'The dataset "{name}" cannot be deleted')
    list_deleted(settings)  # removes what is over
    return deletion_id


def list_deleted(settings: Settings) -> list[Deleted]:
    """The datasets that can be restored, the last deleted first; those that were deleted over thirty days ago go for good."""
    found = []
    for path in (settings.data_dir / "datasets" / "deleted").glob("*.csv"):
        try:
            deleted_s = path.stat().st_mtime
        except FileNotFoundError:  # somebody else restored or removed it
            continue
        if deleted_s < purge_before_s():
            _remove(path)
        else:
            found.append(Deleted(path.stem, _name(path.stem), datetime.fromtimestamp(deleted_s, UTC), _detail(path)))
    return sorted(found, key=lambda deleted: deleted.deleted_at, reverse=True)


def restore_dataset(wanted: str, settings: Settings) -> str:
    """Restores a deleted dataset.

    Args:
        wanted: The id of a deletion, or a name, which stands for the last deletion of that name.
        settings: Where the data folder is.

    Returns:
        Its name.

    Raises:
        UserError: It is not among the deleted ones any more, or another dataset has its name now.
    """
    deletion_id = next((each.id for each in list_deleted(settings) if wanted in (each.id, each.title)), None)
    name = _name(wanted)
    if deletion_id is None:
        raise UserError(
            f'The dataset "{name}" cannot be restored: it was not deleted, or is gone for good. '
            "Look at the list of datasets, or add the same file again.",
            code="dataset-not-deleted",
        )
    if taken := find_dataset(name, settings):
        raise UserError(
            f'There is another dataset "{taken}" by now; delete or rename that one first, or add the file under a new name.',
            code="dataset-name-taken",
        )
    move_files(_kept_csv(deletion_id, settings), added_csv(name, settings), f'The dataset "{name}" cannot be restored')
    return name


def purge_dataset(deletion_id: str, settings: Settings) -> None:
    """Removes a deleted dataset for good; nothing happens if it is not among the deleted ones any more.

    Raises:
        UserError: The folder cannot be written.
    """
    if deletion_id in {deleted.id for deleted in list_deleted(settings)}:
        _remove(_kept_csv(deletion_id, settings))


def _kept_csv(deletion_id: str, settings: Settings) -> Path:
    return settings.folder("datasets/deleted") / f"{deletion_id}.csv"


def _name(deletion_id: str) -> str:
    """The name of a deleted dataset; version 0.1 used it as the id."""
    return deletion_id.partition(".")[0]


def _detail(path: Path) -> str:
    """How many reviews a deleted file holds, and of which file they came; empty if no record says so."""
    try:
        record = ImportRecord.model_validate_json(record_of(path).read_bytes())
    except (OSError, ValidationError):
        return ""
    return f"{record.num_negative + record.num_positive:,} reviews{f' from {record.file}' if record.file else ''}"


def _remove(path: Path) -> None:
    try:
        for each in (*files_beside(path), path):
            each.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"{path} cannot be removed ({error.strerror}); check the permissions of its folder.", code="dataset-not-writable"
        ) from error
