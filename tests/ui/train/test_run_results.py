"""Results as files."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from core.analysis.paired_tests import compare
from core.experiment.config import ExperimentConfig
from core.store.run import Run
from ui.train import run_results


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


def test_the_csv_is_the_table_of_the_original_with_trials_from_one() -> None:
    accuracies = pd.DataFrame({"basic": [0.7, 0.71], "elmo": [0.78, np.nan]}, index=pd.RangeIndex(2, name="trial"))
    again = pd.read_csv(io.StringIO(run_results.to_csv(accuracies)), index_col="trial")
    assert again.index.to_list() == [1, 2]
    assert again["basic"].to_list() == [0.7, 0.71]
    assert again["elmo"].isna().to_list() == [False, True]


def test_the_json_has_config_results_comparison_and_times(run: Run) -> None:
    trials = pd.DataFrame({"trial": [0, 0], "arm": ["basic", "elmo"], "accuracy": [0.7, 0.78]})
    basic, elmo = (np.tile(np.arange(100) < num_right, (2, 1)) for num_right in (70, 80))
    content = json.loads(run_results.to_json(run, trials, compare(basic, elmo)))
    assert ExperimentConfig.model_validate(content["config"]) == run.config
    assert content["trials"][1] == {"trial": 1, "arm": "elmo", "accuracy": 0.78}
    assert content["sentence"].startswith("ELMo won 2 of 2")
    assert content["comparison"]["wins"] == 2
    assert content["coverage"] == 0.99
    assert content["phase_s"] == {"embedding": 12.5}


def test_a_run_of_one_arm_has_no_comparison(run: Run) -> None:
    trials = pd.DataFrame({"trial": [0], "arm": ["basic"], "accuracy": [0.7]})
    assert json.loads(run_results.to_json(run, trials, None))["sentence"] is None
