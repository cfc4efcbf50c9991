"""The wheel: what it installs, under which names, and that its command starts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core import __version__
from core.cli.main import parse
from core.errors import UserError
from core.files import ROOT
from core.settings import Settings


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """A folder that the wheel was unpacked into, which is all that installing it does to files."""
    target = wheel.parent / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def test_a_wheel_takes_one_name(installed: Path) -> None:
    assert {path.name for path in installed.iterdir()} == {"elmo_lens", f"elmo_lens-{__version__}.dist-info"}


def test_a_wheel_holds_the_houses_and_what_they_read(installed: Path) -> None:
    for house in ("core", "ui", "pages", "assets", ".streamlit"):
        inside, outside = (
            {path.relative_to(root / house) for path in (root / house).rglob("*") if path.is_file() and path.suffix != ".pyc"}
            for root in (installed / "elmo_lens", ROOT)
        )
        assert inside == outside
    for name in ("dashboard.py", "requirements.txt"):
        assert (installed / "elmo_lens" / name).read_bytes() == (ROOT / name).read_bytes()
    assert not list(installed.rglob("*.pyc"))


def test_a_wheel_requires_what_the_requirements_pin(installed: Path) -> None:
    [metadata] = installed.glob("*.dist-info/METADATA")
    required = [line for line in metadata.read_text(encoding="utf-8").splitlines() if line.startswith("Requires-Dist: ")]
    pinned = [line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines() if "==" in line]
    assert len(required) == len(pinned)


@pytest.mark.parametrize("is_wheel", [True, False], ids=["wheel", "repository"])
def test_the_command_starts_from_any_folder(installed: Path, tmp_path: Path, is_wheel: bool) -> None:
    path, root = (installed, installed / "elmo_lens") if is_wheel else (ROOT, ROOT)
    lines = [
        "import sys, elmo_lens",
        "sys.argv[0] = '/usr/bin/elmo-lens'",
        "import core.files",
        "print(core.files.ROOT)",
        "elmo_lens.main()",
    ]
    process = subprocess.run(
        [sys.executable, "-c", "\n".join(lines), "--help"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=True,
    )
    imported_from, usage, *_ = process.stdout.splitlines()
    assert imported_from == str(root)
    assert usage.startswith("usage: elmo-lens ")


def test_the_dashboard_is_given_the_options_of_streamlit(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: started.append(command))
    monkeypatch.setattr(subprocess, "call", lambda _: 0)
    options = ["--server.port", "8600", "--server.headless=true"]
    command = parse(["dashboard", *options]).dashboard
    assert command
    command.execute(Settings())
    assert [arguments[1:] for arguments in started] == [["-m", "streamlit", "run", str(ROOT / "dashboard.py"), *options]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[str]]:
    """Gives a command to the command line; what Streamlit is started with."""
    commands: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: commands.append(command))
    monkeypatch.setattr(subprocess, "call", lambda _: 0)
    monkeypatch.setenv("ELMO_LENS_CLASS_RULES", "0")  # to be restored

    def start(*options: str) -> list[str]:
        command = parse(["dashboard", *options]).dashboard
        assert command
        command.execute(Settings(data_dir=tmp_path))
        return commands[-1][5:]

    return start


def test_the_dashboard_listens_on_this_machine_only_unless_it_is_for_a_class() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["allowedHosts"] == ["localhost", "127.0.0.1"]


def test_for_a_class_it_listens_where_it_is_told_and_answers_to_its_names(
    started: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    options = started("--class", "--address", "192.0.2.7", "--name", "lens.example.org", "--server.port", "8600")
    assert "--server.address=192.0.2.7" in options
    names = [option.partition("=")[2] for option in options if option.startswith("--server.allowedHosts=")]
    assert names[:2] == ["lens.example.org", "192.0.2.7"]
    assert "*" not in names
    assert options[-2:] == ["--server.port", "8600"]
    assert os.environ["ELMO_LENS_CLASS_RULES"] == "1"
    capsys.readouterr()


def test_the_operators_password_is_printed_once(started: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    def printed(*options: str) -> list[str]:
        started("--class", "--address", "127.0.0.1", *options)
        return re.findall(r"\b(?:[2-9a-z]{5}-){3}[2-9a-z]{5}\b", capsys.readouterr().out)

    [first] = printed()
    assert printed() == []
    [second] = printed("--new-password")
    assert first != second


@pytest.mark.parametrize("option", [["--address", "0.0.0.0"], ["--name", "x"], ["--new-password"]])
def test_what_is_for_a_class_is_refused_without_one(option: list[str], started: Callable[..., list[str]]) -> None:
    with pytest.raises(UserError) as error:
        started(*option)
    assert error.value.code == "option-for-class"


def test_an_option_that_no_command_has_is_refused() -> None:
    with pytest.raises(SystemExit):
        parse(["runs", "--server.port", "8600"])
