"""Fuzzing: many inputs that nobody thought of, none of which may end in a traceback, hang, or be misread in silence."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

from core.errors import UserError

T = TypeVar("T")
Fuzz = Callable[[int, SearchStrategy[T], Callable[[T], None]], None]

NUM_INPUTS = 5000  # of all files in this folder together
LONGEST_S = 5.0  # of computing time
LONGEST_SENTENCE = 1500  # characters
VARIABLE = "ELMO_LENS_FUZZ"  # another number of inputs; they are then chosen anew every time

_wanted = int(os.environ.get(VARIABLE, NUM_INPUTS))


@pytest.fixture
def fuzz(record_property: Callable[[str, object], None]) -> Fuzz[Any]:
    """Calls a check with many inputs: it may return or raise `UserError`, and nothing else.

    Takes how many of the 5,000 inputs the check gets, what they are drawn from, and the check.
    """

    def run(share: int, inputs: SearchStrategy[T], check: Callable[[T], None]) -> None:
        durations_s, num_refused = [], 0

        def call(value: T) -> None:
            nonlocal num_refused
            began_s = time.process_time()
            try:
                with _no_hang():
                    check(value)
            except UserError as error:
                _require_sentence(str(error))
                num_refused += 1
            durations_s.append(time.process_time() - began_s)

        chosen = settings(
            max_examples=max(1, share * _wanted // NUM_INPUTS),
            derandomize=VARIABLE not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        chosen(given(inputs)(call))()
        record_property("fuzzed", (len(durations_s), num_refused, max(durations_s)))

    return run


def _require_sentence(told: str) -> None:
    assert 0 < len(told) <= LONGEST_SENTENCE, told


@contextmanager
def _no_hang() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"an input takes more than {LONGEST_S:.0f} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
