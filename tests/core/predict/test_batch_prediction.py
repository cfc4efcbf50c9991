"""What each model makes of many texts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.predict import batch_prediction
from core.predict.batch_prediction import new_columns, predict_batches, require_new_columns
from core.predict.predictor import Predictor
from tests.core.predict.test_predictor import make_predictor


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return make_predictor(ExperimentConfig(max_tokens=8))


def test_every_text_has_the_mean_of_the_heads_and_its_label(predictor: Predictor) -> None:
    texts = ["A great film.", "So dull", "good " * 11]
    [batch] = predict_batches(texts, predictor)
    assert list(batch.table) == new_columns(("basic", "elmo"))
    for text, row in zip(texts, batch.table.to_dict("records"), strict=True):
        for arm, probs in predictor.predict(text).probs.items():
            mean = probs.mean(dtype=np.float64)
            assert row[f"{arm}_probability"] == pytest.approx(mean, abs=2e-6)
            assert row[f"{arm}_label"] == ("positive" if mean >= 0.5 else "negative")
    assert batch.table["words_cut"].tolist() == [0, 0, 3]


def test_what_an_arm_cannot_read_has_no_probability_and_no_label(predictor: Predictor) -> None:
    [batch] = predict_batches(["", "x9 z8", "film"], predictor)
    assert batch.table["basic_probability"].isna().tolist() == [True, True, False]
    assert batch.table["elmo_probability"].isna().tolist() == [True, False, False]
    assert (batch.table["basic_label"] == "").tolist() == [True, True, False]


def test_many_texts_come_in_batches_and_in_their_order(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"film {'good ' * number}" for number in range(7)]
    [whole] = predict_batches(texts, predictor)
    monkeypatch.setattr(batch_prediction, "_TEXTS_PER_BATCH", 3)
    batches = list(predict_batches(texts, predictor))
    assert [(batch.num_done, batch.num_texts) for batch in batches] == [(3, 7), (6, 7), (7, 7)]
    pd.testing.assert_frame_equal(pd.concat([batch.table for batch in batches], ignore_index=True), whole.table, atol=2e-6)


def test_no_column_of_the_table_is_lost_under_a_prediction() -> None:
    require_new_columns(pd.DataFrame({"text": ["a"], "elmo_label": ["b"]}), ["basic"])
    with pytest.raises(UserError) as error:
        require_new_columns(pd.DataFrame({"text": ["a"], "elmo_label": ["b"]}), ["basic", "elmo"])
    assert error.value.code == "column-taken"
