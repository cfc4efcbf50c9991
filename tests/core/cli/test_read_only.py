"""A data folder that may be read only: on a read-only drive, or of somebody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.disk_cache import DiskCache, writable_caches
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from tests.core.challenges.small_reports import make_head
from tests.core.store.stored import CONFIG, make_deleted_long_ago, trial_result

# Starts Python again, as root without the right to write and read what the modes of files forbid.
WITHOUT_PRIVILEGE = """
import ctypes, os, sys
if os.geteuid() == 0:
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
            raise OSError(ctypes.get_errno(), "prctl")
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="rights are dropped as Linux does it")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    folder.mkdir()
    yield folder
    make_writable(folder)


@pytest.fixture
def store(folder: Path) -> Iterator[RunStore]:
    store = RunStore(Settings(data_dir=folder).store_url)
    yield store
    store.close()


@pytest.fixture
def run(store: RunStore) -> Run:
    """A run with one trained head."""
    run = store.create_run(CONFIG.model_copy(update={"arms": ("basic",)}))
    result = trial_result(0, "basic")
    store.trials.save(run, type(result)(**{**vars(result), "head": make_head(0)}))
    store.set_status(run.id, "finished")
    return run


def make_read_only(folder: Path) -> None:
    for path in folder.rglob("*"):
        path.chmod(0o500 if path.is_dir() else 0o400)
    folder.chmod(0o500)


def make_writable(folder: Path) -> None:
    folder.chmod(0o700)
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_PRIVILEGE, *arguments]
    environment = {**os.environ, "ELMO_LENS_DATA_DIR": str(folder)}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_runs_are_listed_and_predict(run: Run, store: RunStore, folder: Path, tmp_path: Path) -> None:
    store.close()
    make_read_only(folder)
    before = contents(folder)
    assert "PermissionError" in call(folder, "-c", f"open({str(folder / 'new')!r}, 'w')").stderr

    listed = call(folder, "-m", "core", "runs", "--json", str(tmp_path / "runs.json"))
    assert (listed.returncode, listed.stderr, sorted(before)) == (0, "", ["runs.sqlite"])
    assert [each["id"] for each in json.loads((tmp_path / "runs.json").read_text())] == [run.id]
    predicted = call(folder, "-m", "core", "predict", "--run", run.id, "A lovely film.")
    assert (predicted.returncode, predicted.stderr) == (0, "")
    assert "basic" in predicted.stdout
    assert contents(folder) == before


def test_what_a_program_has_just_stored_is_listed_as_well(run: Run, folder: Path, tmp_path: Path) -> None:
    assert (folder / "runs.sqlite-wal").stat().st_size  # the store is open, and the run is in its log only
    make_read_only(folder)

    assert call(folder, "-m", "core", "runs", "--json", str(tmp_path / "runs.json")).returncode == 0
    assert [each["id"] for each in json.loads((tmp_path / "runs.json").read_text())] == [run.id]


def test_what_is_deleted_for_good_elsewhere_stays_here_and_is_not_listed(
    run: Run, store: RunStore, folder: Path, tmp_path: Path
) -> None:
    store.delete(run.id)
    store.close()
    make_deleted_long_ago(f"sqlite:///{folder / 'runs.sqlite'}", run.id)
    make_read_only(folder)

    assert call(folder, "-m", "core", "runs", "--json", str(tmp_path / "runs.json")).returncode == 0
    assert json.loads((tmp_path / "runs.json").read_text()) == []


@pytest.mark.parametrize("command", [("runs",), ("predict", "--run", "nowhere", "Good.")])
def test_a_folder_without_a_store_is_one_sentence(folder: Path, command: tuple[str, ...]) -> None:
    make_read_only(folder)

    done = call(folder, "-m", "core", *command)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert str(folder) in done.stderr


def test_what_is_cached_is_used_and_nothing_is_added_to_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data_dir=folder)
    cached = DiskCache("cache/counts", settings)
    cached.save("known", b"42")
    with writable_caches(settings) as same:
        assert same is settings
    monkeypatch.setattr(Settings, "is_read_only", True)
    with writable_caches(settings) as others:
        beside = DiskCache("cache/counts", others)
        assert beside.load("known") == b"42"
        beside.save("new", b"43")
        assert beside.load("new") == b"43"
    assert (cached.load("known"), cached.load("new")) == (b"42", None)
    assert not others.data_dir.exists()
