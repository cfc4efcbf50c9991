"""A scheduler and workers as an operator starts them, from this working copy or from another one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from distributed import Client

from core.files import ROOT
from tests.core.tiny_runs import wait_until


@contextmanager
def running(arguments: Sequence[str], folder: Path, log: Path, variables: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A Python program, which is told to end and has done so afterwards."""
    environment = {**os.environ, **variables}
    with log.open("ab") as output:
        program = subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, stdout=output, stderr=output, env=environment, start_new_session=True
        )
        try:
            yield program
        finally:
            program.terminate()
            try:
                program.wait(timeout=20)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()


@contextmanager
def scheduler(folder: Path, *options: str) -> Iterator[str]:
    """`elmo-lens scheduler` on any port; its address."""
    file = folder / "scheduler.json"
    arguments = ["-m", "core", "scheduler", "--port", "0", "--scheduler-file", str(file), *options]
    with running(arguments, ROOT, folder / "scheduler.log", {"ELMO_LENS_DATA_DIR": str(folder)}) as program:
        wait_until(lambda: (file.exists() and file.stat().st_size) or program.poll() is not None)
        assert program.poll() is None, (folder / "scheduler.log").read_text()
        yield json.loads(file.read_text())["address"]


@contextmanager
def worker(address: str, folder: Path, client: Client, *options: str, root: Path = ROOT) -> Iterator[str]:
    """`elmo-lens worker` with one process of some installation; the address of that process."""
    command = ["-m", "core", "worker", address, "--workers", "1", *options]
    with joined(command, root, folder, client) as its_address:
        yield its_address


@contextmanager
def joined(arguments: Sequence[str], cwd: Path, folder: Path, client: Client) -> Iterator[str]:
    """A Python program that becomes one more worker of a cluster; its address."""
    before = client.nthreads().keys()
    variables = {"ELMO_LENS_DATA_DIR": str(folder), "PYTHONPATH": ""}
    with running(arguments, cwd, folder / "worker.log", variables) as program:
        wait_until(lambda: client.nthreads().keys() - before or program.poll() is not None)
        assert program.poll() is None, (folder / "worker.log").read_text()
        [address] = client.nthreads().keys() - before
        yield address
    wait_until(lambda: address not in client.nthreads())
