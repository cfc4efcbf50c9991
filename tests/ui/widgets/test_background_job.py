"""Work in the background of the server, with steps that wait until they are told to go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from core.errors import UserError
from tests.core.tiny_runs import wait_until
from ui.widgets.background_job import BackgroundJob, Step


@pytest.fixture
def work() -> BackgroundJob:
    return BackgroundJob("test", threading.Lock())


class Steps:
    """Steps that are taken one by one when `go_on` is called; `num_taken` counts those that were begun."""

    def __init__(self, *steps: Step) -> None:
        self._steps = steps
        self._may_go_on = threading.Semaphore(0)
        self.num_taken = 0

    def __call__(self) -> Iterator[Step]:
        for step in self._steps:
            self._may_go_on.acquire()
            self.num_taken += 1
            yield step

    def go_on(self) -> None:
        self._may_go_on.release()


def fail_with(error: Exception) -> Callable[[], Iterator[Step]]:
    def steps() -> Iterator[Step]:
        yield Step(0, 2)
        raise error

    return steps


def test_work_that_was_not_begun_does_not_go_on(work: BackgroundJob) -> None:
    assert (work.is_running, work.num_done, work.fraction, work.remaining_s, work.error) == (False, 0, 0.0, None, None)


def test_it_tells_how_far_it_is_until_it_is_done(work: BackgroundJob) -> None:
    steps = Steps(Step(0, 4), Step(3, 4))
    work.begin(steps)
    assert work.is_running
    steps.go_on()
    steps.go_on()
    wait_until(lambda: not work.is_running)
    assert (work.num_done, work.fraction, work.error) == (3, 0.75, None)


def test_the_time_left_is_measured_from_the_first_step_on(work: BackgroundJob) -> None:
    steps = Steps(Step(100, 1000), Step(500, 1000), Step(1000, 1000))
    work.begin(steps)
    time.sleep(0.2)  # loads something
    steps.go_on()
    wait_until(lambda: work.num_done == 100)
    assert (work.num_done, work.remaining_s) == (100, None)
    time.sleep(0.1)
    steps.go_on()
    wait_until(lambda: work.num_done == 500)
    left_s = work.remaining_s
    assert left_s is not None
    assert 0.125 <= left_s < 0.125 * 2.5  # 500 at 400 in 0.1 s; with the loading it would be over 0.3
    steps.go_on()


def test_begun_twice_it_goes_on_once(work: BackgroundJob) -> None:
    steps = Steps(Step(1, 1))
    work.begin(steps)
    work.begin(steps)
    steps.go_on()
    steps.go_on()
    wait_until(lambda: not work.is_running)
    assert steps.num_taken == 1


def test_cancelled_it_takes_no_further_step_and_can_begin_again(work: BackgroundJob) -> None:
    first, second = Steps(Step(1, 3), Step(2, 3), Step(3, 3)), Steps(Step(1, 3), Step(3, 3))
    work.begin(first)
    first.go_on()
    wait_until(lambda: work.num_done == 1)
    work.cancel()
    assert not work.is_running

    work.begin(second)
    assert (work.is_running, work.num_done) == (True, 0)
    for steps in (first, first, second, second):
        steps.go_on()
    wait_until(lambda: not work.is_running)
    assert (first.num_taken, work.num_done) == (2, 3)  # the step in hand was taken, and counts for nothing


def test_works_that_share_a_turn_wait_for_each_other() -> None:
    turn = threading.Lock()
    first, second = BackgroundJob("first", turn), BackgroundJob("second", turn)
    first_steps, second_steps = Steps(Step(1, 1)), Steps(Step(1, 1))
    first.begin(first_steps)
    wait_until(turn.locked)
    second.begin(second_steps)
    second_steps.go_on()
    time.sleep(0.1)
    assert (second.is_running, second_steps.num_taken) == (True, 0)
    first_steps.go_on()
    wait_until(lambda: not second.is_running)
    assert second_steps.num_taken == 1


def test_an_error_is_kept_until_it_begins_again(work: BackgroundJob) -> None:
    work.begin(fail_with(UserError("No disk; make room.")))
    wait_until(lambda: not work.is_running)
    assert str(work.error) == "No disk; make room."

    steps = Steps(Step(1, 1))
    work.begin(steps)
    assert work.error is None
    steps.go_on()


def test_a_bug_is_raised_again_where_it_is_shown(work: BackgroundJob) -> None:
    work.begin(fail_with(ZeroDivisionError("a bug")))
    wait_until(lambda: not work.is_running)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        work.show_error()
