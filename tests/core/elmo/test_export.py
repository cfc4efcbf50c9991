"""Exported and converted modules."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.cli.main import main
from core.embedders.elmo import load_elmo
from core.settings import Settings
from tests.core.elmo.tiny_models import (
    SENTENCES,
    TINY,
    reference_layers,
)


def test_the_module_answers_both_signatures_of_google_elmo_with_the_reference_values(module_folder: Path) -> None:
    import tensorflow as tf
    import tensorflow_hub as hub

    module = hub.load(str(module_folder))
    split = module.signatures["default"](strings=tf.constant(["The plot thickens .", "Good"]))
    given = module.signatures["tokens"](
        tokens=tf.constant([SENTENCES[0], ["Good", "", "", ""]]), sequence_len=tf.constant([4, 1])
    )
    assert set(given) == {"word_emb", "lstm_outputs1", "lstm_outputs2", "elmo", "default"}
    for outputs in (split, given):
        for row, tokens in enumerate(SENTENCES[:2]):
            want = reference_layers(tokens)
            part = slice(0, len(tokens))
            np.testing.assert_allclose(outputs["word_emb"][row, part], want[0, :, : TINY.projection_dim], atol=1e-5)
            np.testing.assert_allclose(outputs["lstm_outputs1"][row, part], want[1], atol=1e-5)
            np.testing.assert_allclose(outputs["lstm_outputs2"][row, part], want[2], atol=1e-5)
            np.testing.assert_allclose(outputs["elmo"][row, part], want.mean(axis=0), atol=1e-5)
            np.testing.assert_allclose(outputs["default"][row], want.mean(axis=0).mean(axis=0), atol=1e-5)


def test_loading_a_module_needs_none_of_our_code(module_folder: Path, tmp_path: Path) -> None:
    code = (
        "import sys, tensorflow as tf; m = tf.saved_model.load(sys.argv[1]);"
        "print(m.signatures['default'](strings=tf.constant(['Good']))['elmo'].shape); assert 'core' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code, module_folder], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"(1, 1, {2 * TINY.projection_dim})"


def test_the_command_line_converts_released_weights(released: tuple[Path, Path], tmp_path: Path, settings: Settings) -> None:
    out = tmp_path / "converted"
    assert main(["convert", *map(str, released), str(out)]) == 0
    (vectors,) = load_elmo(str(out), settings).embed([SENTENCES[0]])
    np.testing.assert_allclose(vectors, reference_layers(SENTENCES[0]).mean(axis=0), atol=1e-5)


@pytest.mark.parametrize("num_layers", [0, 1, 3, 10**9])
def test_a_bilm_with_other_than_two_layers_is_refused_and_leaves_no_folder(
    num_layers: int, released: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads(released[0].read_text())
    content["lstm"]["n_layers"] = num_layers
    (tmp_path / "options.json").write_text(json.dumps(content))
    assert main(["convert", str(tmp_path / "options.json"), str(released[1]), str(tmp_path / "out")]) == 2
    assert str(num_layers) in capsys.readouterr().err or num_layers == 1
    assert not (tmp_path / "out").exists()
