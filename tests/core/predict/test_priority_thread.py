"""Work that one thread does for several, with pieces that wait until they may end."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from core.predict.priority_thread import PriorityThread
from tests.core.tiny_runs import wait_until


def are_waiting(one: PriorityThread, number: int) -> bool:
    return len(one._urgent) + len(one._others) == number


def test_everything_is_done_in_the_same_thread() -> None:
    one = PriorityThread("test")
    idents = {one.run(threading.get_ident, urgent=urgent) for urgent in (True, False, True)}
    assert len(idents) == 1
    assert idents != {threading.get_ident()}


def test_what_is_urgent_overtakes_what_waits_but_not_what_has_begun() -> None:
    one, may_end = PriorityThread("test"), threading.Event()
    order: list[str] = []

    def begun() -> None:
        order.append("begun")
        may_end.wait(10)

    with ThreadPoolExecutor(5) as people:
        people.submit(one.run, begun, urgent=False)
        wait_until(lambda: order)
        wishes = (("first", False), ("second", False), ("urgent", True), ("urgent, too", True))
        for num_waiting, (name, urgent) in enumerate(wishes, start=1):
            people.submit(one.run, partial(order.append, name), urgent=urgent)
            wait_until(partial(are_waiting, one, num_waiting))
        may_end.set()
    assert order == ["begun", "urgent", "urgent, too", "first", "second"]


def test_an_error_goes_to_whoever_asked_and_the_thread_goes_on() -> None:
    one = PriorityThread("test")
    with pytest.raises(ZeroDivisionError):
        one.run(lambda: 1 / 0, urgent=True)
    assert one.run(lambda: "on", urgent=False) == "on"
