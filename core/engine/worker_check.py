"""Before the workers of a cluster begin: do they have the code, the packages, the vectors and the ELMo of the driver?"""

from __future__ import annotations

import time

from distributed import Client

from core.embedders.loading import provenance_here
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.provenance import Provenance, listed

_LOOK_INTERVAL_S = 1.0  # for workers that came later


class WorkerCheck:
    """Compares each worker of a cluster once, when it is first seen, with the program that drives the run.

    Workers look at their files only and load nothing, so this takes moments; what they have loaded, they report with every
    chunk of reviews.

    Args:
        client: Of the cluster.
        config: Of the run.
        here: What its names stand for in this program, as far as it is known.
    """

    def __init__(self, client: Client, config: ExperimentConfig, here: Provenance) -> None:
        self._client, self._config, self._here = client, config, here
        self._seen: set[str] = set()
        self._looked_s = 0.0

    def poll(self) -> None:
        """The same as `look`, at most once a second."""
        if time.monotonic() - self._looked_s >= _LOOK_INTERVAL_S:
            self.look()

    def look(self) -> None:
        """Ask all workers that were not seen before.

        Raises:
            UserError: One of them would compute other numbers, or cannot compute this run.
        """
        if self._client.status != "running":  # the run is told so elsewhere
            return
        self._looked_s = time.monotonic()
        if not (new := sorted(self._client.nthreads().keys() - self._seen)):
            return
        for address, answer in self._client.run(provenance_here, self._config, workers=new, on_error="return").items():
            if isinstance(answer, OSError):  # it is gone, or asked again at the next look
                continue
            if isinstance(answer, Exception):
                raise _unfit(address, answer)
            require_worker_same(self._here, answer, address)
            self._seen.add(address)


def require_worker_same(wanted: Provenance, there: Provenance, address: str, *, than: str = "this program") -> None:
    """Raise `UserError` if a worker would compute other numbers.

    Args:
        wanted: What it must have, as far as it is known.
        there: What it has.
        address: Of the worker.
        than: Who has what it must have.
    """
    if changes := wanted.changes(there, sides=("here", "there")):
        raise UserError(
            f"The worker {address} would compute other numbers than {than}, as it differs in {listed(changes)}; install the same "
            "there and start it again, then resume the run.",
            code="worker-differs",
        )


def _unfit(address: str, error: Exception) -> UserError:
    if isinstance(error, UserError):
        return UserError(f"The worker {address} cannot compute this run: {error}", code="worker-unfit")
    return UserError(
        f"The worker {address} does not have this version of ELMo Lens ({type(error).__name__}); install it there and start the "
        "worker with `elmo-lens worker`, then resume the run.",
        code="worker-differs",
    )
