from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from core.errors import UserError
from core.experiment.config import HeadConfig
from elmo_lens import LensClassifier, compare
from tests.core.tiny_runs import export_tiny_elmo

QUICK = HeadConfig(epochs=3)
GOOD, BAD = "a lovely and great film number {}", "a dull and awful film number {}"
TEXTS = [text.format(number) for number in range(60) for text in (GOOD, BAD)]
LABELS = ["good", "bad"] * 60


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(tmp_path))


@pytest.fixture(scope="module")
def elmo(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(export_tiny_elmo(tmp_path_factory.mktemp("elmo")))


@pytest.mark.parametrize("arm", ["basic", "elmo"])
def test_it_learns_and_says_which_class_is_likelier(arm: str, elmo: str) -> None:
    model = LensClassifier(arm, elmo=elmo).fit(TEXTS, LABELS)

    probabilities = model.predict_proba(["a great film", "an awful film", ""])
    assert list(model.classes_) == ["bad", "good"]
    assert probabilities.shape == (3, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert model.predict(["a great film", "an awful film"]).tolist() == ["good", "bad"]
    assert model.score(TEXTS, LABELS) > 0.9
    assert expit(model.decision_function(["a great film"]))[0] == pytest.approx(probabilities[0, 1])


def test_the_same_arguments_give_the_same_numbers_and_other_trials_others() -> None:
    def probabilities(**arguments: Any) -> Any:
        return LensClassifier("basic", head=QUICK, **arguments).fit(TEXTS, LABELS).predict_proba(TEXTS)

    first = probabilities()
    np.testing.assert_array_equal(probabilities(), first)
    assert not np.array_equal(probabilities(trial=1), first)


def test_a_copy_by_pickle_predicts_the_same() -> None:
    model = LensClassifier("basic", head=QUICK).fit(TEXTS, LABELS)

    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(TEXTS), model.predict_proba(TEXTS))


def test_it_can_be_cloned_and_cross_validated() -> None:
    model = LensClassifier("basic", head=QUICK, max_tokens=64)

    assert clone(model).get_params() == model.get_params()
    assert len(cross_val_score(model, TEXTS, LABELS, cv=2)) == 2


@pytest.mark.parametrize(
    ("texts", "labels", "error"),
    [
        (TEXTS, LABELS[:-1], ValueError),
        (TEXTS[:4], LABELS[:4], ValueError),
        (TEXTS, ["good"] * 120, ValueError),
        (TEXTS, [0, 1, 2] * 40, ValueError),
        ([1, 2], ["good", "bad"], TypeError),
        ("a film", ["good"], TypeError),
        ([f"qzxv{number}" for number in range(120)], LABELS, UserError),
    ],
)
def test_what_cannot_be_learnt_is_refused(texts: Any, labels: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        LensClassifier("basic", head=QUICK).fit(texts, labels)


@pytest.mark.parametrize("arguments", [{"arm": "best"}, {"layer_mix": "learned"}, {"max_tokens": 0}, {"random_state": -1}])
def test_arguments_that_cannot_be_are_refused_once_they_are_used(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - scikit-learn's convention
        LensClassifier(**arguments).fit(TEXTS, LABELS)


def test_nothing_is_predicted_before_it_is_fitted() -> None:
    with pytest.raises(NotFittedError):
        LensClassifier("basic").predict(["a film"])


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_mixin_order,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_set_params,
        estimator_checks.check_valid_tag_types,
    ],
)
def test_it_passes_the_checks_of_scikit_learn_that_need_no_numbers(check: Callable[[str, LensClassifier], None]) -> None:
    check("LensClassifier", LensClassifier("basic", head=QUICK))


def test_scikit_learn_finds_nothing_wrong_with_it() -> None:
    with warnings.catch_warnings(action="ignore", category=SkipTestWarning):  # most of its checks take numbers
        estimator_checks.check_estimator(LensClassifier("basic", head=QUICK))


def test_a_difference_is_told_with_its_interval() -> None:
    words = make_pipeline(TfidfVectorizer(), LogisticRegression())
    compared = compare(LensClassifier("basic", head=QUICK), words, TEXTS, LABELS, train_sizes=[20, 40], num_trials=2)

    assert list(compared.comparisons) == [20, 40]
    assert list(compared.accuracies.columns) == ["train_size", "trial", "basic", "Pipeline"]
    assert len(compared.accuracies) == 4
    assert compared.comparisons[20].num_trials == 2
    assert str(compared).startswith("With 20 reviews, ")


def test_a_model_does_not_differ_from_itself() -> None:
    model = LensClassifier("basic", head=QUICK)
    compared = compare(model, model, TEXTS, LABELS, train_sizes=[20], num_trials=2)

    assert compared.comparisons[20].mean_difference == 0
    assert compared.names == ("basic (1)", "basic (2)")
    assert "no clear difference" in str(compared)


@pytest.mark.parametrize("labels", [None, LABELS[:-1], ["good"] * 120])
def test_texts_are_not_compared_without_two_kinds_of_labels(labels: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - scikit-learn's convention
        compare(LensClassifier("basic"), LensClassifier("basic"), TEXTS, labels)


@pytest.mark.parametrize("sizes", [{"train_sizes": [5]}, {"train_sizes": [5000]}, {"num_trials": 0}, {"test_size": 0}])
def test_sizes_that_cannot_be_are_refused_in_a_sentence(sizes: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        compare(LensClassifier("basic"), LensClassifier("basic"), TEXTS, LABELS, **sizes)


def test_what_is_no_text_is_not_compared() -> None:
    with pytest.raises(TypeError):
        compare(LensClassifier("basic"), LensClassifier("basic"), [1, None], ["good", "bad"])  # type: ignore[list-item]


def test_no_texts_have_no_predictions() -> None:
    assert LensClassifier("basic", head=QUICK).fit(TEXTS, LABELS).predict_proba([]).shape == (0, 2)


def test_one_trial_says_what_it_cannot_show() -> None:
    words = make_pipeline(TfidfVectorizer(), LogisticRegression())
    assert "One trial cannot show" in str(compare(words, words, TEXTS, LABELS, train_sizes=[20], num_trials=1))
