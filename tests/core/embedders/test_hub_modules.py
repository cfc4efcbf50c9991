"""Where ELMo modules are, and which version is installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from core.embedders import hub_modules
from core.embedders.hub_modules import (
    BUNDLED,
    break_stale_lock,
    digest_module,
    module_handle,
    module_version,
    require_module,
)
from core.errors import UserError


@pytest.fixture
def module(tmp_path: Path) -> Path:
    folder = tmp_path / "module"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "variables.index").write_bytes(b"weights")
    return folder


def test_the_bundled_module_is_there() -> None:
    require_module(BUNDLED)
    assert module_version(BUNDLED) == digest_module(Path(module_handle(BUNDLED)))


def test_a_folder_without_a_module_is_refused_and_has_no_version(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        require_module(str(tmp_path))
    assert error.value.code == "elmo-missing"
    assert module_version(str(tmp_path)) == ""


def test_a_remote_handle_is_its_own_version() -> None:
    handle = "https://tfhub.dev/google/elmo/3"
    require_module(handle)
    assert module_handle(handle) == module_version(handle) == handle


def test_a_version_depends_on_the_files_and_not_on_the_folder(module: Path, tmp_path: Path) -> None:
    before = module_version(str(module))
    assert module_version(str(shutil.copytree(module, tmp_path / "copy"))) == before
    (module / "variables" / "variables.index").write_bytes(b"other weights")
    assert module_version(str(module)) != before


def test_files_beside_the_module_do_not_change_its_version(module: Path) -> None:
    before = module_version(str(module))
    (module / "options.json").write_text("{}")
    assert module_version(str(module)) == before


@pytest.mark.parametrize("typed", ["~/module", " ~/module ", '"{}"'])
def test_a_tilde_blanks_and_quotes_are_read_in_the_path_of_a_module(
    typed: str, module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    require_module(typed.format(module))
    assert module_version(typed.format(module)) == module_version(str(module))


@pytest.mark.parametrize("typed", ["~nosuchuser/module", "x" * 300, "a\0b", ""])
def test_a_path_that_cannot_be_one_is_one_sentence(typed: str) -> None:
    with pytest.raises(UserError) as error:
        require_module(typed)
    assert error.value.code in ("path-unusable", "elmo-missing")


def locked(folder: Path, owner: str) -> Path:
    """The lock of a download that fetches nothing any more."""
    lock = folder.with_name(f"{folder.name}.lock")
    lock.write_text(f"{owner}.{'0' * 32}")
    (folder.with_name(f"{folder.name}.{'0' * 32}.tmp")).mkdir()
    return lock


def test_the_lock_of_a_process_that_has_ended_is_broken_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    lock = locked(tmp_path / "module", f"{socket.gethostname()}.{ended.pid}")
    monkeypatch.setattr(hub_modules, "_LOCK_POLL_S", 1e6)  # waiting once would be for ever
    break_stale_lock(tmp_path / "module")
    assert not lock.exists()


def test_a_lock_under_which_nothing_arrives_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hub_modules._LOCK_PATIENCE_S + hub_modules._LOCK_POLL_S < 10
    lock = locked(tmp_path / "module", "another.machine.42")
    monkeypatch.setattr(hub_modules, "_LOCK_PATIENCE_S", 0.1)
    monkeypatch.setattr(hub_modules, "_LOCK_POLL_S", 0.05)
    break_stale_lock(tmp_path / "module")
    assert not lock.exists()


def test_without_a_lock_nothing_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_modules, "_LOCK_POLL_S", 1e6)
    break_stale_lock(tmp_path / "module")
