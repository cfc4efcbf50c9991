"""Where ELMo modules are, and which version is installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.embedders.hub_modules import BUNDLED, digest_module, module_handle, module_version, require_module
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
