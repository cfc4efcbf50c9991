"""What the doctor says of an installation that is not as it should be; of a good one see the command line's tests."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from core.cli import doctor
from core.experiment.config import ExperimentConfig
from core.files import ROOT
from core.settings import Settings


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
