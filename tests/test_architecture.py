"""Imports point one way: pages → ui → core."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    "core": {"streamlit", "ui", "pages", "dashboard"},
    "ui": {"pages", "dashboard", "tensorflow", "keras", "tensorflow_hub"},
    "pages": {"pages", "dashboard", "tensorflow", "keras", "tensorflow_hub"},
}


def _imports(path: Path) -> Iterator[str]:
    """Top-level packages that a file imports anywhere."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("house", FORBIDDEN)
def test_no_file_imports_against_the_direction(house: str) -> None:
    files = sorted((ROOT / house).rglob("*.py"))
    assert files
    offending = {str(path.relative_to(ROOT)): sorted(set(_imports(path)) & FORBIDDEN[house]) for path in files}
    assert not {path: names for path, names in offending.items() if names}


def test_files_that_say_they_know_no_streamlit_import_none() -> None:
    saying = [
        path for path in (ROOT / "ui").rglob("*.py") if "Nothing in here knows Streamlit" in path.read_text(encoding="utf-8")
    ]
    assert ROOT / "ui" / "charts.py" in saying
    assert [path for path in saying if "streamlit" in set(_imports(path))] == []


def test_the_walk_finds_imports_inside_functions(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text("def f():\n    import streamlit.web\n    from ui.charts import percent\n")
    assert set(_imports(tmp_path / "late.py")) == {"streamlit", "ui"}
