"""The faults: what each does to a program that is at work, and whether the program may end by it."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.faults.lab import Lab, Program

_LOCKED_S = (2.0, 20.0)  # shorter and longer than SQLite itself waits
_STOPPED_S = (1.0, 12.0)
_STALE_S = 17.0  # a driver without a heartbeat for so long counts as dead
_DISK = "250m"  # the packaged vectors take 80


def _nothing(_lab: Lab) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        name: As the table calls it.
        strike: Does it, once the program has worked for a while.
        may_end: Whether the program may end by it, with a sentence.
        kills: Whether the program itself is killed, and so says nothing.
        in_background: Whether not the command line is at work but a program that trains in the background, as the dashboard does.
        around: What has to be there before the program starts.
    """

    name: str
    strike: Callable[[Lab, Program, random.Random], None]
    may_end: bool = False
    kills: bool = False
    in_background: bool = False
    around: Callable[[Lab], AbstractContextManager[None]] = _nothing


def _kill_worker(_lab: Lab, program: Program, rng: random.Random) -> None:
    if workers := program.children("multiprocessing.spawn"):
        _kill(rng.choice(workers))


def _kill_worker_and_nanny(_lab: Lab, program: Program, rng: random.Random) -> None:
    if nannies := program.children("distributed.Nanny"):
        nanny = rng.choice(nannies)
        with suppress(psutil.NoSuchProcess):
            below = nanny.children(recursive=True)
            _kill(nanny, *below)


def _kill_scheduler(_lab: Lab, program: Program, _rng: random.Random) -> None:
    _kill(*program.children("distributed.Scheduler"))


def _kill_program(_lab: Lab, program: Program, _rng: random.Random) -> None:
    program.process.kill()


def _stop_worker(_lab: Lab, program: Program, rng: random.Random) -> None:
    if workers := program.children("multiprocessing.spawn"):
        _stop(rng.choice(workers), rng.uniform(*_STOPPED_S))


def _stop_program(lab: Lab, program: Program, _rng: random.Random) -> None:
    """Stop it until it counts as dead, let another program finish its run, then let it go on."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(program.process.pid)
        process.suspend()
        time.sleep(_STALE_S)
        lab.finish()
        process.resume()


def _lock_store(lab: Lab, _program: Program, rng: random.Random) -> None:
    if lab.store_file.exists():
        with closing(sqlite3.connect(lab.store_file, isolation_level=None, timeout=10)) as other:
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(rng.uniform(*_LOCKED_S))


def _take_store_away(lab: Lab, _program: Program, rng: random.Random) -> None:
    """Its folder is gone for a while, as that of another computer is when the network is."""
    away = lab.data.with_name("away")
    lab.data.rename(away)
    lab.data.touch()  # so that nobody makes a new one meanwhile
    time.sleep(rng.uniform(*_STOPPED_S))
    lab.data.unlink()
    away.rename(lab.data)


def _damage_cache(lab: Lab, program: Program, rng: random.Random) -> None:
    program.process.kill()
    program.wait()
    lab.orphans()
    for path in lab.data.glob("cache/**/data.mdb"):
        _damage(path, rng, skipped=8192)


def _damage_store(lab: Lab, program: Program, rng: random.Random) -> None:
    """The store cannot be read any more; whoever has a copy of it, as here, goes on with that."""
    program.process.kill()
    program.wait()
    lab.orphans()
    if not lab.store_file.exists():
        return
    whole = {path: path.read_bytes() for path in lab.data.glob("runs.sqlite*")}
    for path in whole:
        path.unlink()
    lab.store_file.write_bytes(rng.randbytes(len(whole[lab.store_file])))
    refused = lab.start("runs")
    assert refused.wait() == 2
    assert str(lab.store_file) in refused.last_line, refused.last_line
    for path, content in whole.items():
        path.write_bytes(content)


def _damage_heads(lab: Lab, program: Program, rng: random.Random) -> None:
    """A finished head is not what it was: whoever predicts with it is told so, and the numbers of the run stay."""
    assert program.wait() == 0
    with closing(sqlite3.connect(lab.store_file)) as connection, connection:
        connection.execute("UPDATE heads SET arrays = ?", (rng.randbytes(1000),))
    refused = lab.start("predict", "--run", str(lab.run_id()), "A lovely film.")
    assert refused.wait() == 2
    assert str(lab.run_id()) in refused.last_line, refused.last_line


def _set_clock_back(lab: Lab, program: Program, rng: random.Random) -> None:
    """What is left by a program that was killed before the clock was set back: a heartbeat in the future."""
    program.process.kill()
    program.wait()
    if lab.run_id():
        with closing(sqlite3.connect(lab.store_file)) as connection, connection:
            connection.execute("UPDATE runs SET heartbeat_s = heartbeat_s + ?", (rng.uniform(60, 86_400),))


def _fill_disk(lab: Lab, _program: Program, _rng: random.Random) -> None:
    filler = lab.data / "filler"
    with suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(65_536))
            file.flush()
    time.sleep(3)
    filler.unlink()


@contextmanager
def _small_disk(lab: Lab) -> Iterator[None]:
    """The data folder on a disk of its own."""
    whole = lab.data.with_name("whole")
    lab.data.rename(whole)
    lab.data.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "none", lab.data], check=True)
    subprocess.run(["cp", "-a", f"{whole}/.", lab.data], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", lab.data], check=True)


def _may_mount() -> bool:
    """Whether this user may mount a small disk, which filling one up needs."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    return subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0


def _damage(path: Path, rng: random.Random, *, skipped: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[skipped:] = rng.randbytes(max(0, len(content) - skipped))
    path.write_bytes(content)


def _kill(*processes: psutil.Process) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _stop(process: psutil.Process, seconds: float) -> None:
    with suppress(psutil.NoSuchProcess):
        process.suspend()
        time.sleep(seconds)
        process.resume()


KILLS = (
    Fault("a worker is killed", _kill_worker),
    Fault("a worker is killed together with its nanny", _kill_worker_and_nanny),
    Fault("the scheduler is killed", _kill_scheduler, may_end=True),
    Fault("the command line is killed", _kill_program, kills=True),
    Fault("a program that trains in the background is killed", _kill_program, kills=True, in_background=True),
)
FAULTS = (
    *KILLS,
    Fault("a worker is stopped for 1 to 12 s", _stop_worker),
    Fault("the program is stopped for 17 s, and another one resumes its run", _stop_program, may_end=True),
    Fault("the store is locked for 2 to 20 s", _lock_store, may_end=True),
    Fault("the folder of the store is away for 1 to 12 s", _take_store_away, may_end=True),
    Fault("the disk is full for 3 s", _fill_disk, may_end=True, around=_small_disk),
    Fault("the program is killed, and its cache is damaged", _damage_cache, kills=True),
    Fault("the program is killed, and its store is damaged; then a copy is put back", _damage_store, kills=True),
    Fault("the heads of a finished run are damaged", _damage_heads),
    Fault("the program is killed, and the clock is set back", _set_clock_back, kills=True),
)


def possible_faults() -> tuple[list[Fault], list[str]]:
    """Those that can be tried on this machine, and a sentence for each of the others."""
    if _may_mount():
        return list(FAULTS), []
    reason = "not tried, as only root may mount a small disk on Linux"
    return [fault for fault in FAULTS if fault.around is _nothing], [
        f"{fault.name}: {reason}" for fault in FAULTS if fault.around is not _nothing
    ]
