"""Transplants with heads that were trained here, on the bundled ELMo; and with every mix of a tiny ELMo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.embedders.elmo import load_elmo
from core.embedders.loading import load_embedder
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.predict.predictor import Predictor
from core.predict.text_vectors import Part, TextVectors
from core.predict.transplant import change_all, mean_logits, similarity, transplant
from core.settings import Settings
from tests.core.predict.test_predictor import random_head

DONOR, HOST = "not good at all", "a good film"
GOOD = {1: 1}  # where "good" stands in both
EVERYTHING: tuple[Part, ...] = ("static", "0", "1", "2")
STATIC_DIM = 50  # of the packaged GloVe vectors


@pytest.fixture(params=["mean", "0", "1", "2", "learned"])
def predictor(request: pytest.FixtureRequest, module_folder: Path, tmp_path: Path) -> Predictor:
    """Random heads on the packaged static vectors and a tiny ELMo."""
    config = ExperimentConfig(layer_mix=request.param, elmo=str(module_folder))
    settings = Settings(data_dir=tmp_path)
    elmo = load_elmo(config.elmo, settings, layer_mix=config.layer_mix, batch_size=1)
    layers = load_elmo(config.elmo, settings, layer_mix="learned", batch_size=1)
    mix_dim = layers.dim // 3 if config.layer_mix == "learned" else 0
    heads = {
        "basic": [random_head(seed, STATIC_DIM) for seed in range(2)],
        "elmo": [random_head(seed, elmo.dim + STATIC_DIM, mix_dim) for seed in range(2)],
    }
    return Predictor(config, heads, {"static": load_embedder("static", config, settings), "elmo": elmo}, layers=layers)


def assert_same(predictor: Predictor, one: TextVectors, other: TextVectors) -> None:
    theirs = predictor.logits_of(other)
    for arm, logits in predictor.logits_of(one).items():
        np.testing.assert_array_equal(logits, theirs[arm])


def test_vectors_layer_by_layer_give_the_prediction_of_the_text_to_the_last_digit(predictor: Predictor) -> None:
    for text in (HOST, DONOR, "A blorptastic film , and not good at all ! " * 3):
        for arm, logits in predictor.logits_of(predictor.vectors(text)).items():
            np.testing.assert_array_equal(logits, predictor.predict(text).logits[arm])


def test_a_word_that_gets_its_own_vectors_back_changes_exactly_nothing(predictor: Predictor) -> None:
    host = predictor.vectors(HOST)
    for part in EVERYTHING:
        assert_same(predictor, transplant(host, host, GOOD, [part]), host)
    assert_same(predictor, transplant(host, host, GOOD, EVERYTHING), host)
    assert_same(predictor, transplant(host, predictor.vectors(HOST), GOOD, EVERYTHING), host)


def test_all_vectors_of_the_donor_give_its_prediction_to_the_last_digit(predictor: Predictor) -> None:
    donor, host = predictor.vectors("not good ."), predictor.vectors(HOST)
    moved = transplant(donor, host, {place: place for place in range(3)}, EVERYTHING)
    for arm, logits in predictor.logits_of(moved).items():
        np.testing.assert_array_equal(logits, predictor.predict("not good .").logits[arm])


def test_the_static_model_and_layer_0_feel_nothing_of_the_same_word_from_another_sentence(predictor: Predictor) -> None:
    donor, host = predictor.vectors(DONOR), predictor.vectors(HOST)
    before = predictor.logits_of(host)
    whole = predictor.logits_of(transplant(donor, host, GOOD, EVERYTHING))
    np.testing.assert_array_equal(whole["basic"], before["basic"])
    assert_same(predictor, transplant(donor, host, GOOD, ["static", "0"]), host)


def test_a_layer_changes_something_if_and_only_if_the_models_read_it(predictor: Predictor) -> None:
    donor, host = predictor.vectors(DONOR), predictor.vectors(HOST)
    before = mean_logits(predictor, host)["elmo"]
    for layer in ("1", "2"):
        after = mean_logits(predictor, transplant(donor, host, GOOD, [layer]))["elmo"]
        assert (after != before) == (layer in host.parts_read())
    assert host.parts_read()[0] == "static"


def test_every_word_into_every_word_is_as_one_by_one(predictor: Predictor) -> None:
    donor, host = predictor.vectors(DONOR), predictor.vectors(HOST)
    changes = change_all(predictor, donor, host, EVERYTHING)
    before, after = (mean_logits(predictor, each) for each in (host, transplant(donor, host, {2: 0}, EVERYTHING)))
    for arm, values in changes.items():
        assert values.shape == (4, 3)
        assert values[0, 2] == after[arm] - before[arm]
    assert changes["basic"][1, 1] == 0


def test_models_without_elmo_have_vectors_without_layers(tmp_path: Path) -> None:
    static = load_embedder("static", ExperimentConfig(), Settings(data_dir=tmp_path))
    basic = Predictor(ExperimentConfig(arms=("basic",)), {"basic": [random_head(0, STATIC_DIM)]}, {"static": static})
    vectors = basic.vectors(HOST)
    assert (vectors.layers, vectors.parts_read(), list(vectors.as_read())) == (None, ["static"], ["static"])
    with pytest.raises(ValueError, match="without ELMo"):
        vectors.of("0")
    moved = transplant(basic.vectors(DONOR), vectors, GOOD, EVERYTHING)
    assert mean_logits(basic, moved) == mean_logits(basic, vectors)
    with pytest.raises(UserError) as error:
        basic.vectors(" ")
    assert error.value.code == "text-empty"


def test_similarity_is_a_cosine_and_exactly_1_for_the_same_vector() -> None:
    vector = np.array([0.1, 0.2, 0.3], np.float32)
    assert similarity(vector, vector.copy()) == 1
    assert similarity(vector, -2 * vector) == pytest.approx(-1)
    assert np.isnan(similarity(np.zeros(3, np.float32), vector))
