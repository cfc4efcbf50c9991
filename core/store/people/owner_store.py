"""Who has made what on a server for a class: it holds after a restart, and for all servers of the same store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from core.store import schema
from core.store.database import Database

_owners = schema.owners


@dataclass(frozen=True)
class Owner:
    """Who has made something.

    Attributes:
        id: Digest of their space, which the store does not know itself.
        is_operator: Whether the operator was signed in there.
    """

    id: str
    is_operator: bool = False


class OwnerStore:
    """The owners of runs, learning curves, datasets and deletions, `RunStore.owners`; raises as the run store does.

    Args:
        database: Of the runs.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, its_id: str, owner: Owner) -> None:
        """Record who has made something, unless it has an owner already."""
        row = {"its_id": its_id, "owner": owner.id, "is_operators": owner.is_operator}
        try:
            with self._database.begin() as connection:
                if not connection.execute(sa.select(_owners.c.its_id).where(_owners.c.its_id == its_id)).first():
                    connection.execute(_owners.insert().values(**row))
        except sa.exc.IntegrityError:  # somebody else has taken it at this very moment
            return

    def release(self, its_id: str) -> None:
        """Forget who has made something that is gone, so that the next one with its name has an owner of its own."""
        with self._database.begin() as connection:
            connection.execute(_owners.delete().where(_owners.c.its_id == its_id))

    def of(self, its_ids: Iterable[str]) -> dict[str, Owner]:
        """The owners of some things, by id; those without are left out."""
        return self._read(_owners.c.its_id.in_(list(its_ids)))

    def of_operator(self) -> dict[str, Owner]:
        """What the operator has made."""
        return self._read(_owners.c.is_operators)

    def has_any(self, owner_id: str) -> bool:
        """Whether somebody has made anything."""
        with self._database.begin() as connection:
            return connection.execute(sa.select(_owners.c.its_id).where(_owners.c.owner == owner_id).limit(1)).first() is not None

    def _read(self, condition: sa.ColumnElement[bool]) -> dict[str, Owner]:
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(_owners).where(condition)).all()
        return {row.its_id: Owner(row.owner, is_operator=row.is_operators) for row in rows}
