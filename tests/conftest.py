"""What holds for all tests."""

from __future__ import annotations

import os

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling, LoadScopeScheduling

ONE_WORKER = "tests/core/engine/"  # its tests share worker processes and a finished run, which take long to start

os.environ["ELMO_LENS_EXAMPLE"] = "0"  # a store holds what its test has put there
hypothesis.settings.register_profile("any speed", deadline=None)  # the machine may be busy
hypothesis.settings.load_profile("any speed")


class RoomScheduling(LoadFileScheduling):
    """With `pytest -n`, the tests of a file stay in one process, and so do those of a folder whose fixtures they share."""

    def _split_scope(self, nodeid: str) -> str:
        return ONE_WORKER if nodeid.startswith(ONE_WORKER) else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return RoomScheduling(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what was fuzzed and which faults were tried, see `tests/fuzz` and `tests/faults`."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    for report in reports:
        for name, value in report.user_properties:
            if name == "fault" and report.when == "call":
                terminalreporter.write_line(value)
    fuzzed = [value for report in reports if report.when == "call" for name, value in report.user_properties if name == "fuzzed"]
    if fuzzed:
        nums, nums_refused, longest_s = zip(*fuzzed, strict=True)
        terminalreporter.write_line(
            f"fuzzed: {sum(nums):,} inputs, {sum(nums) - sum(nums_refused):,} read, {sum(nums_refused):,} refused in a sentence, "
            f"the slowest in {max(longest_s):.2f} s"
        )
