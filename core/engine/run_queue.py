"""The queue of runs: one computes at a time, first come, first served."""

from __future__ import annotations

import threading
from collections.abc import Callable

_POLL_S = 0.25


class RunQueue:
    """Runs in the order in which they were submitted; the first one computes until it leaves. May be used from any thread.

    Written by hand: `queue.Queue` can neither say which run is first nor drop one from the middle, and a Dask lock is not fair.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()  # guards what follows
        self._queue: list[str] = []

    def join(self, run_id: str) -> None:
        """Add a run at the end; one that is in the queue already keeps its place."""
        with self._changed:
            if run_id not in self._queue:
                self._queue.append(run_id)

    def is_first(self, run_id: str) -> bool:
        """Whether a run may compute."""
        with self._changed:
            return self._queue[:1] == [run_id]

    def wait_until_first(self, run_id: str, check: Callable[[], None]) -> None:
        """Return once the run is the first.

        Args:
            run_id: A run in the queue.
            check: Called a few times a second; what it raises ends the waiting.
        """
        while True:
            check()
            with self._changed:
                if self._changed.wait_for(lambda: self._queue[:1] == [run_id], timeout=_POLL_S):
                    return

    def leave(self, run_id: str) -> None:
        """Remove a run, so that the next one moves up."""
        with self._changed:
            if run_id in self._queue:
                self._queue.remove(run_id)
            self._changed.notify_all()
