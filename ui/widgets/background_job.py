"""Work in the background of the server, and the panel that shows how far it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Generic, ParamSpec, TypeVar

import streamlit as st

from core.errors import UserError
from ui.app.errors import errors_shown, show_error
from ui.text import time_left

POLL_S = 0.5

Input = ParamSpec("Input")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Step:
    """How much of the work is done."""

    num_done: int
    num_all: int


class BackgroundJob(Generic[Input, Result]):
    """Work in a thread of its own: waiting to be started, running, cancelled, failed or finished.

    Args:
        name: Of the thread.
        turn: Held while it works: jobs that share one wait for each other.
        work: Yields steps and returns the result. It is left where it is when the job is cancelled.
        result: What an earlier job has left.

    Attributes:
        result: What the work returned; None until it is finished.
        error: What it raised.
    """

    def __init__(
        self,
        name: str,
        turn: threading.Lock,
        work: Callable[Input, Generator[Step, None, Result]],
        *,
        result: Result | None = None,
    ) -> None:
        self._name = name
        self._turn = turn
        self._work = work
        self._thread: threading.Thread | None = None
        self._cancelled = threading.Event()
        self._first: Step | None = None  # the speed is measured from here on: before it, things are chosen and loaded
        self._first_at_s = 0.0
        self._latest: Step | None = None
        self.result = result
        self.error: Exception | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is working or waiting for its turn."""
        return self._thread is not None and self._thread.is_alive() and not self._cancelled.is_set()

    @property
    def num_done(self) -> int:
        """How many of its units are done."""
        return self._latest.num_done if self._latest else 0

    @property
    def fraction(self) -> float:
        """How much of it is done, 0-1."""
        return min(1.0, self._latest.num_done / self._latest.num_all) if self._latest else 0.0

    @property
    def remaining_s(self) -> float | None:
        """Seconds left at the speed so far; None before the second step."""
        first, latest = self._first, self._latest
        if not first or not latest or latest.num_done == first.num_done:
            return None
        each_s = (time.monotonic() - self._first_at_s) / (latest.num_done - first.num_done)
        return each_s * (latest.num_all - latest.num_done)

    def start(self, *args: Input.args, **kwargs: Input.kwargs) -> None:
        """Start, or start again; nothing if it is running.

        Args:
            *args: For the work.
            **kwargs: For the work.
        """
        if self.is_running:
            return
        self._cancelled = threading.Event()  # a new one, so that a cancelled attempt on its way out stays cancelled
        self._first, self._latest, self.error = None, None, None
        steps = self._steps(self._work(*args, **kwargs))
        self._thread = threading.Thread(target=self._run, args=(steps, self._cancelled), name=self._name, daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Stop after the current step."""
        self._cancelled.set()

    def show_error(self) -> None:
        """Show why it failed, if a person can mend it; raise anything else again."""
        if isinstance(self.error, UserError):
            show_error(self.error)
        elif self.error:
            raise self.error

    def _steps(self, work: Generator[Step, None, Result]) -> Generator[Step, None, None]:
        self.result = yield from work

    def _run(self, steps: Generator[Step, None, None], cancelled: threading.Event) -> None:
        try:
            with self._turn:
                for step in steps:
                    if cancelled.is_set():
                        return
                    if not self._first:
                        self._first, self._first_at_s = step, time.monotonic()
                    self._latest = step
        except Exception as error:  # noqa: BLE001 - the page that follows it says what happened
            if not cancelled.is_set():
                self.error = error


def follow(job: BackgroundJob[..., Result], describe: Callable[[], str], *, waiting: str, key: str) -> None:
    """Show the progress of a running job; when it ends, the page reruns.

    Args:
        job: The job.
        describe: What it is doing; stands before the time left.
        waiting: What is happening while the time left is unknown.
        key: Prefix of the keys.
    """

    @st.fragment(run_every=POLL_S)
    @errors_shown()
    def panel() -> None:
        if not job.is_running:
            st.rerun()
        with st.container(border=True, key=f"{key}_progress"):
            st.progress(job.fraction, text=f"{describe()} · {time_left(job.remaining_s, waiting)}")
            st.button("Cancel", key=f"{key}_cancel", icon=":material/stop:", on_click=job.cancel)

    panel()
