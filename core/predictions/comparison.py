"""Two models compared by what each said of the same texts: everything that Compare and the command line show of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.analysis.error_analysis import (
    AccuracySlice,
    Agreement,
    ReliabilityBin,
    accuracy_by_slice,
    agreement_of,
    brier,
    expected_calibration_error,
    reliability,
)
from core.analysis.intervals import Estimate, crossed_mean
from core.analysis.outcomes import Outcomes
from core.analysis.paired_tests import Comparison, compare
from core.analysis.review_traits import all_slices
from core.analysis.uneven_classes import UnevenClasses, measure_uneven
from core.data.slices import Slice, slice_by
from core.errors import UserError
from core.predictions.prediction_table import Predictions

LENGTH = "length in words"


@dataclass(frozen=True, eq=False)
class Calibration:
    """How well the probabilities of one model are meant.

    Attributes:
        bins: Of a reliability diagram.
        brier: Brier score.
        error: Expected calibration error, 0-1.
    """

    bins: list[ReliabilityBin]
    brier: Estimate
    error: float


@dataclass(frozen=True, eq=False)
class PredictionComparison:
    """What the predictions of two models say, for other test reviews of this kind.

    Attributes:
        names: Of both models; differences are the second minus the first.
        outcomes: One trial with both models as its arms.
        comparison: Of both; `basic` in its fields is the first model, `elmo` the second.
        accuracies: With intervals, by model.
        uneven: Further measures, where one class is rare.
        agreement: Which texts each gets right; `basic` is the first model, `elmo` the second.
        calibrations: Of the models that gave probabilities.
        slices: Accuracy by what the texts are like and by the further columns, by name.
    """

    names: tuple[str, str]
    outcomes: Outcomes
    comparison: Comparison
    accuracies: Mapping[str, Estimate]
    uneven: UnevenClasses | None
    agreement: Agreement
    calibrations: Mapping[str, Calibration]
    slices: Mapping[str, list[AccuracySlice]]


def compare_predictions(predictions: Predictions, first: str, second: str) -> PredictionComparison:
    """Compare two models of a table.

    Args:
        predictions: The table.
        first: Heading of one model.
        second: Heading of the other; positive differences are in its favour.

    Raises:
        UserError: They are the same, or one is no model of the table.
    """
    if first == second or not {first, second} <= set(predictions.probs):
        raise UserError(
            f"Choose two different models; the table has {', '.join(predictions.probs)}.", code="predictions-models-unknown"
        )
    names = (first, second)
    outcomes = Outcomes(
        trials=(0,),
        arms=names,
        probs=np.stack([predictions.probs[name][None] for name in names]),  # (2, 1, num_tests)
        labels=predictions.labels,
        ids=tuple(map(str, range(1, len(predictions.texts) + 1))),
    )
    return PredictionComparison(
        names=names,
        outcomes=outcomes,
        comparison=compare(*(outcomes.correct_of(name) for name in names)),
        accuracies={name: crossed_mean(outcomes.correct_of(name)) for name in names},
        uneven=measure_uneven(outcomes, pair=names),
        agreement=agreement_of(*outcomes.mostly_correct),
        calibrations={
            name: Calibration(reliability(outcomes, name), brier(outcomes, name), expected_calibration_error(outcomes, name))
            for name in names
            if name in predictions.with_probabilities
        },
        slices={name: accuracy_by_slice(outcomes, found, pair=names) for name, found in _slices(predictions).items()},
    )


def _slices(predictions: Predictions) -> dict[str, list[Slice]]:
    """By length, then as those of a run."""
    lengths = slice_by([str(len(text.split())) for text in predictions.texts])
    others = all_slices(predictions.texts, predictions.labels, predictions.further)
    return ({LENGTH: lengths} if lengths else {}) | others
