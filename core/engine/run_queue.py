"""The queue of runs: one computes at a time, first come, first served."""

from __future__ import annotations

import threading
from collections.abc import Callable

_POLL_S = 0.25


class RunQueue:
    """Claims of runs in the order in which they were submitted; the first one computes until it leaves. For use from any thread.

    Written by hand: `queue.Queue` can neither say which run is first nor drop one from the middle, and a Dask lock is not fair.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()  # guards what follows
        self._queue: list[str] = []

    def join(self, claim: str) -> None:
        """Add a claim at the end; one that is in the queue already keeps its place."""
        with self._changed:
            if claim not in self._queue:
                self._queue.append(claim)

    def is_first(self, claim: str) -> bool:
        """Whether a claim may compute."""
        with self._changed:
            return self._queue[:1] == [claim]

    def wait_until_first(self, claim: str, check: Callable[[], None]) -> None:
        """Return once the claim is the first.

        Args:
            claim: One in the queue.
            check: Called a few times a second; what it raises ends the waiting.
        """
        while True:
            check()
            with self._changed:
                if self._changed.wait_for(lambda: self._queue[:1] == [claim], timeout=_POLL_S):
                    return

    def leave(self, claim: str) -> None:
        """Remove a claim, so that the next one moves up."""
        with self._changed:
            if claim in self._queue:
                self._queue.remove(claim)
            self._changed.notify_all()
