"""The local processes that compute: a Dask scheduler and its workers, none of which outlives the program that started them."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from distributed.deploy.cluster import Cluster
from distributed.deploy.local import LocalCluster
from distributed.deploy.subprocess import SubprocessCluster

from core.files import ROOT

# One thread per process: several workers on one machine would otherwise fight for its cores.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
_NICENESS = 5  # the dashboard goes first
_WATCH_S = 0.5
_LARGE_LOG_BYTES = 1024**2
_STOP_S = 5
_ORPHAN_S = 30  # a worker that cannot reach a scheduler for so long gives up


def start_cluster(num_workers: int, log: Path, scratch: Path) -> Any:
    """Start a scheduler and workers with one thread each; about two seconds.

    Args:
        num_workers: Worker processes.
        log: File that takes whatever the processes print; TensorFlow cannot be kept from printing. Begun anew once it is large.
        scratch: Folder for what Dask leaves behind when its processes are ended; to be deleted after `stop_cluster`.

    Returns:
        A Dask cluster; `stop_cluster` ends it.
    """
    if sys.platform == "win32":  # processes would need a `__main__` that can be imported, which a Streamlit script is not
        return LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None)
    if log.exists() and log.stat().st_size > _LARGE_LOG_BYTES:
        log.unlink()
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "warning")  # inherited; Dask logs before it runs our preload script
    with _interrupts_held_back():
        return SubprocessCluster(
            n_workers=num_workers,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,  # of this process; what goes wrong comes back as an exception
            scheduler_kwargs={
                "preload": [_script(scratch / "attach_scheduler.py", f"attach({os.getpid()}, {str(log)!r})")],
                "local_directory": str(scratch),
                "scheduler_file": str(scratch / "scheduler.json"),
            },
            worker_kwargs={
                "preload_nanny": [
                    _script(scratch / "attach_nanny.py", f"attach({os.getpid()}, {str(log)!r}, niceness={_NICENESS})")
                ],
                "preload": [_script(scratch / "attach_worker.py", f"attach(os.getppid(), {str(log)!r})")],
                "local_directory": str(scratch),
                "memory_limit": 0,  # a nanny that kills a worker for its memory only makes it start again
                "death_timeout": _ORPHAN_S,
            },
        )


def stop_cluster(cluster: Any) -> None:
    """End all processes of a cluster, also where some are dead already."""
    try:
        cluster.close(timeout=_STOP_S)
    except (OSError, TimeoutError):  # without its scheduler Dask cannot end the workers
        for process in (*cluster.workers.values(), cluster.scheduler):
            cluster.sync(process.close, callback_timeout=_STOP_S)
        cluster.sync(Cluster._close, cluster, callback_timeout=_STOP_S)


@cache
def attach(parent_pid: int, log: str, *, niceness: int = 0) -> None:
    """Tie this process to the one that started it: end with it, leave Ctrl-C and the terminal to it, make room for it.

    Args:
        parent_pid: Process whose end is the end of this one, also after `kill -9`.
        log: File that takes what is printed.
        niceness: By how much to lower the priority, also of the processes that this one starts.
    """
    log_file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for descriptor in (1, 2):
        os.dup2(log_file, descriptor)
    os.environ.update(_ENVIRONMENT)
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # one that was held back is forgotten
    os.nice(niceness)

    def watch() -> None:
        while os.getppid() == parent_pid:
            time.sleep(_WATCH_S)
        os._exit(1)

    threading.Thread(target=watch, name="watch parent", daemon=True).start()


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """No Ctrl-C reaches this thread meanwhile, nor ever a process that it starts: they inherit what is held back.

    `attach` leaves the terminal's process group, but runs only once a new process has imported Dask.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _script(path: Path, call: str) -> str:
    """Writes a Dask preload script; it runs before the process does anything else and needs no particular working directory."""
    path.write_text(
        f"import os, sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom core.engine.local_cluster import attach\n{call}\n",
        encoding="utf-8",
    )
    return str(path)
