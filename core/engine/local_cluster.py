"""The local processes that compute: a Dask scheduler and its workers, which never outlive the program that started them."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import dask
from distributed.deploy.cluster import Cluster
from distributed.deploy.local import LocalCluster
from distributed.deploy.subprocess import SubprocessCluster

from core.files import ROOT

logger = logging.getLogger(__name__)

WORKER_ENVIRONMENT = {
    # One thread per process: otherwise the workers would compete for the cores of the machine.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    # Dask lets glibc return everything above 64 kB at once. Each tensor would then be new memory that the system has to clear,
    # which takes as long as training on it.
    "MALLOC_MMAP_THRESHOLD_": str(64 * 1024**2),
    "MALLOC_TRIM_THRESHOLD_": str(256 * 1024**2),
}
_NICENESS = 5  # the dashboard has priority
_PARENT_POLL_S = 0.5
_MAX_LOG_BYTES = 1024**2
_STOP_TIMEOUT_S = 5
_DEATH_TIMEOUT_S = 180  # what has reached no scheduler for so long ends; starting a worker on a busy machine takes a minute
_LOST_AFTER_S = 60  # Dask ends a nanny without a worker, by default after 15 seconds, which starting one takes on a busy machine


def start_cluster(num_workers: int, log: Path, scratch: Path) -> Any:
    """Start a scheduler and workers with one thread each, which takes about two seconds.

    Args:
        num_workers: Worker processes.
        log: File for all that the processes print, because TensorFlow always prints. Replaced once it is large.
        scratch: Folder for the files that Dask leaves behind; to be deleted after `stop_cluster`.

    Returns:
        A Dask cluster; `stop_cluster` ends it.
    """
    if sys.platform == "win32":  # processes would need a `__main__` that can be imported, which a Streamlit script is not
        return LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None)
    if log.exists() and log.stat().st_size > _MAX_LOG_BYTES:
        log.unlink()
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "warning")  # inherited; Dask logs before our preload script runs
    dask.config.set({"distributed.deploy.lost-worker-timeout": _LOST_AFTER_S})
    with _interrupts_blocked():
        return SubprocessCluster(
            n_workers=num_workers,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,  # of this process; errors come back as exceptions
            scheduler_kwargs={
                "preload": [_script(scratch / "scheduler_preload.py", f"tie_to_parent({os.getpid()}, {str(log)!r})")],
                "local_directory": str(scratch),
                "scheduler_file": str(scratch / "scheduler.json"),
            },
            worker_kwargs={
                "preload_nanny": [
                    _script(scratch / "nanny_preload.py", f"tie_to_parent({os.getpid()}, {str(log)!r}, niceness={_NICENESS})")
                ],
                "preload": [_script(scratch / "worker_preload.py", f"tie_to_parent(os.getppid(), {str(log)!r})")],
                "local_directory": str(scratch),
                "memory_limit": 0,  # a worker that is killed for its memory would only start again
                "death_timeout": _DEATH_TIMEOUT_S,
            },
        )


def stop_cluster(cluster: Any) -> None:
    """End all processes of a cluster, even if some are dead already."""
    try:
        cluster.close(timeout=_STOP_TIMEOUT_S)
    except (OSError, TimeoutError):  # without its scheduler Dask cannot end the workers
        for process in (*cluster.workers.values(), cluster.scheduler):
            cluster.sync(process.close, callback_timeout=_STOP_TIMEOUT_S)
        cluster.sync(Cluster._close, cluster, callback_timeout=_STOP_TIMEOUT_S)


def replace_dead_workers(cluster: Any) -> None:
    """Start other processes in place of those that were killed: a nanny starts its worker again, but nothing starts a nanny.

    Dask moves the tasks of a lost worker to others, new ones included, so that a run merely goes on.
    """
    if sys.platform == "win32":  # there are no processes
        return
    dead = [name for name, nanny in list(cluster.workers.items()) if nanny.process and nanny.process.returncode is not None]
    if dead:
        logger.warning("%d worker processes were killed and are started again", len(dead))
        cluster.sync(_forget, cluster, dead, callback_timeout=_STOP_TIMEOUT_S)
    if len(cluster.workers) < len(cluster.worker_spec):  # these, and those that Dask has given up itself
        cluster.scale(len(cluster.worker_spec))


async def _forget(cluster: Any, names: Sequence[Any]) -> None:
    for name in names:
        if nanny := cluster.workers.pop(name, None):
            await nanny.close()


@cache
def tie_to_parent(parent_pid: int, log: str, *, niceness: int = 0) -> None:
    """Tie this process to the one that started it: end with it, leave Ctrl-C and the terminal to it, give it priority.

    Args:
        parent_pid: Process with which this one ends, even after `kill -9`.
        log: File for all that is printed.
        niceness: By how much to lower the priority of this process and of those that it starts.
    """
    log_file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for descriptor in (1, 2):
        os.dup2(log_file, descriptor)
    os.environ.update(WORKER_ENVIRONMENT)
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # drops one that was blocked
    os.nice(niceness)

    def watch() -> None:
        while os.getppid() == parent_pid:
            time.sleep(_PARENT_POLL_S)
        os._exit(1)

    threading.Thread(target=watch, name="watch parent", daemon=True).start()


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block Ctrl-C in this thread, and for good in the processes that it starts, which inherit the block.

    `tie_to_parent` leaves the terminal's process group, but runs only once a new process has imported Dask.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _script(path: Path, call: str) -> str:
    """Write a Dask preload script, which runs before the process does anything else and in any working directory."""
    path.write_text(
        f"import os, sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom core.engine.local_cluster import tie_to_parent\n{call}\n",
        encoding="utf-8",
    )
    return str(path)
