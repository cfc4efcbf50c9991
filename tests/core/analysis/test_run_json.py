"""The JSON of a run, and the page that explains it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analysis.paired_tests import Comparison, compare
from core.analysis.run_json import VERSION, run_values
from core.analysis.verdicts import verdict
from core.experiment.config import ExperimentConfig
from core.files import ROOT
from core.store.run import Run

ONLY_FROM_THE_COMMAND_LINE = {"wall_s"}
EXPLAINED_ELSEWHERE = ("config.", "phase_s.")


@pytest.fixture
def run() -> Run:
    return Run(
        id="k3v9p2xa",
        name="IMDB, 500 reviews, 2 trials",
        config=ExperimentConfig(num_trials=2),
        status="finished",
        message="",
        created_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        phase_s={"embedding": 12.5},
        coverage=0.99,
        reviews_per_s=60.0,
        test_ids=(),
    )


@pytest.fixture
def trials() -> pd.DataFrame:
    numbers = {"accuracy": 0.7, "validation_accuracy": 0.75, "best_epoch": 3, "num_epochs": 8, "train_s": 0.4}
    return pd.DataFrame([{"trial": trial, "arm": arm, **numbers} for trial in (0, 1, 2) for arm in ("basic", "elmo")])


@pytest.fixture
def comparison() -> Comparison:
    rng = np.random.default_rng(0)
    return compare(rng.random((3, 100)) < 0.6, rng.random((3, 100)) < 0.8)


def keys_of(value: Any, name: str = "") -> Iterator[str]:
    """Dotted names of everything in a JSON value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (inside := f"{name}.{key}" if name else key)
            yield from keys_of(inner, inside)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner, f"{name}[]")


def test_every_key_is_explained_and_every_explained_key_is_there(run: Run, trials: pd.DataFrame, comparison: Comparison) -> None:
    written = json.loads(json.dumps(run_values(run, trials, comparison)))
    keys = {key for key in keys_of(written) if not key.startswith(EXPLAINED_ELSEWHERE)}
    page = (ROOT / "docs" / "run-json.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([^`]+)`", page, re.MULTILINE)) == keys | ONLY_FROM_THE_COMMAND_LINE
    assert f"| `version` | {VERSION};" in page


def test_what_is_written_can_be_read_back(run: Run, trials: pd.DataFrame, comparison: Comparison) -> None:
    written = json.loads(json.dumps(run_values(run, trials, comparison)))
    assert ExperimentConfig.model_validate(written["config"]) == run.config
    assert [(each["trial"], each["arm"]) for each in written["trials"][:3]] == [(1, "basic"), (1, "elmo"), (2, "basic")]
    assert written["sentence"] == verdict(comparison)
    assert written["comparison"]["wins"] == comparison.wins
    assert (written["coverage"], written["phase_s"]) == (0.99, {"embedding": 12.5})


def test_a_run_of_one_arm_has_no_comparison(run: Run, trials: pd.DataFrame) -> None:
    written = run_values(run, trials[trials["arm"] == "basic"], None)
    assert (written["sentence"], written["comparison"]) == (None, None)
