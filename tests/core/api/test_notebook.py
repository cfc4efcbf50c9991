"""The notebook of the documents runs, and its outputs are there."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from core.files import ROOT

NOTEBOOK = ROOT / "docs" / "python.ipynb"


def test_the_notebook_runs_and_shows_what_it_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(tmp_path))
    written = nbformat.read(NOTEBOOK, as_version=4)
    executed = NotebookClient(nbformat.from_dict(written), timeout=600, resources={"metadata": {"path": str(ROOT)}}).execute()

    assert all(kinds_of_outputs(written))
    assert kinds_of_outputs(executed) == kinds_of_outputs(written)


def kinds_of_outputs(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """Of each cell with code, without what TensorFlow says to whoever starts it."""
    return [
        [output.output_type for output in cell.outputs if output.get("name") != "stderr"]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
