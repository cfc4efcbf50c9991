from __future__ import annotations

import threading

import pytest

from core.turns import Turns
from tests.core.tiny_runs import wait_until


def test_turns_are_given_in_the_order_of_the_queue() -> None:
    turns, order = Turns(), list[str]()
    for run_id in "abcdef":
        turns.queue_up(run_id)

    def take(run_id: str) -> None:
        turns.wait(run_id, lambda: None)
        order.append(run_id)
        turns.leave(run_id)

    threads = [threading.Thread(target=take, args=(run_id,)) for run_id in "fedcba"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    assert order == list("abcdef")


def test_queueing_up_again_keeps_the_place() -> None:
    turns = Turns()
    for run_id in ("a", "b", "a"):
        turns.queue_up(run_id)
    assert turns.has_turn("a")

    turns.leave("a")
    assert turns.has_turn("b")


def test_whoever_leaves_the_queue_early_is_skipped() -> None:
    turns = Turns()
    for run_id in "abc":
        turns.queue_up(run_id)
    turns.leave("b")
    turns.leave("a")

    assert turns.has_turn("c")


def test_waiting_ends_when_the_check_says_so() -> None:
    turns = Turns()
    for run_id in "ab":
        turns.queue_up(run_id)
    wants_end, ended = threading.Event(), threading.Event()

    def check() -> None:
        if wants_end.is_set():
            raise InterruptedError

    def wait() -> None:
        with pytest.raises(InterruptedError):
            turns.wait("b", check)
        ended.set()

    threading.Thread(target=wait).start()
    wants_end.set()
    assert wait_until(ended.is_set, timeout_s=10) < 2
