"""Exported and converted modules, and the embedder on any module with google/elmo's contract."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.cli.main import main
from core.embedders.elmo import load_elmo
from core.errors import UserError
from core.settings import Settings
from tests.core.elmo.reference import elmo_layers
from tests.core.elmo.tiny_models import TINY, random_weights, write_released, write_tf1_hub_module

SENTENCES = [["The", "plot", "thickens", "."], ["Good"], ["a" * 60, "👩‍🚀", "é"], []]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_released(tmp_path_factory.mktemp("released"), TINY, random_weights(TINY))


@pytest.fixture(scope="module")
def module_folder(released: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    from core.elmo.export import export_hub_module
    from core.elmo.weights import load_weights

    folder = tmp_path_factory.mktemp("module")
    export_hub_module(load_weights(released[1], TINY), folder)
    return folder


@pytest.fixture(scope="module")
def tf1_folder(released: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tf1") / "module"
    write_tf1_hub_module(folder, released[1], TINY)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def _layers(tokens: list[str]) -> Any:
    return elmo_layers(tokens, random_weights(TINY), TINY)


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
            want = _layers(tokens)
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


@pytest.mark.parametrize("kind", ["split", "tf1"])
def test_the_embedder_gives_the_reference_values(kind: str, module_folder: Path, tf1_folder: Path, settings: Settings) -> None:
    folder = str(module_folder if kind == "split" else tf1_folder)
    mean, top, learned = (load_elmo(folder, settings, layer_mix=mix, batch_size=2) for mix in ("mean", "2", "learned"))
    assert (mean.dim, top.dim, learned.dim) == (10, 10, 30)
    for tokens, *got in zip(SENTENCES, *(each.embed(SENTENCES) for each in (mean, top, learned)), strict=True):
        if not tokens:
            assert [each.shape for each in got] == [(0, 10), (0, 10), (0, 30)]
            continue
        want = _layers(tokens)
        np.testing.assert_allclose(got[0], want.mean(axis=0), atol=1e-5)
        np.testing.assert_allclose(got[1], want[2], atol=1e-5)
        np.testing.assert_allclose(got[2], np.concatenate(list(want), axis=-1), atol=1e-5)
        assert all(each.dtype == np.float32 for each in got)


def test_the_sentences_beside_it_never_change_the_stored_vectors_of_a_sentence(module_folder: Path, settings: Settings) -> None:
    embedder = load_elmo(str(module_folder), settings)
    together = embedder.embed(SENTENCES)
    for tokens, vectors in zip(SENTENCES, together, strict=True):
        (alone,) = embedder.embed([tokens])
        assert np.array_equal(vectors.astype(np.float16), alone.astype(np.float16))


@pytest.mark.parametrize(("num_sentences", "num_rows"), [(3, [8]), (16, [16]), (70, [64, 8])])
def test_calls_that_are_filled_up_to_steps_have_few_rows_and_the_same_vectors_within_rounding(
    module_folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, num_sentences: int, num_rows: list[int]
) -> None:
    whole = load_elmo(str(module_folder), settings, batch_size=32)
    fitted = whole.with_batch_size(64, step=8)
    sentences = [["film", *(["very"] * (i % 12)), "good"] for i in range(num_sentences)]
    rows: list[int] = []
    run_split = fitted._run_split

    def count_rows(batch: list[list[str]]) -> Any:
        rows.append(len(batch))
        return run_split(batch)

    monkeypatch.setattr(fitted, "_run_split", count_rows)
    for vectors, expected in zip(fitted.embed(sentences), whole.embed(sentences), strict=True):
        np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert rows == num_rows


def test_layer_mixes_have_different_fingerprints_and_the_same_files_the_same_one(module_folder: Path, settings: Settings) -> None:
    prints = [load_elmo(str(module_folder), settings, layer_mix=mix).fingerprint for mix in ("mean", "0", "mean")]
    assert prints[0] == prints[2] != prints[1]


def test_a_module_is_loaded_once_for_all_mixes_and_anew_once_its_files_change(
    module_folder: Path, tmp_path: Path, settings: Settings
) -> None:
    folder = shutil.copytree(module_folder, tmp_path / "module")
    mean, top = (load_elmo(str(folder), settings, layer_mix=mix) for mix in ("mean", "2"))
    assert mean._module is top._module
    (folder / "variables" / "one-more").write_text("a file that was not there")
    assert load_elmo(str(folder), settings)._module is not mean._module


def test_the_command_line_converts_released_weights(released: tuple[Path, Path], tmp_path: Path, settings: Settings) -> None:
    out = tmp_path / "converted"
    assert main(["convert", *map(str, released), str(out)]) == 0
    (vectors,) = load_elmo(str(out), settings).embed([SENTENCES[0]])
    np.testing.assert_allclose(vectors, _layers(SENTENCES[0]).mean(axis=0), atol=1e-5)


def test_released_weights_come_back_from_a_model_unchanged(released: tuple[Path, Path], tmp_path: Path) -> None:
    import h5py

    from core.elmo.weights import load_weights, save_weights

    save_weights(load_weights(released[1], TINY), tmp_path / "again.hdf5")
    with h5py.File(tmp_path / "again.hdf5") as file:
        for name, value in random_weights(TINY).items():
            assert np.array_equal(file[name], value), name


@pytest.mark.parametrize(
    ("source", "code"), [("/nowhere/elmo", "elmo-missing"), ("https://localhost:9/elmo/3", "elmo-unloadable")]
)
def test_a_module_that_cannot_be_reached_is_refused_with_its_name(source: str, code: str, settings: Settings) -> None:
    with pytest.raises(UserError, match=source) as error:
        load_elmo(source, settings)
    assert error.value.code == code


def test_a_module_that_is_no_elmo_is_refused(tmp_path: Path, settings: Settings) -> None:
    import tensorflow as tf

    tf.saved_model.save(tf.Module(), str(tmp_path / "other"))
    with pytest.raises(UserError) as error:
        load_elmo(str(tmp_path / "other"), settings)
    assert error.value.code == "elmo-no-signature"


def test_a_damaged_module_is_refused(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"not a protobuf")
    with pytest.raises(UserError) as error:
        load_elmo(str(tmp_path), settings)
    assert error.value.code == "elmo-unloadable"


def test_options_and_weights_that_do_not_belong_together_are_refused(released: tuple[Path, Path]) -> None:
    from dataclasses import replace

    from core.elmo.weights import load_weights

    with pytest.raises(UserError) as error:
        load_weights(released[1], replace(TINY, cell_dim=8))
    assert error.value.code == "elmo-weights-mismatch"
    with pytest.raises(UserError) as error:
        load_weights(released[1], replace(TINY, num_highway=3))
    assert error.value.code == "elmo-weights-incomplete"
    with pytest.raises(UserError) as error:
        load_weights(released[0], TINY)
    assert error.value.code == "elmo-weights-unreadable"
