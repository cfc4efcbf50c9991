"""Deleting added datasets and restoring them: each deletion keeps its own file for thirty days."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core.data.datasets import BUILT_IN, added_csv
from core.deleted import Deleted, purge_before_s
from core.errors import UserError
from core.settings import Settings


def delete_dataset(name: str, settings: Settings) -> str:
    """Deletes an added dataset. It can be restored for thirty days; then its file is gone for good.

    Returns:
        The id of this deletion.

    Raises:
        UserError: The dataset is a packaged one, does not exist, or cannot be deleted.
    """
    if name in BUILT_IN:
        raise UserError(f'"{name}" is a packaged dataset and cannot be deleted.', code="dataset-packaged")
    deletion_id = f"{name}.{secrets.token_hex(4)}"  # no name has a dot
    with _errors_for_people(name):
        path = added_csv(name, settings)
        try:
            os.utime(path)  # the thirty days begin now
            path.replace(_kept_csv(deletion_id, settings))
        except FileNotFoundError:
            raise UserError(
                f'There is no dataset "{name}" to delete; reload the page to see the current ones.', code="dataset-missing"
            ) from None
    list_deleted(settings)  # removes what is over
    return deletion_id


def list_deleted(settings: Settings) -> list[Deleted]:
    """The datasets that can be restored, the last deleted first; those that were deleted over thirty days ago go for good."""
    found = []
    for path in (settings.data_dir / "datasets" / "deleted").glob("*.csv"):
        try:
            deleted_s = path.stat().st_mtime
            if deleted_s < purge_before_s():
                path.unlink()
                continue
        except FileNotFoundError:  # somebody else restored or removed it
            continue
        found.append(Deleted(path.stem, _name(path.stem), datetime.fromtimestamp(deleted_s, UTC)))
    return sorted(found, key=lambda deleted: deleted.deleted_at, reverse=True)


def restore_dataset(deletion_id: str, settings: Settings) -> str:
    """Restores a deleted dataset.

    Args:
        deletion_id: From `delete_dataset` or `list_deleted`.
        settings: Where the data folder is.

    Returns:
        Its name.

    Raises:
        UserError: It is not among the deleted ones any more, or another dataset has its name now.
    """
    name = _name(deletion_id)
    path = added_csv(name, settings)
    if path.exists():
        raise UserError(
            f'There is another dataset "{name}" by now; delete that one first, or add the file under a new name.',
            code="dataset-name-taken",
        )
    if not _can_be_restored(deletion_id, settings):
        raise UserError(
            f'The dataset "{name}" cannot be restored: somebody has restored it already, or it is gone for good. '
            "Look at the list of datasets, or add the same file again.",
            code="dataset-not-deleted",
        )
    with _errors_for_people(name):
        _kept_csv(deletion_id, settings).replace(path)
    return name


def purge_dataset(deletion_id: str, settings: Settings) -> None:
    """Removes a deleted dataset for good; nothing happens if it is not among the deleted ones any more."""
    if _can_be_restored(deletion_id, settings):
        with _errors_for_people(_name(deletion_id)):
            _kept_csv(deletion_id, settings).unlink(missing_ok=True)


def _kept_csv(deletion_id: str, settings: Settings) -> Path:
    return settings.folder("datasets/deleted") / f"{deletion_id}.csv"


def _can_be_restored(deletion_id: str, settings: Settings) -> bool:
    return deletion_id in {deleted.id for deleted in list_deleted(settings)}


def _name(deletion_id: str) -> str:
    """The name of a deleted dataset; version 0.1 used it as the id."""
    return deletion_id.partition(".")[0]


@contextmanager
def _errors_for_people(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            f'The dataset "{name}" cannot be deleted or restored ({error.strerror}); check the permissions of its folder.',
            code="dataset-not-writable",
        ) from error
