"""The JSON of a run, and the page that explains it."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analysis.intervals import Estimate
from core.analysis.paired_tests import Comparison, ReferenceComparison, compare
from core.analysis.verdicts import holds_for, verdict
from core.experiment.arms import STAIRCASE
from core.experiment.config import ExperimentConfig
from core.experiment.overlap import Overlap
from core.experiment.provenance import Provenance
from core.exports.run_json import VERSION, Reference, run_values
from core.files import ROOT
from core.settings import Settings
from core.store.run import Run
from tests.core.analysis.crossed import outcomes_from_correct

ONLY_FROM_THE_COMMAND_LINE = {"wall_s"}
MEASURES = tuple(f"uneven_classes.{measure}." for measure in ("accuracy", "balanced_accuracy", "macro_f1"))
EXPLAINED_ELSEWHERE = ("config.", "phase_s.", "reference.leads.", "staircase.accuracies.", "staircase.whole.", *MEASURES)


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
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
def trials() -> pd.DataFrame:
    numbers = {"accuracy": 0.7, "validation_accuracy": 0.75, "best_epoch": 3, "num_epochs": 8, "train_s": 0.4}
    return pd.DataFrame([{"trial": trial, "arm": arm, **numbers} for trial in (0, 1, 2) for arm in ("basic", "elmo")])


@pytest.fixture
def comparison() -> Comparison:
    rng = np.random.default_rng(0)
    return compare(rng.random((3, 100)) < 0.6, rng.random((3, 100)) < 0.8)


@pytest.fixture
def reference() -> Reference:
    trials = pd.DataFrame([{"trial": trial, "accuracy": 0.75, "chosen_c": 10.0, "train_s": 0.5} for trial in (0, 1, 2)])
    return Reference(trials, ReferenceComparison(Estimate(0.75, (0.7, 0.8)), {"elmo": Estimate(0.05, (0.02, 0.08))}))


def keys_of(value: Any, name: str = "") -> Iterator[str]:
    """Dotted names of everything in a JSON value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (inside := f"{name}.{key}" if name else key)
            yield from keys_of(inner, inside)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner, f"{name}[]")


def test_every_key_is_explained_and_every_explained_key_is_there(
    run: Run, trials: pd.DataFrame, comparison: Comparison, reference: Reference, settings: Settings
) -> None:
    correct = np.arange(300).reshape(3, 100) % 3 > 0
    labels = (np.arange(100) < 20).astype(np.int8)
    outcomes = dataclasses.replace(
        outcomes_from_correct(dict.fromkeys(STAIRCASE, correct)), labels=labels, overlap=Overlap(0.2, 50, 200)
    )
    written = json.loads(json.dumps(run_values(run, trials, comparison, settings, reference, outcomes=outcomes)))
    assert written["intervals"]["hold_for"] == holds_for([(50, outcomes)])
    assert (written["intervals"]["overlap"], written["intervals"]["train_pool_size"]) == (0.2, 200)
    assert (written["uneven_classes"]["num_negative"], written["uneven_classes"]["num_positive"]) == (80, 20)
    keys = {key for key in keys_of(written) if not key.startswith(EXPLAINED_ELSEWHERE)}
    page = (ROOT / "docs" / "run-json.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([^`]+)`", page, re.MULTILINE)) == keys | ONLY_FROM_THE_COMMAND_LINE
    assert f"| `version` | {VERSION};" in page


def test_what_is_written_can_be_read_back(run: Run, trials: pd.DataFrame, comparison: Comparison, settings: Settings) -> None:
    written = json.loads(json.dumps(run_values(run, trials, comparison, settings)))
    assert ExperimentConfig.model_validate(written["config"]) == run.config
    assert [(each["trial"], each["arm"]) for each in written["trials"][:3]] == [(1, "basic"), (1, "elmo"), (2, "basic")]
    assert written["sentence"] == verdict(comparison)
    assert written["comparison"]["wins"] == comparison.wins
    assert (written["coverage"], written["phase_s"]) == (0.99, {"embedding": 12.5})


def test_a_run_without_a_bag_of_words_has_no_reference(run: Run, trials: pd.DataFrame, settings: Settings) -> None:
    none = Reference(pd.DataFrame(columns=["trial", "accuracy"]), None)
    assert [run_values(run, trials, None, settings, each)["reference"] for each in (None, none)] == [None, None]


def test_a_run_of_one_arm_has_no_comparison(run: Run, trials: pd.DataFrame, settings: Settings) -> None:
    written = run_values(run, trials[trials["arm"] == "basic"], None, settings)
    assert (written["sentence"], written["comparison"]) == (None, None)


def test_the_data_are_what_was_taken_from_the_file_of_the_reviews(run: Run, trials: pd.DataFrame, settings: Settings) -> None:
    data = run_values(run, trials, None, settings)["data"]
    assert (data["reviews"], data["positive"] + data["negative"], data["left_out"]) == (24_902, 24_902, 0)
    assert (data["text_column"], data["label_column"]) == ("text", "label")


def test_the_data_of_reviews_that_are_gone_or_others_now_are_unknown(run: Run, trials: pd.DataFrame, settings: Settings) -> None:
    gone = dataclasses.replace(run, config=ExperimentConfig(dataset="gone"))
    changed = dataclasses.replace(run, provenance=Provenance(reviews="0123456789abcdef"))
    assert [run_values(each, trials, None, settings)["data"] for each in (gone, changed)] == [None, None]
