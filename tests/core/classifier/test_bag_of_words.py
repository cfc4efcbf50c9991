"""The bag of words that every run trains as a reference."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from core.arrays import DoubleArray
from core.classifier.bag_of_words import STRENGTHS, LabelledTexts, train_bag_of_words
from core.experiment.results import ReferenceResult


def reviews(num: int, seed: int) -> LabelledTexts:
    """Texts whose words lean towards their label, with a word of their own each."""
    rng = np.random.default_rng(seed)
    labels = np.arange(num) % 2
    leaning = {0: ["dull", "weak", "not fun"], 1: ["lovely", "great", "fun"]}
    texts = []
    for i, label in enumerate(labels):
        tone = leaning[int(label if rng.random() < 0.8 else 1 - label)]
        words = [*rng.choice(["a", "film", "plot", "it", "was"], 6), *rng.choice(tone, 2)]
        texts.append(f"{' '.join(rng.permutation(words))} only{seed}x{i}")
    return LabelledTexts(texts, labels)


TRAIN, VALIDATION, TEST = reviews(60, 1), reviews(20, 2), reviews(40, 3)


def trained(*, validation: LabelledTexts = VALIDATION, test: LabelledTexts = TEST, again: bool = True) -> ReferenceResult:
    return train_bag_of_words(0, train=TRAIN, validation=validation, test=test, trains_on_validation=again)


def slowly(train: LabelledTexts, test: LabelledTexts, strength: float) -> DoubleArray:
    """Probabilities as a textbook computes them, with words counted anew for each set of training reviews."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = LogisticRegression(C=strength, max_iter=1000).fit(vectorizer.fit_transform(train.texts), train.labels)
    probs: DoubleArray = model.predict_proba(vectorizer.transform(test.texts))[:, 1]
    return probs


def both(first: LabelledTexts, second: LabelledTexts) -> LabelledTexts:
    return LabelledTexts([*first.texts, *second.texts], np.concatenate([first.labels, second.labels]))


@pytest.mark.parametrize("again", [True, False])
def test_it_says_what_the_textbook_says(again: bool) -> None:
    is_positive = VALIDATION.labels > 0
    losses = []
    for strength in STRENGTHS:
        probs = slowly(TRAIN, VALIDATION, strength)
        losses.append(-np.log(np.where(is_positive, probs, 1 - probs)).mean())
    result = trained(again=again)

    assert result.chosen_c == STRENGTHS[int(np.argmin(losses))]
    expected = slowly(both(TRAIN, VALIDATION) if again else TRAIN, TEST, result.chosen_c)
    np.testing.assert_allclose(result.probs, expected, atol=2e-3)
    assert result.accuracy == np.mean((result.probs > 0.5) == (TEST.labels > 0)) > 0.7


def test_the_same_reviews_give_the_same_numbers() -> None:
    np.testing.assert_array_equal(trained().probs, trained().probs)


def test_test_reviews_decide_nothing() -> None:
    other = LabelledTexts([*TEST.texts[:5], *reviews(35, 9).texts], 1 - TEST.labels)
    result = trained(test=other)

    assert result.chosen_c == trained().chosen_c
    np.testing.assert_array_equal(result.probs[:5], trained().probs[:5])


def test_validation_reviews_decide_c_alone_where_they_are_separate() -> None:
    wrong = LabelledTexts(VALIDATION.texts, 1 - VALIDATION.labels)  # of all, the least certain model is the least wrong
    result = trained(validation=wrong, again=False)

    assert result.chosen_c == STRENGTHS[0]
    np.testing.assert_allclose(result.probs, slowly(TRAIN, TEST, STRENGTHS[0]), atol=2e-3)


@pytest.mark.parametrize(("texts", "labels"), [(["fun", "film"], [1, 1]), (["!", "?"], [0, 1])])
def test_reviews_of_one_label_or_without_words_leave_a_share(texts: list[str], labels: list[int]) -> None:
    few = LabelledTexts(texts, np.array(labels))
    result = train_bag_of_words(0, train=few, validation=few, test=TEST, trains_on_validation=False)

    assert len(set(result.probs.tolist())) == 1
    assert 0 < result.probs[0] < 1
