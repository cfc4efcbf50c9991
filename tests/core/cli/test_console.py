"""Consoles that cannot print everything, and arguments that are no valid text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.cli.console import without_surrogates
from core.cli.main import execute, main
from core.errors import UserError
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from tests.core.challenges.small_reports import make_head
from tests.core.store.stored import CONFIG, trial_result

NAME = "отзывы → “naïve” – 😀"
CP1252 = {"PYTHONIOENCODING": "cp1252"}
ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(tmp_path))
    return RunStore(Settings(data_dir=tmp_path).store_url)


@pytest.fixture
def run(store: RunStore) -> Run:
    """A run with one trained head, whose name has signs that few consoles print."""
    run = store.create_run(CONFIG.model_copy(update={"arms": ("basic",)}))
    result = trial_result(0, "basic")
    store.trials.save(run, type(result)(**{**vars(result), "head": make_head(0)}))
    store.rename(run.id, NAME)
    return store.get_run(run.id)


def call(console: dict[str, str], *arguments: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [os.fsencode(sys.executable), b"-m", b"core", *arguments]
    return subprocess.run(command, capture_output=True, timeout=60, check=False, env={**os.environ, **console})


@pytest.mark.parametrize(("console", "printed"), [(CP1252, "?????? -> “naïve” – ?"), (ASCII, '?????? -> "na?ve" - ?')])
def test_what_a_console_cannot_print_is_replaced_and_the_file_is_whole(
    console: dict[str, str], printed: str, run: Run, tmp_path: Path
) -> None:
    done = call(console, b"runs", b"--json", os.fsencode(tmp_path / "runs.json"))

    assert (done.returncode, done.stderr) == (0, b"")
    out = " ".join(done.stdout.decode("cp1252").replace("|", " ").split())
    assert all(part in out for part in printed.split())  # the table may break the name into lines
    assert [each["name"] for each in json.loads((tmp_path / "runs.json").read_text(encoding="utf-8"))] == [run.name]


@pytest.mark.parametrize(
    ("argument", "unknown"), [("Schön → ".encode(), b": ->"), (b"Sch\xf6n ", b": Sch?n")], ids=["UTF-8", "another encoding"]
)
def test_a_text_in_any_encoding_is_predicted_on_any_console(argument: bytes, unknown: bytes, run: Run) -> None:
    done = call(ASCII, b"predict", b"--run", run.id.encode(), argument + b"film")

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"basic" in done.stdout
    assert unknown in done.stdout.splitlines()[-1]


def test_help_is_printed_on_any_console() -> None:
    done = call(ASCII, b"challenge", b"--help")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ("film", "film"),
        ("caf\udcc3\udca9", "café"),
        ("\udcff", "\ufffd"),
        (chr(0xD83D) + chr(0xDE00), "😀"),
        (chr(0xD83D), "\ufffd"),
    ],
)
def test_surrogates_in_an_argument_are_replaced(argument: str, text: str) -> None:
    assert without_surrogates(argument) == text


@pytest.mark.usefixtures("capsys")
def test_results_are_written_before_they_are_printed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise BrokenPipeError

    (tmp_path / "mine.csv").write_text("text,expected,family,pair\nGood.,positive,mine,1\nBad.,negative,mine,1\n")
    command = ["challenge", "--run", run.id, "--suite", str(tmp_path / "mine.csv"), "--json", str(tmp_path / "out.json")]
    monkeypatch.setattr(sys.stdout, "write", fail)
    monkeypatch.setattr(sys.stderr, "close", lambda: None)
    assert main(command) == 1
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))


def test_damaged_heads_are_a_user_error_that_names_their_run(store: RunStore, run: Run) -> None:
    result = trial_result(0, "basic")
    head = {**make_head(0), "dense/bias": np.zeros(3, np.float32)}
    store.trials.save(run, type(result)(**{**vars(result), "head": head}))

    with pytest.raises(UserError, match=run.id) as error:
        execute(["predict", "--run", run.id, "film"])
    assert error.value.code == "heads-damaged"
