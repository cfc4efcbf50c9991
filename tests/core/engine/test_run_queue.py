from __future__ import annotations

import threading

import pytest

from core.engine.engine import Engine
from core.engine.run_queue import RunQueue
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.store.run_store import RunStore
from tests.core.engine.runs import SLOW_HEAD, progress_of, wait_for_end, wait_for_training
from tests.core.tiny_runs import wait_until


def test_runs_come_first_in_the_order_in_which_they_joined() -> None:
    queue, order = RunQueue(), list[str]()
    for run_id in "abcdef":
        queue.join(run_id)

    def compute(run_id: str) -> None:
        queue.wait_until_first(run_id, lambda: None)
        order.append(run_id)
        queue.leave(run_id)

    threads = [threading.Thread(target=compute, args=(run_id,)) for run_id in "fedcba"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    assert order == list("abcdef")


def test_joining_again_keeps_the_place() -> None:
    queue = RunQueue()
    for run_id in ("a", "b", "a"):
        queue.join(run_id)
    assert queue.is_first("a")

    queue.leave("a")
    assert queue.is_first("b")


def test_a_run_that_leaves_early_is_skipped() -> None:
    queue = RunQueue()
    for run_id in "abc":
        queue.join(run_id)
    queue.leave("b")
    queue.leave("a")

    assert queue.is_first("c")


def order_of(*joining: str) -> str:
    """In which order runs compute that join in this one, each named by its person and a number; the first computes meanwhile."""
    queue = RunQueue()
    for claim in joining:
        queue.join(claim, person=claim[0])
    order = []
    while first := next((claim for claim in joining if queue.is_first(claim)), None):
        order.append(first)
        queue.leave(first)
    return " ".join(order)


@pytest.mark.parametrize(
    ("joining", "order"),
    [
        ("a1 a2 a3 b1", "a1 b1 a2 a3"),  # a second run waits for the first ones of others
        ("a1 a2 b1 b2 c1", "a1 b1 c1 a2 b2"),
        ("a1 b1 c1", "a1 b1 c1"),
        ("a1 a2 a3", "a1 a2 a3"),  # one person's runs keep their order
    ],
)
def test_people_take_turns(joining: str, order: str) -> None:
    assert order_of(*joining.split()) == order


def test_who_comes_late_goes_before_later_turns_but_not_before_the_present_one() -> None:
    queue = RunQueue()
    for claim in ("a1", "a2", "a3", "b1"):
        queue.join(claim, person=claim[0])
    for claim in ("a1", "b1"):  # now the second turn begins
        queue.leave(claim)
    queue.join("c1", person="c")
    queue.join("b2", person="b")

    assert queue.ahead("a3") == ["a2", "c1", "b2"]
    assert queue.ahead("a2") == []
    queue.leave("b2")
    assert queue.ahead("b2") == []


def test_waiting_ends_when_the_check_says_so() -> None:
    queue = RunQueue()
    for run_id in "ab":
        queue.join(run_id)
    is_told_to_end, ended = threading.Event(), threading.Event()

    def check() -> None:
        if is_told_to_end.is_set():
            raise InterruptedError

    def wait() -> None:
        with pytest.raises(InterruptedError):
            queue.wait_until_first("b", check)
        ended.set()

    threading.Thread(target=wait).start()
    is_told_to_end.set()
    assert ended.wait(timeout=10)


def test_pressing_the_button_twice_starts_one_run(engine: Engine, store: RunStore, config: ExperimentConfig) -> None:
    slow = config.model_copy(update={"head": SLOW_HEAD, "seed": 1})
    before = len(store.list_runs())

    ids = {engine.submit(slow) for _ in range(3)}

    assert len(ids) == 1
    assert len(store.list_runs()) == before + 1
    [run_id] = ids
    engine.cancel(run_id)
    assert wait_for_end(engine, run_id).outcome == "cancelled"


def test_a_second_run_waits_for_the_first_and_can_be_cancelled_meanwhile(
    engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    first = engine.submit(config.model_copy(update={"head": SLOW_HEAD, "seed": 5}))
    wait_for_training(engine, first)
    second = engine.submit(config.model_copy(update={"seed": 6}), person="a")
    wait_until(lambda: progress_of(engine, second).phase == "waiting")
    place = engine.queue_place(second)
    assert place is not None
    assert place.num_ahead == 1
    assert place.wait_s is not None
    assert place.wait_s > 1
    assert engine.queue_place(first) is None

    engine.cancel(second, person="b")
    assert wait_for_end(engine, second).outcome == "cancelled"
    assert "had not started" in store.get_run(second).message
    assert engine.queue_place(second) is None
    assert progress_of(engine, first).outcome == "running"
    third = engine.submit(config.model_copy(update={"seed": 7}))
    engine.cancel(first)
    assert wait_for_end(engine, third).outcome == "finished"


def test_waiting_runs_are_driven_in_the_order_in_which_they_were_submitted(engine: Engine, config: ExperimentConfig) -> None:
    first = engine.submit(config.model_copy(update={"head": SLOW_HEAD, "seed": 10}))
    quick = config.model_copy(update={"num_trials": 1, "arms": ("basic",)})
    waiting = [engine.submit(quick.model_copy(update={"seed": seed})) for seed in range(11, 16)]
    wait_for_training(engine, first)
    assert {progress_of(engine, run_id).phase for run_id in waiting} == {"waiting"}
    engine.cancel(first)

    order: list[str] = []

    def all_ended() -> bool:
        ended = [run_id for run_id in waiting if progress_of(engine, run_id).outcome != "running"]
        order.extend(run_id for run_id in ended if run_id not in order)
        return len(order) == len(waiting)

    wait_until(all_ended)
    assert order == waiting


def test_a_run_that_has_a_driver_is_not_driven_twice(engine: Engine, store: RunStore, config: ExperimentConfig) -> None:
    run = store.create_run(config)
    events = engine.run_events(run.id)
    next(events)

    with pytest.raises(UserError) as error:
        next(engine.run_events(run.id))
    assert error.value.code == "run-driven"
    events.close()
    assert store.get_run(run.id).status == "cancelled"
