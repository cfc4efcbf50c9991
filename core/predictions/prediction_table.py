"""A table of texts, labels and what two or more models said of each text: which column is what, and what its cells mean."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from core.arrays import DoubleArray, FloatArray, LabelArray
from core.data.columns import ColumnMapping, guess_columns, map_labels
from core.data.review_table import ReviewTable
from core.errors import UserError

MIN_ROWS = 20  # fewer tell no two models apart
MAX_MODELS = 20
_NUM_MODELS = 2  # at least

# Words in a heading: of the first set it is the truth, of the second what a model said.
_TRUTH = frozenset({"label", "labels", "gold", "truth", "true", "target", "actual", "reference", "class", "sentiment", "y"})
_SAID = frozenset(
    {
        "model",
        "models",
        "pred",
        "preds",
        "prediction",
        "predictions",
        "predicted",
        "prob",
        "probs",
        "proba",
        "probability",
        "said",
    }
)
_HEADING_WORD = re.compile(r"[^\W\d_]+")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")


class PredictionColumns(BaseModel):
    """Which columns of a table hold what; all others can be sliced by.

    Attributes:
        text: Heading of the texts.
        label: Heading of the truth, labels of two classes.
        models: Headings of what each model said, at least two: probabilities of "positive", or labels.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    label: str
    models: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Predictions:
    """What some models said of the same texts.

    Attributes:
        texts: N texts.
        labels: int8 (N,), 0 negative, 1 positive; both occur.
        probs: By model, float32 (N,), probability of "positive"; 0 or 1 where the model gave labels.
        with_probabilities: The models that gave probabilities.
        further: N rows, the columns that are none of these, as strings.
    """

    texts: tuple[str, ...]
    labels: LabelArray
    probs: dict[str, FloatArray]
    with_probabilities: frozenset[str]
    further: pd.DataFrame


def guess_prediction_columns(table: ReviewTable) -> PredictionColumns | None:
    """The likely meaning of a table's columns; None if none of them can hold the texts, the truth or what two models said.

    The truth is the column of labels whose heading says so, else the first one that can be labels; the models are the others
    that can be labels or numbers from 0 to 1, or only those whose headings say so if there are two.
    """
    text = guess_columns(table).text_column
    if text is None:
        return None
    others = [str(column) for column in table.frame.columns if column != text]
    labels = [column for column in others if _has_two_classes(table, column)]
    by_heading = [column for column in labels if _words(column) & _TRUTH and not _words(column) & _SAID]
    label = next(iter([*by_heading, *labels]), None)
    if label is None:
        return None
    models = [column for column in others if column != label and (column in labels or _are_shares(table.frame[column]))]
    if len(named := [column for column in models if _words(column) & _SAID]) >= _NUM_MODELS:
        models = named
    return PredictionColumns(text=text, label=label, models=tuple(models[:MAX_MODELS]))


def read_predictions(table: ReviewTable, columns: PredictionColumns) -> Predictions:
    """The texts, labels and predictions of a table.

    Raises:
        UserError: A column is missing or chosen twice, a cell is empty or means nothing, or the rows are too few or all of one
            class. The sentence names the column and the first such row, counted from 1 below the heading.
    """
    _require_columns(table.frame, columns)
    if len(table.frame) < MIN_ROWS:
        raise UserError(
            f"The table has {len(table.frame):,} rows and needs at least {MIN_ROWS}; fewer tell no two models apart.",
            code="predictions-too-few",
        )
    for column in (columns.text, columns.label, *columns.models):
        _require_filled(table.frame[column], column)
    meaning = _meaning_of_labels(table, columns)
    labels = _as_labels(table.frame, columns.label, meaning)
    if len(set(labels.tolist())) < 2:
        raise UserError(
            f'All labels in "{columns.label}" are the same; add reviews of the other class, or choose another column.',
            code="predictions-one-label",
        )
    probs, with_probabilities = {}, set()
    for model in columns.models:
        probs[model], is_probability = _said(table, model, meaning)
        if is_probability:
            with_probabilities.add(model)
    used = {columns.text, columns.label, *columns.models}
    return Predictions(
        texts=tuple(table.frame[columns.text].tolist()),
        labels=labels,
        probs=probs,
        with_probabilities=frozenset(with_probabilities),
        further=table.frame[[column for column in table.frame.columns if column not in used]].reset_index(drop=True),
    )


def _require_columns(frame: pd.DataFrame, columns: PredictionColumns) -> None:
    if len(columns.models) < _NUM_MODELS:
        raise UserError(
            "A comparison takes two columns of predictions, one for each model; choose or add another one.",
            code="predictions-one-model",
        )
    chosen = [columns.text, columns.label, *columns.models]
    if twice := next((column for column in chosen if chosen.count(column) > 1), None):
        raise UserError(f'The column "{twice}" was chosen twice; choose a different column for each.', code="column-twice")
    if missing := next((column for column in chosen if column not in frame.columns), None):
        known = ", ".join(map(str, frame.columns[:20]))
        raise UserError(f'There is no column "{missing}"; choose from {known}.', code="column-missing")


def _require_filled(cells: pd.Series[str], column: str) -> None:
    rows = np.flatnonzero(cells.str.strip() == "")
    if len(rows):
        raise UserError(
            f'The column "{column}" has {_rows(len(rows))} without a value, row {rows[0] + 1:,} the first; fill them in or '
            "remove them.",
            code="predictions-missing",
        )


def _meaning_of_labels(table: ReviewTable, columns: PredictionColumns) -> ColumnMapping:
    guess = guess_columns(table, text_column=columns.text, label_column=columns.label)
    if guess.mapping is not None and guess.negative and guess.positive:
        return guess.mapping
    values = table.frame[columns.label].str.strip()
    if values.nunique() == 1:
        raise UserError(
            f'All labels in "{columns.label}" are the same; add reviews of the other class, or choose another column.',
            code="predictions-one-label",
        )
    raise UserError(
        f'The values of "{columns.label}" do not say which reviews are positive; write negative and positive, or 0 and 1.',
        code="predictions-label-unclear",
    )


def _as_labels(frame: pd.DataFrame, column: str, meaning: ColumnMapping) -> LabelArray:
    """Labels of two classes as 0 and 1."""
    mapping = ColumnMapping(meaning.text_column, column, meaning.negative, meaning.positive)
    found = map_labels(frame, mapping)[1]
    if unknown := [row for row, label in enumerate(found) if label is None]:
        raise UserError(
            f'The column "{column}" has {_rows(len(unknown))} with a value that means neither negative nor positive, row '
            f"{unknown[0] + 1:,} the first; two classes can be compared, or probabilities from 0 to 1.",
            code="predictions-third-class",
        )
    return np.array(found, np.int8)


def _said(table: ReviewTable, model: str, meaning: ColumnMapping) -> tuple[FloatArray, bool]:
    """Probabilities of "positive", and whether the column holds probabilities and not labels."""
    cells = table.frame[model]
    numbers = _numbers(cells)
    if numbers is None:
        guess = guess_columns(table, text_column=meaning.text_column, label_column=model)
        negative, positive = (
            tuple(dict.fromkeys((*known, *own)))
            for known, own in ((meaning.negative, guess.negative), (meaning.positive, guess.positive))
        )
        both = ColumnMapping(meaning.text_column, model, negative, positive)
        return _as_labels(table.frame, model, both).astype(np.float32), False
    if set(numbers.tolist()) <= {0.0, 1.0}:
        return numbers.astype(np.float32), False
    truths = _numbers(pd.Series([*meaning.negative, *meaning.positive]))
    if truths is not None and set(numbers.tolist()) <= set(truths.tolist()):
        return _as_labels(table.frame, model, meaning).astype(np.float32), False
    outside = np.flatnonzero((numbers < 0) | (numbers > 1))
    if len(outside):
        raise UserError(
            f'The column "{model}" has {_rows(len(outside))} with a number outside 0 to 1, row {outside[0] + 1:,} the first; '
            "give probabilities of “positive”, or labels of the same two classes.",
            code="predictions-outside",
        )
    return numbers.astype(np.float32), True


def _numbers(cells: pd.Series[str]) -> DoubleArray | None:
    """The cells as numbers, with a decimal point or comma; None if any is no number."""
    written = cells.str.strip()
    if written.str.fullmatch(_DECIMAL_COMMA).any():
        written = written.str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(written, errors="coerce").to_numpy(np.float64)
    return None if np.isnan(numbers).any() else numbers


def _are_shares(cells: pd.Series[str]) -> bool:
    numbers = _numbers(cells[cells.str.strip() != ""])
    return numbers is not None and len(numbers) > 0 and bool(((numbers >= 0) & (numbers <= 1)).all())


def _has_two_classes(table: ReviewTable, column: str) -> bool:
    if table.frame[column].str.strip().nunique() != 2:
        return False
    guess = guess_columns(table, label_column=column)
    return bool(guess.negative and guess.positive)


def _words(heading: str) -> set[str]:
    return {word.casefold() for word in _HEADING_WORD.findall(heading)}


def _rows(number: int) -> str:
    return f"{number:,} {'row' if number == 1 else 'rows'}"
