"""`compare`, as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.main import main
from core.predictions.verdicts import ONE_TRIAL
from tests.core.predictions.made_up import as_csv, predictions_frame


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(tmp_path / "data"))
    path = tmp_path / "models.csv"
    path.write_bytes(as_csv(predictions_frame(240).assign(third=["0", "1"] * 120)))
    return path


def test_a_table_is_compared_without_a_store(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = table.with_name("out.json")
    assert main(["compare", str(table), "--json", str(target)]) == 0
    out, written = capsys.readouterr().out, json.loads(target.read_text())
    assert "careful is 13.3 points more accurate than hasty" in out
    assert out.splitlines()[-2:] == [ONE_TRIAL, "Not compared: third; name two with --models."]
    assert "western" in out
    assert (written["first"], written["second"], written["num_tests"]) == ("careful", "hasty", 240)
    assert written["difference"] == pytest.approx(-2 / 15)
    assert written["mcnemar"]["num_only_first"] - written["mcnemar"]["num_only_second"] == 32
    assert set(written["slices"]) == {"length in words", "negations", "label", "genre", "year"}
    assert not (table.parent / "data" / "predictions").exists()


def test_the_models_can_be_named(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(table), "--models", "hasty,third"]) == 0
    assert "Not compared: careful" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--models", "hasty"], "two columns of predictions"),
        (["--models", "hasty,nobody"], 'no column "nobody"'),
        (["--label-column", "genre"], "do not say which reviews are positive"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    options: list[str], words: str, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(table), *options]) == 2
    assert words in capsys.readouterr().err


def test_a_table_whose_columns_nobody_can_guess_asks_for_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("text,number\n" + "\n".join(f"A film that I liked {i},{i * 7}" for i in range(30)))
    assert main(["compare", str(path)]) == 2
    assert "--label-column" in capsys.readouterr().err
