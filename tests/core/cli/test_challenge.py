"""The command that tests a run on challenges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.cli.main import execute, main
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.results import TrialResult
from core.settings import Settings
from core.store.run_store import RunStore
from tests.core.challenges.small_reports import FAMILIES, make_head


@pytest.fixture
def run_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A stored run with random heads."""
    settings = Settings(data_dir=tmp_path)
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(settings.data_dir))
    store = RunStore(settings.store_url)
    run = store.create_run(ExperimentConfig(arms=("basic",), num_trials=2))
    for trial in range(2):
        store.trials.save(
            run,
            TrialResult(
                trial=trial,
                arm="basic",
                accuracy=0.5,
                validation_accuracy=0.5,
                best_epoch=1,
                num_epochs=1,
                train_s=0.1,
                probs=np.zeros(3, np.float32),
                head=make_head(trial),
            ),
        )
    return run.id


def test_the_command_prints_a_row_for_every_family(run_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["challenge", "--run", run_id]) == 0
    out = capsys.readouterr().out
    for family in FAMILIES:
        assert f" {family.title} " in out
    assert "588 pairs" in out
    assert "basic pass %" in out
    assert out.count("all families") == 3


def test_the_command_takes_ones_own_suite_and_writes_json(
    run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.csv").write_text("text,expected,family,pair\nGood.,positive,mine,1\nNot good.,negative,mine,1\n")
    command = ["challenge", "--run", run_id, "--suite", str(tmp_path / "mine.csv"), "--json", str(tmp_path / "out.json")]
    assert main([*command, "--failing"]) == 0

    written = json.loads((tmp_path / "out.json").read_text())
    assert written["run"] == run_id
    assert [each["texts"] for each in written["pairs"]] == [["Good.", "Not good."]]
    assert np.shape(written["pairs"][0]["probs"]["basic"]) == (2, 2)
    assert written["scores"][0]["pass_rate"] in (0.0, 1.0)
    failing = "0 of 1" if written["pairs"][0]["passed"]["basic"] else "1 of 1"
    assert f"mine, basic: {failing} pairs not passed" in capsys.readouterr().out


def test_a_suite_that_is_not_there_is_a_user_error(run_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["challenge", "--run", run_id, "--suite", "/nowhere/mine.csv"]) == 2
    assert "/nowhere/mine.csv cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(("threshold", "status"), [("0", 0), ("0.99", 1)])
def test_a_threshold_decides_the_exit_status(
    threshold: str, status: int, run_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["challenge", "--run", run_id, "--fail-under", threshold, "--arm", "basic"]) == status
    out, err = capsys.readouterr()
    assert "all families" in out
    assert err.splitlines() == [line for line in err.splitlines() if line.startswith("Below 99.0 %: Basic passes ")]
    assert len(err.splitlines()) == status


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--fail-under", "60"], "value-refused"),
        (["--fail-under", "0.6", "--arm", "elmo"], "arm-missing"),
        (["--arm", "basic"], "arm-without-threshold"),
    ],
)
def test_a_threshold_that_cannot_be_is_a_user_error(options: list[str], code: str, run_id: str) -> None:
    with pytest.raises(UserError) as error:
        execute(["challenge", "--run", run_id, *options])
    assert error.value.code == code
