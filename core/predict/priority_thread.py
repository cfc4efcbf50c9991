"""A thread that works through tasks one by one, urgent ones first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class PriorityThread:
    """Runs tasks of several threads in a thread of its own. A task that has begun is never interrupted.

    Args:
        name: Name of the thread.
    """

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._urgent: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._others: deque[tuple[Future[Any], Callable[[], Any]]] = deque()

    def run(self, work: Callable[[], _Result], *, urgent: bool) -> _Result:
        """Waits for a task and returns its result, or raises its exception.

        Args:
            work: The task; earlier tasks go first, unless only this one is urgent.
            urgent: Whether it goes before tasks that are not urgent.
        """
        done: Future[_Result] = Future()
        (self._urgent if urgent else self._others).append((done, work))
        self._thread.submit(self._do_next)
        return done.result()

    def _do_next(self) -> None:
        done, work = (self._urgent or self._others).popleft()  # never empty: called once per task
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - passed on to the caller
            done.set_exception(error)
