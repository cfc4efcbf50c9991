"""Where faults are tried: a folder with all that a run needs, a run that nothing disturbed, programs and what they leave."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil

from core.data.columns import ColumnMapping
from core.data.datasets import add_dataset
from core.data.review_file import read_table
from core.files import ROOT
from core.settings import Settings
from core.store.run_store import RunStore
from tests.core.tiny_runs import export_tiny_elmo, reviews_csv

LONGEST_S = 300.0  # that a program may take, on a machine that does other things too
_MARK = "ELMO_LENS_FAULT"  # environment variable that all processes of a round inherit
_ENDING_S = 10.0  # for processes to end with the program that started them

Results = dict[tuple[int, str], npt.NDArray[np.floating]]


@dataclass
class Program:
    """A program that was started, and what it says on stderr.

    Attributes:
        process: Its first process.
        stderr: File with all that it has said.
    """

    process: subprocess.Popen[bytes]
    stderr: Path

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        return self.process.wait(LONGEST_S)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    @property
    def last_line(self) -> str:
        """The last line that it has said, without what a progress bar has drawn."""
        lines = self.stderr.read_text(encoding="utf-8", errors="replace").replace("\r", "\n").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def children(self, name: str = "") -> list[psutil.Process]:
        """All processes below it, or those whose command line has a text in it."""
        found = []
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    if name in " ".join(child.cmdline()):
                        found.append(child)
        return found


@dataclass
class Lab:
    """One data folder and one folder for temporary files, in which programs run.

    Attributes:
        folder: Of this lab.
        arguments: What `elmo-lens run` is called with.
        programs: All that were started.
    """

    folder: Path
    arguments: Sequence[str]
    programs: list[Program] = field(default_factory=list)
    _mark: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @property
    def temporary(self) -> Path:
        """The folder for temporary files."""
        return self.folder / "tmp"

    @property
    def store_file(self) -> Path:
        """The database of the runs."""
        return self.data / "runs.sqlite"

    def start(self, *arguments: str, program: Sequence[str] = ("-m", "core")) -> Program:
        """Start a program of ours; by default the command line."""
        stderr = self.folder / f"stderr-{len(self.programs)}.txt"
        environment = {
            **os.environ,
            _MARK: self._mark,
            "TMPDIR": str(self.temporary),
            "ELMO_LENS_DATA_DIR": str(self.data),
            "ELMO_LENS_NUM_WORKERS": "2",
            "ELMO_LENS_EXAMPLE": "0",
        }
        with stderr.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, *program, *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=out
            )
        self.programs.append(Program(process, stderr))
        return self.programs[-1]

    def start_run(self) -> Program:
        """Start the run."""
        return self.start("run", *self.arguments)

    @contextmanager
    def store(self) -> Iterator[RunStore]:
        """The store of this lab, as another program sees it."""
        store = RunStore(Settings(data_dir=self.data).store_url)
        try:
            yield store
        finally:
            store.close()

    def run_id(self) -> str | None:
        """Id of the only run, if the program has come so far as to store it."""
        if not self.store_file.exists():
            return None
        with self.store() as store:
            runs = store.list_runs()
        return runs[0].id if runs else None

    def results(self) -> Results:
        """Probabilities of all finished pairs and bags of words."""
        if (run_id := self.run_id()) is None:
            return {}
        with self.store() as store:
            run = store.get_run(run_id)
            probabilities: Results = dict(store.trials.probabilities(run))
            probabilities |= {(trial, "words"): probs for trial, probs in store.trials.reference_probabilities(run).items()}
        return probabilities

    def finish(self) -> None:
        """Resume the run until it is finished, or start it if nothing was stored; each time until another driver counts as dead.

        Raises:
            AssertionError: It does not finish.
        """
        gives_up_s = time.monotonic() + LONGEST_S
        while True:
            run_id = self.run_id()
            program = self.start("run", "--resume", run_id) if run_id else self.start_run()
            if program.wait() == 0:
                return
            assert "waiting or running already" in program.last_line, program.last_line
            assert time.monotonic() < gives_up_s, "the run never becomes free"
            time.sleep(1)

    def processes(self) -> list[psutil.Process]:
        """All that were started in this lab and still live."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get(_MARK) == self._mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def orphans(self) -> list[psutil.Process]:
        """The processes that do not end although all programs have ended."""
        gives_up_s = time.monotonic() + _ENDING_S
        while (left := self.processes()) and time.monotonic() < gives_up_s:
            time.sleep(0.2)
        return left

    def leftovers(self) -> list[Path]:
        """Files that no finished program should leave: anything temporary, anything half written."""
        half_written = [path for path in self.data.rglob("*") if path.name.endswith((".new", ".tmp", ".part"))]
        return [*self.temporary.iterdir(), *half_written]

    def close(self) -> None:
        """End all that lives, delete everything."""
        for process in self.processes():
            with suppress(psutil.Error):
                process.kill()
        for program in self.programs:
            program.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Undisturbed:
    """A run that nothing disturbed.

    Attributes:
        duration_s: From the start of its program to the end.
        results: What it ended with.
    """

    duration_s: float
    results: Results


class LabFactory:
    """Makes labs, each as new as the first, and knows what an undisturbed run gives.

    Args:
        folder: Where they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._origin = folder / "origin"
        settings = Settings(data_dir=self._origin / "data")
        mapping = ColumnMapping("text", "label", ("negative",), ("positive",))
        add_dataset("tiny", read_table(reviews_csv()), mapping, settings)
        elmo = export_tiny_elmo(folder / "elmo")
        options = {"dataset": "tiny", "elmo": str(elmo), "train-size": 100, "trials": 3, "test-size": 60, "epochs": 40}
        self._arguments = [part for name, value in {**options, "patience": 40}.items() for part in (f"--{name}", str(value))]
        self._num_labs = 0
        self.undisturbed = self._run_once()

    def new(self) -> Lab:
        """A lab in which nothing has happened."""
        self._num_labs += 1
        lab = Lab(self._folder / f"lab-{self._num_labs}", self._arguments)
        shutil.copytree(self._origin, lab.folder)
        lab.temporary.mkdir()
        return lab

    def _run_once(self) -> Undisturbed:
        lab, began_s = self.new(), time.monotonic()
        assert (program := lab.start_run()).wait() == 0, program.last_line
        undisturbed = Undisturbed(time.monotonic() - began_s, lab.results())
        lab.close()
        return undisturbed
