"""What the doctor says of an installation that is not as it should be; of a good one see the command line's tests."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from core.cli import doctor
from core.cli.main import main
from core.disk_cache import MAX_BYTES, DiskCache
from core.embedders.cache import open_cache
from core.experiment.config import ExperimentConfig
from core.files import ROOT
from core.settings import Settings
from core.store.run_store import RunStore


def first_findings(data_dir: Path) -> dict[str, doctor.Finding]:
    """Those that come before anything is loaded."""
    config = ExperimentConfig()
    findings = doctor.examine(Settings(data_dir=data_dir), static=config.static, elmo=config.elmo)
    return {finding.what: finding for finding, _ in zip(findings, range(4), strict=False)}


def test_another_version_than_the_pinned_one_is_named_with_the_way_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = metadata.version
    monkeypatch.setattr(metadata, "version", lambda package: "0.1" if package == "setuptools" else installed(package))
    finding = first_findings(tmp_path)["packages"]
    assert "setuptools 0.1 where " in finding.message
    assert f"; pip install -r {ROOT / 'requirements.txt'} brings the tested ones" in finding.message


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# pinned\nno-such-package==1.0  # for nothing\n", encoding="utf-8")
    monkeypatch.setattr(doctor, "_REQUIREMENTS", requirements)
    finding = first_findings(tmp_path)["packages"]
    assert not finding.is_well
    assert finding.message == f"Not installed: no-such-package; run pip install -r {requirements}."


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 14, 0)])
def test_a_python_that_is_too_old_or_too_new_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    finding = first_findings(tmp_path)["python"]
    assert not finding.is_well
    assert "from 3.11 to 3.13" in finding.message


def test_a_package_that_does_not_load_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow_hub", None)  # what Python itself does with a module that cannot be imported
    config = ExperimentConfig()
    examined = doctor.examine(Settings(data_dir=tmp_path), static=config.static, elmo=config.elmo)
    findings = {finding.what: finding for finding in examined}
    assert not findings["ELMo"].is_well
    assert f"run pip install --force-reinstall -r {ROOT / 'requirements.txt'}." in findings["ELMo"].message
    assert findings["static vectors"].is_well


def test_caches_are_shown_with_their_limits(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, cache_size_bytes=2 * 1024**3)
    (settings.folder("vectors") / "parsed").write_bytes(bytes(3 * 1024**2))
    open_cache(settings).put_many("hash", [["a"]], [np.ones((1, 8), np.float16)])
    config = ExperimentConfig()
    findings = {}
    for finding in doctor.examine(settings, static=config.static, elmo=config.elmo):
        findings[finding.what] = finding.message
        if finding.what == "hub":
            break
    assert findings["vectors"] == "3.0 MiB of at most 16.0 GiB"
    assert findings["hub"] == "0.0 MiB of at most 4.0 GiB"
    assert findings["embedding cache"].endswith(" of at most 2.0 GiB")
    assert set(MAX_BYTES) <= set(findings)


def test_caches_are_cleared_by_name_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(tmp_path))
    settings = Settings()
    RunStore(settings.store_url).close()
    (settings.folder("datasets") / "mine.csv").write_text("text,label")
    for name in MAX_BYTES:
        (settings.folder(name) / "used").write_bytes(bytes(2 * 1024**2))
        (settings.folder(name) / "free").write_bytes(bytes(1024**2))
    DiskCache("hub", settings).hold("used")
    cache = open_cache(settings)
    cache.put_many("hash", [["a"]], [np.ones((1, 8), np.float16)])

    assert main(["doctor", "--clear-caches"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"deleted  {name}" for name in ("embedding cache", *MAX_BYTES)]
    assert f"deleted  vectors: 3.0 MiB in {tmp_path / 'vectors'}" in lines
    assert f"deleted  hub: 1.0 MiB in {tmp_path / 'hub'}; 2.0 MiB stay, as a program uses them" in lines
    assert cache.missing("hash", [["a"]]) == [0]
    assert (tmp_path / "datasets" / "mine.csv").is_file()
    assert (tmp_path / "runs.sqlite").is_file()
