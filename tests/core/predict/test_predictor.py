from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import FloatArray
from core.embedders.static import StaticEmbedder
from core.errors import UserError
from core.experiment.config import ExperimentConfig, HeadConfig, Pooling
from core.predict.predictor import Predictor, describe_prob


class LetterEmbedder:
    """Counts of the letters of a word; words with a digit are unknown."""

    name = fingerprint = "letters"

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def embed(self, sentences: Sequence[Sequence[str]]) -> list[FloatArray]:
        return [np.array([self._vector(word) for word in words], np.float32).reshape(-1, self.dim) for words in sentences]

    def _vector(self, word: str) -> FloatArray:
        vector = np.zeros(self.dim, np.float32)
        if not any(character.isdigit() for character in word):
            for character in word:
                vector[ord(character) % self.dim] += 1.1  # not exact in float16
        return vector


def random_head(seed: int, dim: int, mix_dim: int = 0) -> dict[str, FloatArray]:
    from core.classifier.model import init_weights

    rng = np.random.default_rng(seed)
    head = init_weights(rng, dim, mix_dim)
    if mix_dim:
        head["mix/weights"] = rng.normal(size=3).astype(np.float32)
        head["mix/gamma"] = np.array(1.5, np.float32)
    mean, scale = rng.normal(size=dim).astype(np.float32), rng.uniform(0.5, 2, dim).astype(np.float32)
    return head | {"input/mean": mean, "input/scale": scale}


def make_predictor(config: ExperimentConfig | None = None) -> Predictor:
    heads = {"basic": [random_head(seed, 7) for seed in range(3)], "elmo": [random_head(seed, 12) for seed in range(2)]}
    return Predictor(config or ExperimentConfig(), heads, {"static": LetterEmbedder(7), "elmo": LetterEmbedder(5)})


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("film x9", ()),
        ("x9 z8", ("basic",)),
        ("x9.", ("basic",)),
        ("!!!", ()),
        ("x9 :)", ("basic",)),
    ],
)
def test_a_model_that_knows_no_word_of_a_text_says_nothing_about_it(text: str, unread: tuple[str, ...]) -> None:
    prediction = make_predictor().predict(text)
    assert prediction.unread == unread
    assert set(prediction.probs) == {"basic", "elmo"} - set(unread)


def test_emoji_that_the_static_vectors_do_not_know_are_read_by_no_model() -> None:
    heads = {"basic": [random_head(0, 2)], "elmo": [random_head(0, 7)]}
    static = StaticEmbedder(name="s", fingerprint="s", words=["film"], vectors=np.ones((1, 2), np.float32))
    prediction = Predictor(ExperimentConfig(), heads, {"static": static, "elmo": LetterEmbedder(5)}).predict("😂😂💩")
    assert (prediction.unread, prediction.probs) == (("basic", "elmo"), {})


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_a_sentence_is_predicted_as_a_test_review_would_be(pooling: Pooling) -> None:
    from core.classifier.model import Head

    predictor = make_predictor(ExperimentConfig(head=HeadConfig(pooling=pooling)))
    probs = predictor.predict("A truly great film").probs
    words = ["A", "truly", "great", "film"]
    static, elmo = (LetterEmbedder(dim).embed([words])[0] for dim in (7, 5))
    for arm, vectors in {"basic": static, "elmo": np.concatenate([elmo, static], axis=1)}.items():
        num_heads = {"basic": 3, "elmo": 2}[arm]
        expected = [
            Head.from_arrays(random_head(seed, vectors.shape[1]), pooling=pooling).predict([vectors.astype(np.float16)])[0]
            for seed in range(num_heads)
        ]
        np.testing.assert_allclose(probs[arm], expected, atol=1e-6)
        assert probs[arm].dtype == np.float32


def test_tokens_have_their_spans_and_unknown_words_are_marked() -> None:
    text = "Great b4d film!"
    prediction = make_predictor().predict(text)
    assert [text[token.start : token.end] for token in prediction.tokens] == ["Great", "b4d", "film", "!"]
    assert prediction.known == [True, False, True, True]
    assert prediction.num_cut == 0


def test_a_long_text_is_cut_and_says_by_how_much() -> None:
    predictor = make_predictor(ExperimentConfig(max_tokens=8))
    long = predictor.predict("good " * 10_000)
    assert (len(long.tokens), len(long.known), long.num_cut) == (8, 8, 9992)
    np.testing.assert_array_equal(long.probs["elmo"], predictor.predict("good " * 8).probs["elmo"])


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(UserError) as error:
        make_predictor().predict(text)
    assert error.value.code == "text-empty"


def test_emoji_are_read() -> None:
    assert make_predictor().predict("🙂🙂").probs["basic"].shape == (3,)


def test_many_texts_at_once_are_predicted_as_one_by_one() -> None:
    predictor = make_predictor(ExperimentConfig(max_tokens=8))
    texts = ["great", "a b4d film", "so " * 20 + "dull"]
    probs = predictor.predict_many([text.split() for text in texts])
    for arm, values in probs.items():
        expected = np.stack([predictor.predict(text).probs[arm] for text in texts], axis=1)  # (num_heads, num_texts)
        np.testing.assert_allclose(values, expected, atol=1e-6)


def test_only_the_arms_with_heads_are_predicted() -> None:
    predictor = Predictor(ExperimentConfig(), {"basic": [random_head(0, 7)], "elmo": []}, {"static": LetterEmbedder(7)})
    assert set(predictor.predict("fine").probs) == {"basic"}


def test_threads_get_the_same_predictions_as_one_after_another() -> None:
    predictor = make_predictor()
    texts = [f"{'very ' * i}good" for i in range(20)]
    expected = [predictor.predict(text).probs["elmo"] for text in texts]
    found: dict[int, FloatArray] = {}

    def predict_all() -> None:
        for i, text in enumerate(texts):
            found[i] = predictor.predict(text).probs["elmo"]
            np.testing.assert_array_equal(found[i], expected[i])

    threads = [threading.Thread(target=predict_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(texts)


def test_a_text_is_embedded_once_for_all_heads_of_both_arms(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    embed = LetterEmbedder.embed

    def note_dims(embedder: LetterEmbedder, sentences: Sequence[Sequence[str]]) -> list[FloatArray]:
        read.append(embedder.dim)
        return embed(embedder, sentences)

    monkeypatch.setattr(LetterEmbedder, "embed", note_dims)
    probs = make_predictor().predict("word " * 20).probs
    assert {arm: len(of_heads) for arm, of_heads in probs.items()} == {"basic": 3, "elmo": 2}
    assert sorted(read) == [5, 7]


def test_predicting_needs_no_tensorflow() -> None:
    program = "import sys, core.predict.predictor; sys.exit('tensorflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    ("prob", "word"),
    [
        (1.0, "very positive"),
        (0.95, "very positive"),
        (0.8, "positive"),
        (0.6, "slightly positive"),
        (0.5, "undecided"),
        (0.41, "undecided"),
        (0.35, "slightly negative"),
        (0.2, "negative"),
        (0.0, "very negative"),
    ],
)
def test_a_probability_has_a_plain_word(prob: float, word: str) -> None:
    assert describe_prob(prob) == word


@given(st.floats(0, 1))
def test_words_mirror_around_one_half(prob: float) -> None:
    swapped = describe_prob(1 - prob).replace("positive", "#").replace("negative", "positive").replace("#", "negative")
    assert describe_prob(prob) == swapped or min(abs(prob - edge) for edge in (0.05, 0.25, 0.4, 0.6, 0.75, 0.95)) < 1e-9
