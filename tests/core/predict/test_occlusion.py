"""Leaving out words, on heads trained with both bundled models."""

from __future__ import annotations

import numpy as np
import pytest

from core.predict.occlusion import Attribution, leave_out, occlude
from core.predict.predictor import Prediction, Predictor
from core.tokens import tokenise
from tests.core.classifier.trained import train_predictor

ARMS = ("basic", "elmo")


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return train_predictor(tmp_path_factory.mktemp("data"))


def explain(predictor: Predictor, text: str) -> Attribution:
    *_, last = occlude(predictor, predictor.predict(text))
    assert last.attribution
    return last.attribution


@pytest.mark.parametrize("arm", ARMS)
def test_the_word_that_praises_or_blames_has_the_largest_effect_to_its_side(predictor: Predictor, arm: str) -> None:
    for word, sign in (("lovely", 1), ("great", 1), ("awful", -1), ("dull", -1)):
        text = f"a {word} film it was"
        effects = explain(predictor, text).effects(arm)
        assert np.argmax(np.abs(effects)) == text.split().index(word)
        assert np.sign(effects[1]) == sign
        assert np.sign(effects.sum()) == sign


@pytest.mark.parametrize("arm", ARMS)
def test_effects_are_those_of_predicting_each_shorter_text_alone(predictor: Predictor, arm: str) -> None:
    text = "a dull plot , a blorptastic but lovely film"
    attribution = explain(predictor, text)
    whole = predictor.predict(text)
    for position in range(len(text.split())):
        shorter = predictor.predict(" ".join(leave_out(text.split(), position)))
        np.testing.assert_allclose(attribution.head_effects(arm)[:, position], whole.logits[arm] - shorter.logits[arm], atol=2e-2)
        np.testing.assert_allclose(attribution.probs_without(arm)[:, position], shorter.probs[arm], atol=2e-3)


@pytest.mark.parametrize("arm", ARMS)
def test_equal_words_have_equal_effects_whatever_their_place(predictor: Predictor, arm: str) -> None:
    effects = explain(predictor, "great great great great great great").effects(arm)
    np.testing.assert_allclose(effects, effects[0], atol=2e-2)


def test_an_unknown_word_has_a_vector_in_context_only(predictor: Predictor) -> None:
    attribution = explain(predictor, "a lovely blorptastic film")
    assert attribution.prediction.known == [True, True, False, True]


@pytest.mark.parametrize("arm", ARMS)
def test_one_word_is_compared_to_no_word_at_all(predictor: Predictor, arm: str) -> None:
    attribution = explain(predictor, "lovely")
    nothing = predictor.logits_of_many([[]])[arm][:, 0]
    np.testing.assert_allclose(attribution.head_effects(arm)[:, 0], attribution.prediction.logits[arm] - nothing, atol=1e-6)


def test_a_model_that_is_as_sure_without_a_word_still_says_what_the_word_does() -> None:
    """Log-odds of 12 and of 17 are both 100.0 %."""
    whole = Prediction(tokens=tokenise("great"), known=[True], logits={"basic": np.array([17.0], np.float32)}, num_cut=0)
    attribution = Attribution(whole, {"basic": np.array([[12.0]], np.float32)})
    assert attribution.probs_without("basic")[0, 0] == pytest.approx(whole.probs["basic"][0], abs=1e-4)
    assert attribution.effects("basic").tolist() == [5.0]


def test_a_long_text_is_done_step_by_step_and_says_how_far_it_is(predictor: Predictor) -> None:
    steps = list(occlude(predictor, predictor.predict("a fine film " * 30)))
    assert len(steps) > 1
    assert [step.num_done for step in steps] == sorted({step.num_done for step in steps})
    assert steps[-1].num_done == steps[-1].num_tokens == 90
    assert [step.attribution is not None for step in steps] == [False] * (len(steps) - 1) + [True]
    assert steps[-1].attribution is not None
    assert steps[-1].attribution.logits_without["elmo"].shape == (2, 90)
