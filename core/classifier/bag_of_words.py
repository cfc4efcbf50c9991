"""A bag of words on whole reviews: TF-IDF of one and two words, logistic regression. The reference that people know."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from core.arrays import FloatArray, IndexArray
from core.experiment.results import ReferenceResult

STRENGTHS = (1.0, 10.0, 100.0, 1000.0)  # the C of scikit-learn; below 1, the lengths of TF-IDF vectors leave nothing to learn
_MOST_STEPS = 1000

Labels = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class LabelledTexts:
    """Whole reviews.

    Attributes:
        texts: As they are in the dataset, not cut.
        labels: 0 negative, 1 positive, (num_reviews,).
    """

    texts: Sequence[str]
    labels: Labels


def train_bag_of_words(
    trial: int, *, train: LabelledTexts, validation: LabelledTexts, test: LabelledTexts, trains_on_validation: bool
) -> ReferenceResult:
    """Train and test the reference on one draw. The same arguments give the same numbers.

    Training reviews decide the weights for each C, validation reviews which C predicts them with the least log loss; test reviews
    decide nothing. Counts are damped (1 + log), as is usual for texts of several hundred words.

    Args:
        trial: Counts from 0, for the result only.
        train: Training reviews.
        validation: Reviews to choose C by.
        test: Reviews that are used only for testing.
        trains_on_validation: Train again with the chosen C on both, which uses as many labels as the draw has. False where the
            validation reviews are labels beyond the training size.

    Reference: Wang & Manning, Baselines and Bigrams, 2012 (what such a reference reaches).
    """
    began_s = time.perf_counter()
    counts, test_counts = _count_words([*train.texts, *validation.texts], test.texts)
    labels = np.concatenate([train.labels, validation.labels])
    rows = np.arange(len(labels))
    fitted, held_out = rows[: len(train.labels)], rows[len(train.labels) :]
    losses = [
        log_loss(validation.labels, _predict(counts[fitted], labels[fitted], counts[held_out], chosen_c), labels=[0, 1])
        for chosen_c in STRENGTHS
    ]
    chosen_c = STRENGTHS[int(np.argmin(losses))]
    used: IndexArray = rows if trains_on_validation else fitted
    probs = _predict(counts[used], labels[used], test_counts, chosen_c)
    return ReferenceResult(
        trial=trial,
        accuracy=float(np.mean((probs > 0.5) == (test.labels > 0))),
        chosen_c=chosen_c,
        train_s=time.perf_counter() - began_s,
        probs=probs,
    )


def _count_words(texts: Sequence[str], test_texts: Sequence[str]) -> tuple[csr_matrix, csr_matrix]:
    """How often each word and pair of words of `texts` occurs, (num_texts, num_terms), there and in the test reviews."""
    counter = CountVectorizer(ngram_range=(1, 2), dtype=np.float64)
    try:
        return csr_matrix(counter.fit_transform(texts)), csr_matrix(counter.transform(test_texts))
    except ValueError:  # no text has a word of two letters
        return csr_matrix((len(texts), 1)), csr_matrix((len(test_texts), 1))


def _predict(counts: csr_matrix, labels: Labels, others: csr_matrix, chosen_c: float) -> FloatArray:
    """Probabilities that other reviews are positive, float32 (num_others,), learnt from some counts and labels alone."""
    if np.ptp(labels) == 0:  # all alike: only their share can be learnt, by Laplace's rule of succession
        return np.full(others.shape[0], (labels.sum() + 1) / (len(labels) + 2), np.float32)
    is_known = counts.getnnz(axis=0) > 0  # columns that only held-out reviews have must not lengthen their vectors
    if not is_known.any():
        return np.full(others.shape[0], labels.mean(), np.float32)
    tfidf = TfidfTransformer(sublinear_tf=True)
    vectors = tfidf.fit_transform(counts[:, is_known])
    model = LogisticRegression(C=chosen_c, max_iter=_MOST_STEPS).fit(vectors, labels)
    probs: FloatArray = model.predict_proba(tfidf.transform(others[:, is_known]))[:, 1].astype(np.float32)
    return probs
