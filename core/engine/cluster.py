"""The cluster that computes: worker processes of this machine, or the cluster behind a scheduler's address."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from distributed import Client, Future

from core.access.tls_files import read_tls_files, require_tls_address
from core.engine import worker_tasks
from core.engine.local_cluster import replace_dead_workers, start_cluster, stop_cluster
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.scratch import ScratchFolder
from core.settings import Settings

logger = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S = 15
_CLOSE_TIMEOUT_S = 0.25
_LOOK_INTERVAL_S = 1.0  # at the worker processes


class Cluster:
    """A cluster that is started, or connected to, when it is first needed. Methods may be called from any thread.

    Args:
        settings: Their `scheduler` is used if there is one; otherwise `worker_count` processes are started.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connecting = threading.Lock()  # guards what follows
        self._client: Client | None = None
        self._processes: Any = None
        self._scratch: ScratchFolder | None = None
        self._warm_ups: list[Future] = []
        self._looked_s = 0.0
        self._is_closed = False

    @property
    def is_started(self) -> bool:
        """Whether it has been needed before, so that nothing waits for it to start."""
        return self._client is not None

    def connect(self) -> Client:
        """The client of a cluster that is alive, started if necessary.

        Raises:
            UserError: It does not start or answer, certificates are missing, or it was closed.
        """
        with self._connecting:
            if self._is_closed:
                raise UserError("The engine is closed; start the program again.", code="engine-closed")
            if self._client is not None and _is_alive(self._client, self._processes):
                self._replace_dead_workers()
                return self._client
            self._disconnect()
            tls_files = None
            if self._settings.scheduler:
                tls_files = read_tls_files(self._settings)
                require_tls_address(self._settings.scheduler, tls_files)
            try:
                if not self._settings.scheduler:
                    self._scratch = ScratchFolder()
                    log = self._settings.folder("logs") / "workers.log"
                    self._processes = start_cluster(self._settings.worker_count, log, Path(self._scratch.name))
                self._client = Client(
                    self._processes or self._settings.scheduler,
                    timeout=_CONNECT_TIMEOUT_S,
                    set_as_default=False,
                    security=tls_files.security if tls_files else None,
                )
            except (OSError, TimeoutError, RuntimeError, ValueError) as error:
                self._disconnect()
                if self._settings.scheduler:
                    raise UserError(
                        f"The Dask scheduler {self._settings.scheduler!r} does not answer ({error}); "
                        "start it, or unset ELMO_LENS_SCHEDULER to compute on this machine.",
                        code="scheduler-silent",
                    ) from error
                raise UserError(
                    f"The worker processes did not start ({error}); try again, or run `python -m core doctor`.",
                    code="workers-not-started",
                ) from error
            return self._client

    def warm(self, config: ExperimentConfig) -> None:
        """Start the workers and let each load TensorFlow and the vectors of a config, in the background."""
        threading.Thread(target=self._warm, args=(config,), name="warm up", daemon=True).start()

    def num_workers(self, client: Client) -> int:
        """How many tasks run at once."""
        return max(1, sum(client.nthreads().values())) if self._settings.scheduler else self._settings.worker_count

    def keep_workers(self) -> None:
        """Start local worker processes in place of dead ones; to be called often, looks once a second."""
        if time.monotonic() - self._looked_s < _LOOK_INTERVAL_S:
            return
        with self._connecting:
            if self._client is not None and _is_alive(self._client, self._processes):
                self._replace_dead_workers()

    def close(self) -> None:
        """End the processes, or disconnect from the scheduler, for good."""
        self._is_closed = True
        with self._connecting:
            self._disconnect()

    def _replace_dead_workers(self) -> None:
        """The caller holds the lock."""
        self._looked_s = time.monotonic()
        if self._processes is not None:
            with suppress(OSError, TimeoutError):  # tried again at the next look
                replace_dead_workers(self._processes)

    def _disconnect(self) -> None:
        """End or leave the cluster, even a dead one."""
        client, processes = self._client, self._processes
        self._client = self._processes = None
        self._warm_ups = []
        if client is not None:
            with suppress(OSError, TimeoutError):  # the scheduler is gone
                client.close(timeout=_CLOSE_TIMEOUT_S if processes is None else None)
        if processes is not None:
            stop_cluster(processes)
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def _warm(self, config: ExperimentConfig) -> None:
        try:
            client = self.connect()
            settings = None if self._settings.scheduler else self._settings
            client.wait_for_workers(1 if self._settings.scheduler else self._settings.worker_count, timeout=_CONNECT_TIMEOUT_S)
            with self._connecting:
                is_current = client is self._client
                if is_current:
                    self._warm_ups = [
                        client.submit(worker_tasks.warm_up, config, settings, workers=[address], pure=False)
                        for address in client.nthreads()
                    ]
        except (UserError, TimeoutError, OSError):
            logger.debug("Warming up failed; the next run reports why", exc_info=True)
        except Exception:
            if not self._is_closed:  # Dask raises all kinds of errors while it is being closed
                raise


def _is_alive(client: Client, processes: Any) -> bool:
    process = getattr(getattr(processes, "scheduler", None), "process", None)  # only a cluster of subprocesses has one
    return bool(client.status == "running" and (process is None or process.returncode is None))
