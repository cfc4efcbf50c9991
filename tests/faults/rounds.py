"""One round: a program works, a fault strikes at a random moment, and what must hold is checked."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

import numpy as np

from tests.faults.faults import Fault
from tests.faults.lab import Lab, LabFactory, Program, Results

_EARLIEST, _LATEST = 0.1, 1.0  # of the time that an undisturbed run takes


@dataclass(frozen=True)
class Round:
    """What has happened.

    Attributes:
        fault: What went wrong.
        moment: When, as a share of the time that an undisturbed run takes.
        num_kept: Finished trials of both models and the bag of words that the fault found, all of which were kept.
        outcome: "went on", or what the program has said at its end; "killed" if it could say nothing.
    """

    fault: Fault
    moment: float
    num_kept: int
    outcome: str


def play(fault: Fault, labs: LabFactory, rng: random.Random) -> Round:
    """Let a fault strike.

    Args:
        fault: Which.
        labs: Makes the folder in which it happens.
        rng: Chooses the moment, and what exactly is struck.

    Returns:
        What has happened.

    Raises:
        AssertionError: A finished trial is lost, a number differs, a process or a file is left, or the program ended with more or
            less than one sentence.
    """
    lab, moment = labs.new(), rng.uniform(_EARLIEST, _LATEST)
    try:
        with fault.around(lab):
            return _play(fault, labs, lab, moment, rng)
    finally:
        lab.close()


def _play(fault: Fault, labs: LabFactory, lab: Lab, moment: float, rng: random.Random) -> Round:
    program = _start(fault, lab)
    time.sleep(moment * labs.undisturbed.duration_s)
    before = lab.results()
    fault.strike(lab, program, rng)
    outcome = _outcome(fault, program)
    _require_same(before, {pair: probs for pair, probs in lab.results().items() if pair in before})
    lab.finish()
    _require_same(labs.undisturbed.results, lab.results())
    assert not (left := lab.orphans()), f"still alive: {left}"
    assert not (files := lab.leftovers()), f"left behind: {files}"
    return Round(fault, moment, len(before), outcome)


def _start(fault: Fault, lab: Lab) -> Program:
    if fault.in_background:
        return lab.start("run", *lab.arguments, program=("-m", "tests.faults.background"))
    return lab.start_run()


def _outcome(fault: Fault, program: Program) -> str:
    """How the program has ended, which is one of the ways that it may."""
    status, said = program.wait(), program.stderr.read_text(encoding="utf-8", errors="replace")
    assert "Traceback" not in said, said
    if status == 0:
        return "went on"
    if fault.kills:
        return "killed"
    assert fault.may_end, f"ended with status {status}: {said}"
    assert program.last_line.endswith((".", ")", "?")) or "resume" in program.last_line, said
    return program.last_line


def _require_same(expected: Results, found: Results) -> None:
    assert found.keys() == expected.keys()
    for pair, probs in expected.items():
        np.testing.assert_array_equal(found[pair], probs, err_msg=f"trial {pair[0] + 1} of {pair[1]}")
