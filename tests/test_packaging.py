"""The wheel: what it installs, under which names, and that its command starts."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from core import __version__
from core.cli.main import parse
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


def test_an_option_that_no_command_has_is_refused() -> None:
    with pytest.raises(SystemExit):
        parse(["runs", "--server.port", "8600"])
