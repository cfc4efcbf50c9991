"""Which column of a table of predictions is what, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.errors import UserError
from core.predictions.prediction_table import PredictionColumns, guess_prediction_columns, read_predictions
from tests.core.predictions.made_up import as_table, predictions_frame

COLUMNS = PredictionColumns(text="text", label="label", models=("careful", "hasty"))


def test_the_columns_of_a_usual_table_are_found() -> None:
    assert guess_prediction_columns(as_table(predictions_frame())) == COLUMNS


def test_a_heading_says_which_labels_are_the_truth_wherever_the_column_stands() -> None:
    frame = predictions_frame()[["hasty", "careful", "label", "text"]].rename(columns={"label": "gold"})
    guess = guess_prediction_columns(as_table(frame))
    assert guess is not None
    assert (guess.label, guess.models) == ("gold", ("hasty", "careful"))


def test_headings_tell_models_from_other_numbers_between_0_and_1() -> None:
    frame = predictions_frame().rename(columns={"careful": "model_a", "hasty": "model_b"}).assign(spoiler=["0", "1"] * 30)
    guess = guess_prediction_columns(as_table(frame))
    assert guess is not None
    assert guess.models == ("model_a", "model_b")


@pytest.mark.parametrize("missing", ["text", "label"])
def test_a_table_without_texts_or_labels_gives_no_guess(missing: str) -> None:
    frame = predictions_frame()[["text", "label", "year"]].drop(columns=missing)
    assert guess_prediction_columns(as_table(frame.assign(title="x"))) is None


def test_probabilities_and_labels_are_told_apart() -> None:
    frame = predictions_frame()
    read = read_predictions(as_table(frame), COLUMNS)
    assert read.with_probabilities == {"careful"}
    assert read.probs["careful"] == pytest.approx(frame["careful"].astype(float).to_numpy())
    assert read.probs["hasty"].tolist() == (frame["hasty"] == "pos").astype(float).tolist()
    assert read.labels.tolist() == (frame["label"] == "positive").astype(int).tolist()
    assert read.further.columns.tolist() == ["genre", "year", "title"]


@pytest.mark.parametrize(
    ("labels", "model"),
    [(("0", "1"), ("0", "1")), (("-1", "1"), ("-1", "1")), (("negative", "positive"), ("0", "1")), (("0", "1"), ("bad", "good"))],
)
def test_labels_may_be_spelled_in_any_usual_way(labels: tuple[str, str], model: tuple[str, str]) -> None:
    truth = predictions_frame()["label"] == "positive"
    frame = predictions_frame().assign(label=np.where(truth, labels[1], labels[0]), hasty=np.where(truth, model[1], model[0]))
    read = read_predictions(as_table(frame), COLUMNS)
    assert read.probs["hasty"].tolist() == truth.astype(float).tolist()
    assert "hasty" not in read.with_probabilities


def test_a_decimal_comma_is_read() -> None:
    frame = predictions_frame()
    commas = frame.assign(careful=frame["careful"].str.replace(".", ",", regex=False))
    assert read_predictions(as_table(commas), COLUMNS).probs["careful"] == pytest.approx(
        frame["careful"].astype(float).to_numpy()
    )


def _with(column: str, row: int, value: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return change


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (_with("careful", 6, "1.2"), "predictions-outside", '"careful" has 1 row with a number outside 0 to 1, row 7 the first'),
        (_with("careful", 6, "-0.01"), "predictions-outside", "row 7"),
        (_with("careful", 6, "inf"), "predictions-outside", "row 7"),
        (_with("careful", 6, "SECRET"), "predictions-third-class", '"careful" has 60 rows'),
        (_with("hasty", 3, "neutral"), "predictions-third-class", '"hasty" has 1 row with a value that means neither'),
        (_with("label", 3, "neutral"), "predictions-third-class", '"label" has 1 row'),
        (_with("careful", 9, ""), "predictions-missing", '"careful" has 1 row without a value, row 10 the first'),
        (_with("label", 9, " "), "predictions-missing", '"label"'),
        (_with("text", 9, ""), "predictions-missing", '"text"'),
        (lambda frame: frame.head(19), "predictions-too-few", "19 rows and needs at least 20"),
        (lambda frame: frame.assign(label="positive"), "predictions-one-label", '"label" are the same'),
        (lambda frame: frame.assign(label=["A", "B"] * 30), "predictions-label-unclear", "0 and 1"),
        (lambda frame: frame.drop(columns="hasty"), "column-missing", '"hasty"'),
    ],
)
def test_what_cannot_be_compared_is_one_sentence_that_names_the_row_and_not_its_cell(
    change: Callable[[pd.DataFrame], pd.DataFrame], code: str, words: str
) -> None:
    with pytest.raises(UserError) as error:
        read_predictions(as_table(change(predictions_frame())), COLUMNS)
    assert error.value.code == code
    assert words in str(error.value)
    assert "SECRET" not in str(error.value)


@pytest.mark.parametrize(("models", "code"), [(("careful",), "predictions-one-model"), (("careful", "careful"), "column-twice")])
def test_a_comparison_takes_two_models(models: tuple[str, ...], code: str) -> None:
    with pytest.raises(UserError) as error:
        read_predictions(as_table(predictions_frame()), COLUMNS.model_copy(update={"models": models}))
    assert error.value.code == code
