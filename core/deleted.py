"""What was deleted and can be restored for thirty days: runs, learning curves, datasets and typed sentences."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from core.errors import UserError
from core.settings import KEEP_DELETED_S


@dataclass(frozen=True)
class Deleted:
    """Something that was deleted and can still be restored.

    Attributes:
        id: What restores it.
        title: The name or text by which people know it.
        deleted_at: When somebody deleted it.
        detail: What tells it from others of the same title, where that is known.
    """

    id: str
    title: str
    deleted_at: datetime
    detail: str = ""


class DeletedError(UserError):
    """What was asked for has been deleted, and can be restored.

    Args:
        noun: What people call it, such as "run".
        deleted: The one that was asked for.
        code: What kind of mistake it is, such as "run-deleted".
    """

    def __init__(self, noun: str, deleted: Deleted, *, code: str) -> None:
        super().__init__(f'The {noun} "{deleted.title}" ({deleted.id}) was deleted; restore it, or choose another.', code=code)
        self.deleted = deleted


def purge_before_s() -> float:
    """The moment before which a deletion is for good, in seconds since 1970."""
    return time.time() - KEEP_DELETED_S
