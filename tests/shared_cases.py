"""Small files in forms that people really have; they stand beside the repository on some machines only."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.files import ROOT


def case_path(name: str) -> Path:
    """The file of that name; where it is missing, the test is skipped, and another one with a file of its own says the same."""
    path = ROOT.parent / "shared" / "cases" / name
    if not path.is_file():
        pytest.skip(f"{name} is not on this machine")
    return path
