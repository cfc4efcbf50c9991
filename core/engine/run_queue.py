"""The queue of runs: one computes at a time, and people take turns."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

_POLL_S = 0.25


@dataclass(frozen=True)
class QueuePlace:
    """Where a waiting run stands.

    Attributes:
        num_ahead: Runs that compute before it, the one that computes now included.
        wait_s: Seconds until they are done, as far as anybody can tell; None if nobody can.
    """

    num_ahead: int
    wait_s: float | None


@dataclass(frozen=True)
class _Ticket:
    claim: str
    person: str
    turn: int


class RunQueue:
    """Claims of runs; the first one computes until it leaves. For use from any thread.

    Everybody's first run goes before anybody's second, the first runs in the order in which they came. Runs of one person keep
    their order, as do all that nobody is named for. Whoever comes later begins with the turn that is being computed, so nobody
    waits for ever.

    Written by hand: `queue.Queue` can neither say which run is first nor drop one from the middle, and a Dask lock is not fair.

    Reference: Demers, Keshav and Shenker, Analysis and simulation of a fair queueing algorithm, 1989, with runs for bytes.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()  # guards what follows
        self._queue: list[_Ticket] = []

    def join(self, claim: str, person: str = "") -> None:
        """Add a claim; one that is in the queue already keeps its place.

        Args:
            claim: Of a run.
            person: Whose run it is; all that nobody is named for count as one person's.
        """
        with self._changed:
            if any(ticket.claim == claim for ticket in self._queue):
                return
            now = [ticket.turn for ticket in self._queue[:1]]
            own = [ticket.turn + 1 for ticket in self._queue if ticket.person == person]
            turn = max([*now, *own], default=0)
            later = (place for place, ticket in enumerate(self._queue) if place and ticket.turn > turn)
            self._queue.insert(next(later, len(self._queue)), _Ticket(claim, person, turn))

    def ahead(self, claim: str) -> list[str]:
        """The claims that compute before one, the first one first; none if it is not in the queue."""
        with self._changed:
            claims = [ticket.claim for ticket in self._queue]
        return claims[: claims.index(claim)] if claim in claims else []

    def is_first(self, claim: str) -> bool:
        """Whether a claim may compute."""
        with self._changed:
            return self._is_first(claim)

    def wait_until_first(self, claim: str, check: Callable[[], None]) -> None:
        """Return once the claim is the first.

        Args:
            claim: One in the queue.
            check: Called a few times a second; what it raises ends the waiting.
        """
        while True:
            check()
            with self._changed:
                if self._changed.wait_for(lambda: self._is_first(claim), timeout=_POLL_S):
                    return

    def leave(self, claim: str) -> None:
        """Remove a claim, so that the next one moves up."""
        with self._changed:
            self._queue = [ticket for ticket in self._queue if ticket.claim != claim]
            self._changed.notify_all()

    def _is_first(self, claim: str) -> bool:
        """The caller holds the lock."""
        return bool(self._queue) and self._queue[0].claim == claim
