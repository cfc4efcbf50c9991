from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.disk_cache import remove_leftovers
from core.files import ROOT
from core.scratch import ScratchFolder
from core.settings import Settings

WORKS = """
import sys
from pathlib import Path
from core.scratch import ScratchFolder
scratch = ScratchFolder()
(Path(scratch.name) / "dask-scratch-space" / "worker-1").mkdir(parents=True)
(Path(scratch.name) / "dask-scratch-space" / "worker-1" / "data").write_bytes(bytes(1000))
print(scratch.name, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder, with nothing of other programs in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_the_next_program_deletes_the_scratch_folder_of_a_killed_one_and_no_other(temporary: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    others = temporary / "elmo-lens-of-an-earlier-version"
    others.mkdir()
    own = ScratchFolder()
    with subprocess.Popen([sys.executable, "-c", WORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as program:
        assert program.stdout
        scratch = Path(program.stdout.readline().decode().strip())
        assert scratch.parent == temporary
        remove_leftovers(settings)
        assert (scratch / "dask-scratch-space" / "worker-1" / "data").exists()
        program.kill()

    assert scratch.exists()
    remove_leftovers(settings)
    assert sorted(temporary.iterdir()) == sorted([others, Path(own.name)])
    own.cleanup()
    assert sorted(temporary.iterdir()) == [others]


def test_a_link_to_a_folder_is_not_followed(temporary: Path, tmp_path: Path) -> None:
    valuable = tmp_path / "valuable"
    valuable.mkdir()
    for name in ("scratch.in-use", "thesis.txt"):
        (valuable / name).touch()
    (temporary / "elmo-lens-link").symlink_to(valuable)

    remove_leftovers(Settings(data_dir=tmp_path / "data"))
    assert (valuable / "thesis.txt").exists()


def test_what_lies_behind_a_link_in_a_scratch_folder_stays(temporary: Path, tmp_path: Path) -> None:
    valuable = tmp_path / "valuable"
    valuable.mkdir()
    (valuable / "thesis.txt").touch()
    (temporary / "elmo-lens-dead").mkdir()
    (temporary / "elmo-lens-dead" / "scratch.in-use").touch()
    (temporary / "elmo-lens-dead" / "link").symlink_to(valuable)

    remove_leftovers(Settings(data_dir=tmp_path / "data"))
    assert not (temporary / "elmo-lens-dead").exists()
    assert (valuable / "thesis.txt").exists()


def test_a_scratch_folder_goes_with_its_block(temporary: Path) -> None:
    with ScratchFolder() as name:
        assert Path(name).parent == temporary
    assert list(temporary.iterdir()) == []
