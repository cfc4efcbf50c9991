"""A thread that does one thing after the other, what is urgent first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class PriorityThread:
    """Does what several threads ask for in a thread of its own. What has begun is finished first.

    Args:
        name: Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._urgent: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._others: deque[tuple[Future[Any], Callable[[], Any]]] = deque()

    def run(self, work: Callable[[], _Result], *, urgent: bool) -> _Result:
        """Its result once it was done, or what it raised.

        Args:
            work: Waits for what was asked for before, unless that is less urgent.
            urgent: Whether somebody waits for just this.
        """
        done: Future[_Result] = Future()
        (self._urgent if urgent else self._others).append((done, work))
        self._thread.submit(self._do_next)
        return done.result()

    def _do_next(self) -> None:
        done, work = (self._urgent or self._others).popleft()  # never empty: this is called once for each
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whoever asked for it gets it
            done.set_exception(error)
