"""Work in the background of the server, with steps that wait until they are told to go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from types import SimpleNamespace

import pytest

from core.errors import UserError
from tests.core.tiny_runs import wait_until
from ui.widgets import background_job
from ui.widgets.background_job import BackgroundJob, Step

Work = Callable[[], Generator[Step, None, str]]


def new_job(turn: threading.Lock) -> BackgroundJob[[Work], str]:
    """A job that does what it is started with."""
    return BackgroundJob("test", turn, lambda work: work())


@pytest.fixture
def job() -> BackgroundJob[[Work], str]:
    return new_job(threading.Lock())


class Steps:
    """Steps that are taken one by one when `go_on` is called; `num_taken` counts those that were begun."""

    def __init__(self, *steps: Step) -> None:
        self._steps = steps
        self._may_go_on = threading.Semaphore(0)
        self.num_taken = 0

    def __call__(self) -> Generator[Step, None, str]:
        for step in self._steps:
            self._may_go_on.acquire()
            self.num_taken += 1
            yield step
        return "result"

    def go_on(self) -> None:
        self._may_go_on.release()


def fail_with(error: Exception) -> Work:
    def steps() -> Generator[Step, None, str]:
        yield Step(0, 2)
        raise error

    return steps


def test_a_job_that_was_not_started_is_not_running(job: BackgroundJob[[Work], str]) -> None:
    assert (job.is_running, job.num_done, job.fraction, job.remaining_s, job.error) == (False, 0, 0.0, None, None)


def test_it_tells_how_far_it_is_until_it_is_done(job: BackgroundJob[[Work], str]) -> None:
    steps = Steps(Step(0, 4), Step(3, 4))
    job.start(steps)
    assert job.is_running
    steps.go_on()
    steps.go_on()
    wait_until(lambda: not job.is_running)
    assert (job.num_done, job.fraction, job.error, job.result) == (3, 0.75, None, "result")


def test_the_time_left_is_measured_from_the_first_step_on(
    job: BackgroundJob[[Work], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock_s = 0.0
    monkeypatch.setattr(background_job, "time", SimpleNamespace(monotonic=lambda: clock_s))
    steps = Steps(Step(100, 1000), Step(500, 1000), Step(1000, 1000))
    job.start(steps)
    clock_s += 2.0  # loads something
    steps.go_on()
    wait_until(lambda: job.num_done == 100)
    assert (job.num_done, job.remaining_s) == (100, None)
    clock_s += 4.0
    steps.go_on()
    wait_until(lambda: job.num_done == 500)
    assert job.remaining_s == 5.0  # 500 more at 400 in 4 s
    steps.go_on()


def test_started_twice_it_runs_once(job: BackgroundJob[[Work], str]) -> None:
    steps = Steps(Step(1, 1))
    job.start(steps)
    job.start(steps)
    steps.go_on()
    steps.go_on()
    wait_until(lambda: not job.is_running)
    assert steps.num_taken == 1


def test_cancelled_it_takes_no_further_step_and_can_start_again(job: BackgroundJob[[Work], str]) -> None:
    first, second = Steps(Step(1, 3), Step(2, 3), Step(3, 3)), Steps(Step(1, 3), Step(3, 3))
    job.start(first)
    first.go_on()
    wait_until(lambda: job.num_done == 1)
    job.cancel()
    assert not job.is_running

    job.start(second)
    assert (job.is_running, job.num_done) == (True, 0)
    for steps in (first, first, second, second):
        steps.go_on()
    wait_until(lambda: not job.is_running)
    assert (first.num_taken, job.num_done) == (2, 3)  # the step at hand was finished, but counts for nothing


def test_jobs_that_share_a_turn_wait_for_each_other() -> None:
    turn = threading.Lock()
    first, second = new_job(turn), new_job(turn)
    first_steps, second_steps = Steps(Step(1, 1)), Steps(Step(1, 1))
    first.start(first_steps)
    wait_until(turn.locked)
    second.start(second_steps)
    second_steps.go_on()
    time.sleep(0.1)
    assert (second.is_running, second_steps.num_taken) == (True, 0)
    first_steps.go_on()
    wait_until(lambda: not second.is_running)
    assert second_steps.num_taken == 1


def test_an_error_is_kept_until_it_starts_again(job: BackgroundJob[[Work], str]) -> None:
    job.start(fail_with(UserError("No disk; make room.", code="no-disk")))
    wait_until(lambda: not job.is_running)
    assert str(job.error) == "No disk; make room."

    steps = Steps(Step(1, 1))
    job.start(steps)
    assert job.error is None
    steps.go_on()


def test_a_bug_is_raised_again_where_it_is_shown(job: BackgroundJob[[Work], str]) -> None:
    job.start(fail_with(ZeroDivisionError("a bug")))
    wait_until(lambda: not job.is_running)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        job.show_error()
