"""What a comparison of predictions holds, beside numbers from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score

from core.analysis.review_traits import LABEL, NEGATIONS
from core.errors import UserError
from core.predictions import verdicts
from core.predictions.comparison import PredictionComparison, compare_predictions
from core.predictions.prediction_table import PredictionColumns, Predictions, read_predictions
from tests.core.predictions.made_up import as_table, predictions_frame


@pytest.fixture(scope="module")
def predictions() -> Predictions:
    columns = PredictionColumns(text="text", label="label", models=("hasty", "careful"))
    return read_predictions(as_table(predictions_frame(240)), columns)


@pytest.fixture(scope="module")
def found(predictions: Predictions) -> PredictionComparison:
    return compare_predictions(predictions, "hasty", "careful")


def test_accuracies_calibration_and_macro_f1_are_those_of_scikit_learn(
    found: PredictionComparison, predictions: Predictions
) -> None:
    for name in ("hasty", "careful"):
        said = predictions.probs[name] > 0.5
        assert found.accuracies[name].mean == pytest.approx(accuracy_score(predictions.labels, said))
        assert found.uneven is not None
        assert found.uneven.macro_f1.models[name].mean == pytest.approx(f1_score(predictions.labels, said, average="macro"))
    assert set(found.calibrations) == {"careful"}
    assert found.calibrations["careful"].brier.mean == pytest.approx(
        brier_score_loss(predictions.labels, predictions.probs["careful"])
    )


def test_mcnemars_test_is_a_binomial_test_of_who_alone_is_right(found: PredictionComparison) -> None:
    counts = found.agreement.counts
    assert counts.sum() == 240
    exact = binomtest(int(counts[0, 1]), int(counts[0, 1] + counts[1, 0])).pvalue
    assert found.comparison.mcnemar.p == pytest.approx(exact)
    assert (found.comparison.mcnemar.num_only_elmo, found.comparison.mcnemar.num_only_basic) == (counts[0, 1], counts[1, 0])


def test_every_slice_holds_its_rows_and_those_of_one_column_hold_all(
    found: PredictionComparison, predictions: Predictions
) -> None:
    assert list(found.slices) == ["length in words", NEGATIONS, LABEL, "genre", "year"]  # a title of its own slices nothing
    for slices in found.slices.values():
        assert sorted(np.concatenate([each.reviews for each in slices]).tolist()) == list(range(240))
    [western] = [each for each in found.slices["genre"] if each.title == "western"]
    is_right = (predictions.probs["careful"] > 0.5) == predictions.labels
    assert western.accuracies["careful"].mean == pytest.approx(is_right[2::3].mean())
    assert western.difference is not None
    [negated] = [each for each in found.slices[NEGATIONS] if each.title == "some"]
    assert negated.reviews.tolist() == list(range(1, 240, 2))


def test_swapped_models_turn_every_difference_around(found: PredictionComparison, predictions: Predictions) -> None:
    swapped = compare_predictions(predictions, "careful", "hasty")
    assert swapped.comparison.mean_difference == -found.comparison.mean_difference
    assert verdicts.verdict(found) == verdicts.verdict(swapped)
    assert verdicts.verdict(found).startswith("careful is 13.3 points more accurate than hasty (95 % interval ")


def test_the_sentences_say_what_one_training_cannot_show(found: PredictionComparison, predictions: Predictions) -> None:
    told = " ".join(verdicts.facts(found, predictions))
    assert "careful is 80.0 % accurate" in told
    assert "McNemar's test" in told
    assert "66.7 % of the test reviews are positive" in told
    assert "one training" in verdicts.ONE_TRIAL
    assert any("slices together" in sentence for sentence in verdicts.slice_sentences(found))


def test_the_probability_of_the_wrong_class_is_noticed(predictions: Predictions) -> None:
    turned = Predictions(
        texts=predictions.texts[:-1] + predictions.texts[:1],
        labels=predictions.labels,
        probs={**predictions.probs, "careful": 1 - predictions.probs["careful"]},
        with_probabilities=predictions.with_probabilities,
        further=predictions.further,
    )
    told = verdicts.facts(compare_predictions(turned, "hasty", "careful"), turned)
    assert any(sentence.startswith("careful: clearly worse than guessing") for sentence in told)
    assert any("repeat the text of another: 1." in sentence for sentence in told)


@pytest.mark.parametrize("second", ["hasty", "nobody"])
def test_two_different_models_are_needed(second: str, predictions: Predictions) -> None:
    with pytest.raises(UserError) as error:
        compare_predictions(predictions, "hasty", second)
    assert error.value.code == "predictions-models-unknown"
