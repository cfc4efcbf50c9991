"""Whose turn it is to compute: one run at a time, first come, first served."""

from __future__ import annotations

import threading
from collections.abc import Callable

_POLL_S = 0.25


class RunQueue:
    """A queue of runs; the first one has its turn until it leaves. May be used from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()  # guards what follows
        self._queue: list[str] = []

    def join(self, run_id: str) -> None:
        """Stand at the end of the queue; a run that is in it already keeps its place."""
        with self._changed:
            if run_id not in self._queue:
                self._queue.append(run_id)

    def has_turn(self, run_id: str) -> bool:
        """Whether a run is the first in the queue."""
        with self._changed:
            return self._queue[:1] == [run_id]

    def wait(self, run_id: str, check: Callable[[], None]) -> None:
        """Return once the run has its turn.

        Args:
            run_id: A run that has queued up.
            check: Called a few times a second; what it raises ends the waiting.
        """
        while True:
            check()
            with self._changed:
                if self._changed.wait_for(lambda: self._queue[:1] == [run_id], timeout=_POLL_S):
                    return

    def leave(self, run_id: str) -> None:
        """Give the turn, or the place in the queue, to the next run."""
        with self._changed:
            if run_id in self._queue:
                self._queue.remove(run_id)
            self._changed.notify_all()
