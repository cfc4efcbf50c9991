"""The heartbeat of a run's driver, and how a driver is told to stop."""

from __future__ import annotations

import logging
import threading
from typing import Literal

from core.errors import UserError
from core.store.claims import Claim, ResumedElsewhereError
from core.store.run_store import RunStore

StopReason = Literal["cancelled", "closed", "resumed elsewhere"]

logger = logging.getLogger(__name__)

_INTERVAL_S = 1.0


class StoppedError(Exception):
    """The run was asked to stop."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason: StopReason = reason


class Heartbeat:
    """Records in the store that a run's driver is alive, and learns of a cancel or of another driver, until `end`.

    Args:
        store: Where the run is.
        run_id: The run.
        claim: Of the driver.
    """

    def __init__(self, store: RunStore, run_id: str, claim: Claim) -> None:
        self.run_id = run_id
        self._store = store
        self._claim = claim
        self._reason: StopReason | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {run_id}", daemon=True)
        self._thread.start()

    def stop(self, reason: StopReason) -> None:
        """Make the next `check` raise."""
        self._reason = self._reason or reason

    def check(self) -> None:
        """Raise `StoppedError` if the run has to stop."""
        if self._reason is not None:
            raise StoppedError(self._reason)

    def end(self) -> None:
        """Stop the heartbeat."""
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(_INTERVAL_S):
            try:
                if self._store.heartbeat(self.run_id, self._claim):
                    self.stop("cancelled")
            except ResumedElsewhereError:  # after this computer slept, for example
                self.stop("resumed elsewhere")
            except UserError:
                logger.debug("No heartbeat of run %s", self.run_id, exc_info=True)  # saving the next trial reports it
