"""What `make lint` says about known vulnerabilities."""

from __future__ import annotations

import json
import subprocess

import pytest

from tools import audit


def found(name: str, *fixes: list[str]) -> dict[str, object]:
    return {"name": name, "version": "1.0", "vulns": [{"id": f"PYSEC-{name}", "fix_versions": versions} for versions in fixes]}


@pytest.mark.parametrize(
    ("dependencies", "status", "words"),
    [
        ([found("good")], 0, "1 packages, 0 to be raised"),
        ([found("good"), found("bad", ["1.1", "1.2"])], 1, "bad 1.0: PYSEC-bad; raise it to 1.2"),
        ([found("hopeless", [])], 0, "no version mends it yet"),
        ([{"name": "unknown", "version": "1.0", "skip_reason": "not found"}], 0, "not done"),
        (None, 0, "not done"),
    ],
)
def test_only_what_can_be_mended_fails(
    dependencies: object, status: int, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = json.dumps({"dependencies": dependencies}) if dependencies is not None else "could not connect"
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess((), 1, output))
    assert audit.main() == status
    assert words in capsys.readouterr().out
