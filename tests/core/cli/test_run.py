"""What `run` says of a finished run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.main import main
from core.settings import Settings
from core.store.run_store import RunStore
from tests.core.store.stored import finished_run


@pytest.mark.parametrize(("labels", "num_sentences"), [((1, 0, 0), 2), ((0, 0, 0), 0)])
def test_a_run_with_uneven_classes_says_what_accuracy_hides(
    labels: tuple[int, ...],
    num_sentences: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(tmp_path))
    store = RunStore(Settings(data_dir=tmp_path).store_url)
    run = finished_run(store)
    store.set_draws(run.id, ["a", "b", "c"], labels)
    store.close()
    assert main(["run", "--resume", run.id, "--json", str(tmp_path / "out.json")]) == 0
    out = capsys.readouterr().out
    assert sum(line.startswith(("Balanced accuracy", "Macro-F1")) for line in out.splitlines()) == num_sentences
    assert (json.loads((tmp_path / "out.json").read_text())["uneven_classes"] is not None) == bool(num_sentences)
