"""Transplants between sentences, with the models of the shipped example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest

from core.elmo.patching import LayerPatcher
from core.embedders.loading import load_embedders
from core.experiment.config import ExperimentConfig
from core.predict.predictor import Predictor
from core.predict.transplant import EXAMPLES, Level, Transplant, find_patcher
from core.settings import Settings
from tests.core.predict.test_predictor import random_head

Make = Callable[[str, str], Transplant]


@pytest.fixture(scope="module")
def patcher() -> LayerPatcher | None:
    return find_patcher(ExperimentConfig())


@pytest.fixture(scope="module")
def make(example: Predictor, patcher: LayerPatcher | None) -> Make:
    def make_it(text: str, donor: str) -> Transplant:
        return Transplant(example, ExperimentConfig(), example.predict(text), example.predict(donor), patcher)

    return make_it


def test_its_own_vector_put_back_changes_exactly_nothing(make: Make) -> None:
    transplant = make("not a good film at all", "not a good film at all")
    assert transplant.levels == ("0", "1", "2")
    for level in transplant.levels:
        outcomes = [transplant.put({position: position}, level) for position in range(6)]
        assert not any(outcome.effects(arm).any() for outcome in outcomes for arm in ("basic", "elmo"))


def test_all_vectors_give_the_prediction_of_the_donor_to_the_last_digit(make: Make, example: Predictor) -> None:
    donor = example.predict("not good at all")
    for text in ("a good film", "It could have been a good film, but it is not."):
        outcome = make(text, "not good at all").put_all()
        for arm in ("basic", "elmo"):
            np.testing.assert_array_equal(outcome.after[arm], donor.logits[arm])
            np.testing.assert_array_equal(outcome.before[arm], example.predict(text).logits[arm])


def test_word_by_word_all_vectors_are_the_donors_too(make: Make, example: Predictor) -> None:
    transplant = make("a good film", "not good enough")
    levels: tuple[Level, ...] = ("0", "2")
    for level in levels:
        outcome = transplant.put({0: 0, 1: 1, 2: 2}, level)
        for arm, expected in example.predict("not good enough").logits.items():
            np.testing.assert_array_equal(outcome.after[arm], expected)


def test_the_same_word_is_the_same_to_static_vectors_and_in_layer_0(make: Make) -> None:
    transplant = make("a good film", "not good at all")
    for level in transplant.levels:
        assert not transplant.put({1: 1}, level).effects("basic").any()
    assert not transplant.put({1: 1}, "0").effects("elmo").any()
    effects = [transplant.put({1: 1}, level).effects("elmo") for level in transplant.levels[1:]]
    assert (np.abs(effects) > 0.01).all()


def test_in_layer_0_another_word_is_what_typing_it_would_be(make: Make, example: Predictor) -> None:
    outcome = make("a good film", "a dull film").put({1: 1}, "0")
    for arm, expected in example.predict("a dull film").logits.items():
        np.testing.assert_array_equal(outcome.after[arm], expected)


def test_up_to_layer_1_the_sentence_as_it_is_has_its_live_answer(make: Make) -> None:
    transplant = make("a good film", "not good at all")
    np.testing.assert_allclose(transplant.put({1: 1}, "1").before["elmo"], transplant.recipient.logits["elmo"], atol=0.01)


def test_words_that_both_sentences_have_are_paired_in_order(make: Make) -> None:
    shared = make("Good actors, a good plot", "a good, good, good film").shared()
    assert shared == {0: 1, 2: 2, 3: 0, 4: 3}  # Good, the comma, a, good


def test_an_arm_that_cannot_read_a_sentence_is_left_out(make: Make) -> None:
    assert make("a good film", "qzxv wvqk").arms == ("elmo",)


@pytest.mark.parametrize("sentences", EXAMPLES, ids=lambda sentences: sentences.donor)
def test_every_example_moves_elmo_to_the_other_side_and_basic_not_at_all(make: Make, sentences: tuple[str, str]) -> None:
    transplant = make(*sentences)
    outcome = transplant.put(transplant.shared(), "2")
    before, after = float(outcome.probs_before("elmo").mean()), float(outcome.probs_after("elmo").mean())
    assert (before - 0.5) * (after - 0.5) < 0
    assert abs(before - after) > 0.2
    assert not outcome.effects("basic").any()


@pytest.mark.parametrize(
    ("mix", "dim", "levels"), [("0", 256, "0"), ("1", 256, "01"), ("mean", 256, "012"), ("learned", 768, "012")]
)
def test_heads_of_any_mix_of_layers_read_transplants(
    mix: Literal["0", "1", "mean", "learned"], dim: int, levels: str, settings: Settings, patcher: LayerPatcher | None
) -> None:
    config = ExperimentConfig(layer_mix=mix)
    head = random_head(1, dim + 50, 256 if mix == "learned" else 0)
    predictor = Predictor(config, {"elmo": [head]}, load_embedders(config, settings, batch_size=1))
    own, donor = predictor.predict("a good film"), predictor.predict("not good at all")
    transplant = Transplant(predictor, config, own, donor, patcher)
    assert "".join(transplant.levels) == levels
    np.testing.assert_array_equal(transplant.put_all().after["elmo"], donor.logits["elmo"])
    effects = {level: transplant.put({1: 1}, level) for level in transplant.levels}
    assert not effects["0"].effects("elmo").any()
    assert all(effects[level].effects("elmo").any() for level in transplant.levels[1:])
    for outcome in effects.values():
        np.testing.assert_allclose(outcome.before["elmo"], own.logits["elmo"], rtol=0.01, atol=0.05)


def test_without_the_weights_the_lower_layer_is_left_out(example: Predictor) -> None:
    prediction = example.predict("a good film")
    assert Transplant(example, ExperimentConfig(), prediction, prediction, None).levels == ("0", "2")
    assert find_patcher(ExperimentConfig(elmo="https://example.org/elmo")) is None
    assert find_patcher(ExperimentConfig(arms=("basic",))) is None
