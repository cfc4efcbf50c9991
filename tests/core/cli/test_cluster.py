"""What `scheduler` and `worker` turn into, and when they warn; `tests/core/engine/elsewhere` really starts them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.cli.main import execute
from core.errors import UserError
from core.files import ROOT


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Sequence[str]]:
    """The programs that this process would have become."""
    started: list[Sequence[str]] = []
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(tmp_path))
    for name in ("PYTHONPATH", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "from the shell")
    monkeypatch.setattr(os, "environ", os.environ.copy())

    def call(command: Sequence[str]) -> int:
        started.append(command[1:])
        return 0

    monkeypatch.setattr(os, "execv", lambda *_: None)  # it would not return
    monkeypatch.setattr("subprocess.call", call)
    return started


@pytest.fixture
def tls(tmp_path: Path) -> list[str]:
    for name in ("ca", "cert", "key"):
        (tmp_path / f"{name}.pem").touch()
    return [part for name in ("ca", "cert", "key") for part in (f"--tls-{name}", str(tmp_path / f"{name}.pem"))]


def test_a_scheduler_listens_on_this_machine_only_and_opens_no_page(
    started: list[Sequence[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    execute(["scheduler", "--idle-timeout", "1 hour"])
    host = ["--host", "tcp://127.0.0.1:8786"]
    assert started == [["-m", "distributed.cli.dask_scheduler", *host, "--no-dashboard", "--idle-timeout", "1 hour"]]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.7", "lens.example.org", "[::]"])
def test_a_scheduler_that_others_reach_without_certificates_warns(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    execute(["scheduler", "--address", address])
    assert f"{address}:8786" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["localhost", "127.0.0.2", "[::1]"])
def test_a_scheduler_that_nobody_else_reaches_does_not_warn(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    execute(["scheduler", "--address", address])
    assert capsys.readouterr().err == ""


def test_a_scheduler_with_certificates_speaks_tls_and_does_not_warn(
    started: list[Sequence[str]], tls: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    execute(["scheduler", "--address", "0.0.0.0", *tls])
    assert "tls://0.0.0.0:8786" in started[0]
    assert "--tls-ca-file" in started[0]
    assert capsys.readouterr().err == ""


def test_certificates_may_be_named_by_the_environment(
    started: list[Sequence[str]], tls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, path in zip(("CA", "CERT", "KEY"), tls[1::2], strict=True):
        monkeypatch.setitem(os.environ, f"ELMO_LENS_TLS_{name}", path)
    execute(["worker", "tls://host:8786"])
    assert [part for part in started[0] if part.endswith(".pem")] == tls[1::2]


def test_workers_have_one_thread_each_and_find_this_code(started: list[Sequence[str]]) -> None:
    execute(["worker", "tcp://host:8786", "--workers", "3", "--name", "lab"])
    text = " ".join(started[0])
    assert "tcp://host:8786 --nworkers 3 --nthreads 1" in text
    assert text.endswith("--name lab")
    assert os.environ["PYTHONPATH"].split(os.pathsep) == [str(ROOT), "from the shell"]
    assert os.environ["OMP_NUM_THREADS"] == "1"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["worker", "host:8786"], "scheduler-address"),
        (["worker", "tls://host:8786"], "tls-mismatch"),
        (["scheduler", "--tls-ca", "ca.pem"], "tls-incomplete"),
        (["scheduler", "--tls-ca", "no.pem", "--tls-cert", "no.pem", "--tls-key", "no.pem"], "tls-file-missing"),
    ],
)
def test_what_cannot_work_is_one_sentence_before_anything_starts(
    started: list[Sequence[str]], arguments: list[str], code: str
) -> None:
    with pytest.raises(UserError) as error:
        execute(arguments)
    assert error.value.code == code
    assert started == []


def test_certificates_with_an_address_that_does_not_use_them_are_refused(tls: list[str]) -> None:
    with pytest.raises(UserError) as error:
        execute(["worker", "tcp://host:8786", *tls])
    assert error.value.code == "tls-mismatch"
