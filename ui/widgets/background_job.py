"""Work that goes on in the background of the server, whoever looks, and the panel that follows it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import streamlit as st

from core.errors import UserError
from ui.app.errors import errors_shown, show_error
from ui.text import duration

POLL_S = 0.5


@dataclass(frozen=True)
class Step:
    """So much of the work is done."""

    num_done: int
    num_all: int


class BackgroundJob:
    """Work in a thread of its own: not begun, going on, cancelled, failed or done.

    Args:
        name: Of the thread.
        turn: Held meanwhile: works that share one wait for each other.
    """

    def __init__(self, name: str, turn: threading.Lock) -> None:
        self._name = name
        self._turn = turn
        self._thread: threading.Thread | None = None
        self._cancelled = threading.Event()
        self._first: Step | None = None  # from where the speed is measured: before it, things are chosen and loaded
        self._first_at_s = 0.0
        self._latest: Step | None = None
        self.error: Exception | None = None

    @property
    def is_running(self) -> bool:
        """Whether more will be done."""
        return self._thread is not None and self._thread.is_alive() and not self._cancelled.is_set()

    @property
    def num_done(self) -> int:
        """How many of what it counts are done."""
        return self._latest.num_done if self._latest else 0

    @property
    def fraction(self) -> float:
        """How much of it is done, 0-1."""
        return min(1.0, self._latest.num_done / self._latest.num_all) if self._latest else 0.0

    @property
    def remaining_s(self) -> float | None:
        """Seconds it will take from here at the speed so far; None before the second step."""
        first, latest = self._first, self._latest
        if not first or not latest or latest.num_done == first.num_done:
            return None
        each_s = (time.monotonic() - self._first_at_s) / (latest.num_done - first.num_done)
        return each_s * (latest.num_all - latest.num_done)

    def begin(self, steps: Callable[[], Iterator[Step]]) -> None:
        """Begin, or begin again; nothing if it goes on already.

        Args:
            steps: Does the work. It is left where it is when the work is cancelled.
        """
        if self.is_running:
            return
        self._cancelled = threading.Event()  # of its own, so that a cancelled attempt on its way out stays cancelled
        self._first, self._latest, self.error = None, None, None
        self._thread = threading.Thread(target=self._run, args=(steps, self._cancelled), name=self._name, daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Stop after the step in hand."""
        self._cancelled.set()

    def show_error(self) -> None:
        """Show why it failed, if it did and a person can mend it; anything else is raised again."""
        if isinstance(self.error, UserError):
            show_error(self.error)
        elif self.error:
            raise self.error

    def _run(self, steps: Callable[[], Iterator[Step]], cancelled: threading.Event) -> None:
        try:
            with self._turn:
                for step in steps():
                    if cancelled.is_set():
                        return
                    if not self._first:
                        self._first, self._first_at_s = step, time.monotonic()
                    self._latest = step
        except Exception as error:  # noqa: BLE001 - the page that follows it says what happened
            if not cancelled.is_set():
                self.error = error


def follow(work: BackgroundJob, describe: Callable[[], str], *, waiting: str, key: str) -> None:
    """Show how far it is, anew until it ends; then the page shows what came of it.

    Args:
        work: That goes on.
        describe: What it does now, before the time that is left.
        waiting: What happens before there is such a time.
        key: Prefix of the keys.
    """

    @st.fragment(run_every=POLL_S)
    @errors_shown()
    def panel() -> None:
        if not work.is_running:
            st.rerun()
        with st.container(border=True, key=f"{key}_progress"):
            left = work.remaining_s
            told = f"time left: about {duration(left)}" if left else waiting
            st.progress(work.fraction, text=f"{describe()} · {told}")
            st.button("Cancel", key=f"{key}_cancel", icon=":material/stop:", on_click=work.cancel)

    panel()
