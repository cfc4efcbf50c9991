"""What is drawn for every word of a text."""

from __future__ import annotations

import numpy as np

from core.predict.occlusion import Attribution
from core.predict.predictor import Prediction
from core.tokens import tokenise
from ui.probe.word_rows import drawing


def prediction(text: str, *, unknown: tuple[str, ...] = ()) -> Prediction:
    tokens = tokenise(text)
    known = [token.text not in unknown for token in tokens]
    logits = {"basic": np.array([1.0, 1.0], np.float32), "elmo": np.array([-1.0, -1.0], np.float32)}
    return Prediction(tokens=tokens, known=known, logits=logits, num_cut=0)


def attribution(of: Prediction, effect: float) -> Attribution:
    """Every word has this effect in every head."""
    without = {arm: np.repeat(logits[:, np.newaxis] - effect, len(of.tokens), axis=1) for arm, logits in of.logits.items()}
    return Attribution(of, without)


def test_every_word_has_a_chip_per_arm_in_their_order() -> None:
    whole = prediction("A bad film")
    drawn = drawing(whole, attribution(whole, 0.25), chosen=1)
    assert [arm["title"] for arm in drawn["arms"]] == ["Basic", "ELMo"]
    assert [token["text"] for token in drawn["tokens"]] == ["A", "bad", "film"]
    assert [chip["text"] for chip in drawn["tokens"][0]["chips"]] == ["+0.3", "+0.3"]
    assert drawn["chosen"] == 1


def test_an_unknown_word_is_so_in_the_static_row_only() -> None:
    whole = prediction("A blorptastic film", unknown=("blorptastic",))
    chips = drawing(whole, attribution(whole, 0.25), None)["tokens"][1]["chips"]
    assert [chip["isUnknown"] for chip in chips] == [True, False]
    assert [chip["text"] for chip in chips] == ["? +0.3", "+0.3"]


def test_the_exact_numbers_are_told_in_words() -> None:
    whole = prediction("bad film")
    about = drawing(whole, attribution(whole, 2.0), None)["tokens"][0]["about"]
    assert about == (
        ": Basic 73.1 % with it, 26.9 % without, log-odds +2.0; single models +2.0 to +2.0. "
        "ELMo 26.9 % with it, 4.7 % without, log-odds +2.0; single models +2.0 to +2.0."
    )


def test_without_effects_the_words_are_there_and_say_what_is_unknown() -> None:
    drawn = drawing(prediction("A blorptastic film", unknown=("blorptastic",)), None, None)
    assert not drawn["hasEffects"]
    assert [chip["text"] for chip in drawn["tokens"][1]["chips"]] == ["?", ""]
    assert drawn["tokens"][1]["about"] == ", unknown to the static vectors"
