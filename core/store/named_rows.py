"""What runs and learning curves have in common: people name them, delete them and restore them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.deleted import Deleted, DeletedError, purge_before_s
from core.errors import UserError
from core.store import schema
from core.store.database import Database


class RenamedMeanwhileError(UserError):
    """Somebody else has renamed a row since its name was read.

    Args:
        noun: What people call the row.
        name: Its name now.
    """

    def __init__(self, noun: str, name: str) -> None:
        super().__init__(
            f'Somebody has renamed this {noun} to "{name}" in the meantime; rename it again to replace that name.',
            code="renamed-meanwhile",
        )
        self.name = name


class NamedRows:
    """A table whose rows have a name and stay for thirty days after they were deleted.

    Args:
        database: Where it is.
        table: With the columns id, name, created_s and deleted_s.
        noun: What an error calls a row.
        code: Of that noun in the codes of errors.
        parts: Tables whose rows belong to one of these by their run_id, and go with it.
    """

    def __init__(self, database: Database, table: sa.Table, *, noun: str, code: str, parts: Sequence[sa.Table] = ()) -> None:
        self._database = database
        self._table = table
        self._is_kept = schema.is_kept(table)
        self._noun = noun
        self._code = code
        self._parts = parts
        if not database.is_read_only:
            self._purge()

    def rename(self, row_id: str, name: str, *, was: str | None = None) -> None:
        """Give a row a name.

        Args:
            row_id: Which row.
            name: The new name; spaces around it do not count.
            was: The name that it must still have; None replaces any name.

        Raises:
            RenamedMeanwhileError: It has neither that name any more nor the new one already.
            UserError: The name is empty, there is no such row, or it belongs to the example.
        """
        self._require_own(row_id)
        name = name.strip()
        if not name:
            raise UserError(f"The name of a {self._noun} cannot be empty; type at least one letter.", code="name-empty")
        is_as_before = [] if was is None else [self._table.c.name.in_([was, name])]
        if not self._database.update(self._table, row_id, self._is_kept, *is_as_before, name=name):
            raise RenamedMeanwhileError(self._noun, self._row(row_id).name)

    def delete(self, row_id: str) -> None:
        """Delete a row: it is in no list any more. For thirty days it can be restored, then it is gone for good.

        Raises:
            UserError: There is no such row, or it belongs to the example.
        """
        self._require_own(row_id)
        self._update(row_id, deleted_s=time.time())
        self._purge()

    def restore(self, row_id: str) -> None:
        """Undo a deletion; nothing happens to a row that was not deleted.

        Raises:
            UserError: There is no such row, or it was deleted over thirty days ago.
        """
        if not self._database.update(self._table, row_id, deleted_s=None):
            raise self.missing(row_id)

    def deleted(self) -> list[Deleted]:
        """What can be restored, the last deleted first."""
        with self._database.begin() as connection:
            query = self._deleted_rows().order_by(self._table.c.deleted_s.desc())
            return [_parse_deleted(row) for row in connection.execute(query)]

    def find_deleted(self, row_id: str) -> Deleted | None:
        """What was deleted with this id, if it can be restored."""
        with self._database.begin() as connection:
            row = connection.execute(self._deleted_rows().where(self._table.c.id == row_id)).one_or_none()
        return None if row is None else _parse_deleted(row)

    def missing(self, *row_ids: str) -> UserError:
        """The error for ids that are not in the store, or that were deleted."""
        if len(row_ids) == 1 and (deleted := self.find_deleted(row_ids[0])):
            return DeletedError(self._noun, deleted, code=f"{self._code}-deleted")
        named = " and no ".join(f"{self._noun} {row_id!r}" for row_id in row_ids)
        return UserError(
            f"There is no {named} in this store: deleted for good, or in another data folder; check the link or the id.",
            code=f"{self._code}-missing",
        )

    def _row(self, row_id: str) -> sa.Row[Any]:
        """The row with an id; raises `UserError` if there is none."""
        with self._database.begin() as connection:
            query = sa.select(self._table).where(self._table.c.id == row_id, self._is_kept)
            row = connection.execute(query).one_or_none()
        if row is None:
            raise self.missing(row_id)
        return row

    def _rows(self) -> Sequence[sa.Row[Any]]:
        """All rows, one's own before the example, the newest first."""
        with self._database.begin() as connection:
            query = sa.select(self._table).where(self._is_kept).order_by(*schema.own_first(self._table))
            return connection.execute(query).all()

    def _require_own(self, row_id: str) -> None:
        """Raises `UserError` for a row of the example, or if there is no such row."""
        if self._row(row_id).example is not None:
            raise UserError(
                f"The example {self._noun} comes with ELMo Lens and is neither renamed nor deleted; it steps back behind runs of "
                "your own, and ELMO_LENS_EXAMPLE=0 hides it.",
                code="example-kept",
            )

    def _update(self, row_id: str, **values: Any) -> None:
        if not self._database.update(self._table, row_id, self._is_kept, **values):
            raise self.missing(row_id)

    def _deleted_rows(self) -> sa.Select[Any]:
        columns = (self._table.c.id, self._table.c.name, self._table.c.deleted_s)
        return sa.select(*columns).where(self._table.c.deleted_s >= purge_before_s())

    def _purge(self) -> None:
        """Remove for good what was deleted over thirty days ago."""
        with self._database.begin() as connection:
            is_over = self._table.c.deleted_s < purge_before_s()
            ids = connection.execute(sa.select(self._table.c.id).where(is_over)).scalars().all()
            if ids:
                for table in self._parts:
                    connection.execute(table.delete().where(table.c.run_id.in_(ids)))
                connection.execute(self._table.delete().where(self._table.c.id.in_(ids)))


def _parse_deleted(row: sa.Row[Any]) -> Deleted:
    return Deleted(row.id, row.name, datetime.fromtimestamp(row.deleted_s, UTC))
