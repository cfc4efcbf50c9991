"""Models that leave the store as a folder, and come back to predict."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.analysis.outcomes import load_outcomes
from core.arrays import FloatArray, pack_arrays, unpack_arrays
from core.cli.main import main
from core.errors import UserError
from core.example import EXAMPLE_ID, open_store
from core.experiment.config import ExperimentConfig
from core.exports.model_card import model_card
from core.exports.model_folder import load_model, model_files, to_zip, write_model
from core.predict.predictor import load_predictor, trained_heads
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from core.tokens import token_texts
from tests.core.challenges.small_reports import make_head

TEXTS = ["Not bad at all.", "A dull, awful film", "Great fun " * 40]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data"), example=True)


@pytest.fixture(scope="module")
def store(settings: Settings) -> Iterator[RunStore]:
    """With the shipped example, whose models are trained."""
    store = open_store(settings)
    yield store
    store.close()


@pytest.fixture(scope="module")
def exported(store: RunStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models of the example."""
    run = store.get_run(EXAMPLE_ID)
    folder = tmp_path_factory.mktemp("exported") / "new" / "models"
    write_model(model_files(run, trained_heads(run, store), "card"), folder)
    return folder


def test_exported_models_predict_what_the_run_predicts_to_the_last_digit(
    exported: Path, store: RunStore, settings: Settings, tmp_path: Path
) -> None:
    predictor = load_predictor(store.get_run(EXAMPLE_ID), store, settings)
    model, loaded = load_model(exported, Settings(data_dir=tmp_path))  # somebody else's
    assert (model.run, model.config) == (EXAMPLE_ID, store.get_run(EXAMPLE_ID).config)
    for text in TEXTS:
        expected = predictor.predict(text)
        found = loaded.predict(text)
        assert list(found.probs) == ["basic", "elmo"]
        for arm, probs in expected.probs.items():
            np.testing.assert_array_equal(found.probs[arm], probs)
    tokens = [token_texts(text) for text in TEXTS]
    for arm, logits in predictor.logits_of_many(tokens).items():
        np.testing.assert_array_equal(loaded.logits_of_many(tokens)[arm], logits)


def test_the_command_line_exports_models_and_predicts_with_them(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("ELMO_LENS_EXAMPLE", "1")
    folder = tmp_path / "my models"
    assert main(["export-model", EXAMPLE_ID, str(folder)]) == 0
    assert f"--model '{folder}'" in capsys.readouterr().out
    assert main(["predict", "--run", EXAMPLE_ID, TEXTS[0]]) == 0
    by_run = capsys.readouterr().out.splitlines()
    assert main(["predict", "--model", str(folder), TEXTS[0]]) == 0
    by_model = capsys.readouterr().out.splitlines()
    assert by_model[1:] == by_run[1:]
    assert main(["export-model", EXAMPLE_ID, str(folder)]) == 2
    assert "--replace" in capsys.readouterr().err


def test_the_card_says_what_the_models_are_and_how_good(store: RunStore, settings: Settings) -> None:
    run = store.get_run(EXAMPLE_ID)
    card = model_card(run, load_outcomes(run, store, settings))
    accuracies = store.trials.accuracies(run)
    for arm, title in (("basic", "Basic"), ("elmo", "ELMo")):
        assert f"| {title} | {run.config.num_trials} | {accuracies[arm].mean() * 100:.1f} % | " in card
    for said in (
        "IMDB",
        "500 labelled reviews",
        "1,000 reviews",
        "glove-6b-50d",
        "elmo-mini (layer 2)",
        "first 512",
        "## Limits",
    ):
        assert said in card


def test_a_packed_folder_has_the_same_files(exported: Path) -> None:
    files = {path.name: path.read_bytes() for path in exported.iterdir()}
    with zipfile.ZipFile(io.BytesIO(to_zip(files, "mine"))) as archive:
        assert {name: archive.read(f"mine/{name}") for name in files} == files
        assert len(archive.namelist()) == len(files) == 3


def small_folder(path: Path, head: dict[str, FloatArray] | None = None, **options: Any) -> Path:
    """Made-up models of one arm, as `model_files` writes them."""
    store = RunStore(Settings(data_dir=path / "data").store_url)
    run: Run = store.create_run(ExperimentConfig(**{"arms": ("basic",), **options}))
    store.close()
    write_model(model_files(run, {"basic": [make_head(0) if head is None else head]}, "card"), path / "models")
    return path / "models"


def change_json(folder: Path, **changes: Any) -> None:
    model = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**model, **changes}))


def refusal(folder: Path, tmp_path: Path, **sources: Any) -> UserError:
    with pytest.raises(UserError) as error:
        load_model(folder, Settings(data_dir=tmp_path / "data"), **sources)
    return error.value


def test_other_vectors_than_those_of_the_training_are_refused(tmp_path: Path) -> None:
    folder = small_folder(tmp_path)
    change_json(folder, provenance={"static": "static-of-another-file"})
    error = refusal(folder, tmp_path)
    assert error.code == "provenance-changed"
    assert str(error).startswith(f"The models in {folder} cannot be used, because the static vectors changed")


@pytest.mark.parametrize(
    "options", [{"static": "vectors.txt"}, {"arms": ("basic", "elmo"), "elmo": "https://example.org/evil/module"}]
)
def test_vectors_are_not_loaded_because_a_folder_names_them(
    options: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.predict.predictor.load_embedders", lambda *_, **__: pytest.fail("something was loaded"))
    error = refusal(small_folder(tmp_path, **options), tmp_path)
    assert error.code == "vectors-unsaid"
    assert "example.org" not in str(error)


def test_vectors_that_are_said_are_loaded(tmp_path: Path) -> None:
    vectors = tmp_path / "somewhere else.txt"
    vectors.write_text("".join(f"{word} {' '.join(['0.5'] * 50)}\n" for word in ("film", "fun", "dull")))
    _, predictor = load_model(small_folder(tmp_path, static="vectors.txt"), Settings(data_dir=tmp_path), static=str(vectors))
    assert predictor.predict("film zzz").known == [True, False]


def nothing_else(folder: Path) -> None:
    (folder / "model.json").unlink()


def half_of_the_weights(folder: Path) -> None:
    (folder / "heads.npz").write_bytes((folder / "heads.npz").read_bytes()[:-3000])


def a_later_version(folder: Path) -> None:
    change_json(folder, version=2)


def an_impossible_config(folder: Path) -> None:
    change_json(folder, config={"max_tokens": -1})


def weights_that_are(folder: Path, **changes: FloatArray) -> None:
    weights = unpack_arrays((folder / "heads.npz").read_bytes())
    (folder / "heads.npz").write_bytes(pack_arrays({**weights, **{f"basic/1/{name}": each for name, each in changes.items()}}))


def infinite_weights(folder: Path) -> None:
    weights_that_are(folder, **{"conv/bias": np.full(64, np.inf, np.float32)})


def weights_of_another_shape(folder: Path) -> None:
    weights_that_are(folder, **{"conv/bias": np.zeros(63, np.float32)})


def no_weights(folder: Path) -> None:
    (folder / "heads.npz").write_bytes(pack_arrays({}))


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (nothing_else, "model-unreadable"),
        (half_of_the_weights, "model-damaged"),
        (a_later_version, "model-damaged"),
        (an_impossible_config, "model-damaged"),
        (infinite_weights, "model-damaged"),
        (weights_of_another_shape, "model-damaged"),
        (no_weights, "model-damaged"),
    ],
)
def test_a_damaged_folder_is_one_sentence(damage: Any, code: str, tmp_path: Path) -> None:
    folder = small_folder(tmp_path)
    damage(folder)
    assert refusal(folder, tmp_path).code == code


def test_heads_for_vectors_of_another_width_are_damaged(tmp_path: Path) -> None:
    vectors = tmp_path / "narrow.txt"
    vectors.write_text("film 0.1 0.2\nfun 0.2 0.1\n")
    error = refusal(small_folder(tmp_path, static="narrow.txt"), tmp_path, static=str(vectors))
    assert (error.code, "50 numbers instead of 2" in str(error)) == ("model-damaged", True)
