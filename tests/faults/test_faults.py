"""Two rounds of faults, other ones every time: something is killed. `make faults` plays sixty, with all else that breaks."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from tests.faults.faults import KILLS
from tests.faults.lab import LabFactory
from tests.faults.rounds import play

VARIABLE = "ELMO_LENS_FAULT_SEED"
_NUM_ROUNDS = 2

_seed = int(os.environ.get(VARIABLE, random.SystemRandom().randrange(10**6)))


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> LabFactory:
    return LabFactory(tmp_path_factory.mktemp("faults"))


@pytest.mark.parametrize("number", range(_NUM_ROUNDS))
def test_no_fault_costs_a_finished_trial_or_changes_a_number(
    number: int, labs: LabFactory, record_property: Callable[[str, object], None]
) -> None:
    rng = random.Random(f"{_seed}-{number}")
    fault = random.Random(_seed).sample(KILLS, _NUM_ROUNDS)[number]
    record_property("fault", f"{VARIABLE}={_seed}, round {number + 1}: {fault.name}")

    played = play(fault, labs, rng)
    assert played.num_kept <= len(labs.undisturbed.results)
