"""What can be deleted and restored, so that lists and bars are written once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.deleted import Deleted


@dataclass(frozen=True)
class Deletable:
    """Things of one kind.

    Attributes:
        noun: For people.
        find: What can be restored, the last deleted first.
        restore: Called with the ids of what is to come back; raises `UserError` if something cannot.
        purge: Removes deleted ones for good, where people may ask for it.
    """

    noun: str
    find: Callable[[], Sequence[Deleted]]
    restore: Callable[[Sequence[str]], None]
    purge: Callable[[Sequence[str]], None] | None = None
