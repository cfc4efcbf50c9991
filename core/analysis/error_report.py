"""The error analysis of a run: everything that the view of mistakes shows, computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.analysis import error_analysis
from core.analysis.error_analysis import AccuracyBin, Agreement, Confusion, ReliabilityBin, Roc
from core.analysis.intervals import Estimate
from core.analysis.outcomes import Outcomes
from core.analysis.review_traits import ReviewTraits, unknown_edges
from core.experiment.arms import has_pair

NUM_TRAIT_BINS = 5


@dataclass(frozen=True, eq=False)
class ErrorReport:
    """What needs nothing but the probabilities and the labels; each by arm.

    Attributes:
        num_trials: Trials that are counted.
        num_tests: Test reviews.
        confusions: Confusion matrices.
        rocs: Empty if all test reviews have one label.
        reliabilities: Bins of ten percent.
        briers: Brier scores.
        calibration_errors: Expected calibration errors, 0-1.
        agreement: None if the run has not got both arms.
    """

    num_trials: int
    num_tests: int
    confusions: Mapping[str, Confusion]
    rocs: Mapping[str, Roc]
    reliabilities: Mapping[str, list[ReliabilityBin]]
    briers: Mapping[str, Estimate]
    calibration_errors: Mapping[str, float]
    agreement: Agreement | None


@dataclass(frozen=True, eq=False)
class AccuracyByTrait:
    """Accuracy on reviews of a kind, for which their texts are needed.

    Attributes:
        length: By number of tokens, bins of about equally many reviews.
        unknown: By share of words without a static vector; reviews without any such word are the first bin.
    """

    length: list[AccuracyBin]
    unknown: list[AccuracyBin]


def measure(outcomes: Outcomes) -> ErrorReport:
    """All but what needs the texts."""
    has_both_labels = len(set(outcomes.labels.tolist())) == 2
    return ErrorReport(
        num_trials=len(outcomes.trials),
        num_tests=len(outcomes.ids),
        confusions={arm: error_analysis.confusion(outcomes, arm) for arm in outcomes.arms},
        rocs={arm: error_analysis.roc(outcomes, arm) for arm in outcomes.arms} if has_both_labels else {},
        reliabilities={arm: error_analysis.reliability(outcomes, arm) for arm in outcomes.arms},
        briers={arm: error_analysis.brier(outcomes, arm) for arm in outcomes.arms},
        calibration_errors={arm: error_analysis.expected_calibration_error(outcomes, arm) for arm in outcomes.arms},
        agreement=error_analysis.agreement(outcomes) if has_pair(outcomes.arms) else None,
    )


def measure_by_trait(outcomes: Outcomes, traits: ReviewTraits) -> AccuracyByTrait:
    """Accuracy by what the reviews are like."""
    return AccuracyByTrait(
        length=error_analysis.accuracy_by(outcomes, traits.num_tokens, NUM_TRAIT_BINS),
        unknown=error_analysis.accuracy_by(
            outcomes, traits.unknown_share, unknown_edges(traits.unknown_share, num_bins=NUM_TRAIT_BINS)
        ),
    )
