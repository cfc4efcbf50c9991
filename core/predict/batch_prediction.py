"""Many texts, such as the rows of a table: what each model of a run makes of them, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.errors import UserError
from core.predict.predictor import Prediction, Predictor

_TEXTS_PER_BATCH = 128
_DECIMALS = 6

WORDS_CUT = "words_cut"


@dataclass(frozen=True, eq=False)
class PredictedBatch:
    """Some more texts are predicted.

    Attributes:
        num_done: Texts done so far.
        num_texts: All texts.
        table: A row for each text of the batch. For every arm ARM_probability (mean probability of "positive" over the heads,
            NaN where the arm cannot read the text) and ARM_label ("positive", "negative", or empty where it cannot); words_cut
            (tokens at the end of the text that no model read).
    """

    num_done: int
    num_texts: int
    table: pd.DataFrame


def predict_batches(texts: Sequence[str], predictor: Predictor) -> Iterator[PredictedBatch]:
    """Predicts texts in their order; whoever stops iterating stops the work."""
    for start in range(0, len(texts), _TEXTS_PER_BATCH):
        batch = texts[start : start + _TEXTS_PER_BATCH]
        rows = [_row(prediction, predictor.arms) for prediction in predictor.predict_texts(batch)]
        yield PredictedBatch(start + len(batch), len(texts), pd.DataFrame(rows, columns=new_columns(predictor.arms)))


def new_columns(arms: Sequence[str]) -> list[str]:
    """The columns of `PredictedBatch.table`."""
    return [*(f"{arm}_{what}" for arm in arms for what in ("probability", "label")), WORDS_CUT]


def require_new_columns(frame: pd.DataFrame, arms: Sequence[str]) -> None:
    """Checks that a table has no column of a name that its predictions get.

    Raises:
        UserError: It has one.
    """
    if taken := next((name for name in new_columns(arms) if name in frame.columns), None):
        raise UserError(
            f'The table has a column "{taken}" already, which is what predictions are called; rename it.', code="column-taken"
        )


def _row(prediction: Prediction, arms: Sequence[str]) -> dict[str, Any]:
    row: dict[str, Any] = {WORDS_CUT: prediction.num_cut}
    for arm in arms:
        mean = float("nan") if arm in prediction.unread else float(prediction.probs[arm].mean(dtype=np.float64))
        row[f"{arm}_probability"] = round(mean, _DECIMALS)
        row[f"{arm}_label"] = "" if arm in prediction.unread else ("positive" if mean >= 0.5 else "negative")
    return row
