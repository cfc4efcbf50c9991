"""What a comparison of predictions says, in plain English. Plain text: whoever shows it escapes it."""

from __future__ import annotations

from core.analysis.verdicts import SIGNIFICANT, clear_slices, uneven_sentences
from core.experiment.provenance import listed
from core.formatting import number, p_value, percent, points, rounded
from core.predictions.comparison import PredictionComparison
from core.predictions.prediction_table import Predictions

ONE_TRIAL = (
    "Predictions show one training of each model. The intervals hold for other test reviews of this kind; how either model would "
    "do after training on other reviews, or with another seed, they cannot show."
)
_WORSE_THAN_CHANCE = 0.5


def verdict(found: PredictionComparison) -> str:
    """Which model is more accurate, in one sentence."""
    first, second = found.names
    mean, (low, high) = found.comparison.mean_difference, found.comparison.interval
    leader, other = second, first
    if mean < 0:
        leader, other, mean, low, high = first, second, -mean, -high, -low
    span = f"95 % interval {number(low)} to {number(high)}, for other test reviews"
    if low > 0:
        return f"{leader} is {points(mean)} more accurate than {other} ({span})."
    ahead = f"{leader} is {points(mean)} ahead" if rounded(mean) else "both are equally accurate"
    return f"No clear difference: {ahead} ({span})."


def accuracy_sentence(found: PredictionComparison) -> str:
    """How accurate both are."""
    told = [
        f"{name} is {percent(each.mean)} accurate (95 % interval {' to '.join(map(number, each.interval))})"
        for name, each in found.accuracies.items()
    ]
    return f"{', '.join(told)}, on {len(found.outcomes.ids):,} test reviews."


def mcnemar_sentence(found: PredictionComparison) -> str:
    """McNemar's test in words."""
    (first, second), test = found.names, found.comparison.mcnemar
    says = "that is too uneven to come from" if test.p < SIGNIFICANT else "that may come from"
    return (
        f"{second} alone is right on {test.num_only_elmo:,} of them and {first} alone on {test.num_only_basic:,}; {says} the "
        f"choice of test reviews (McNemar's test, {p_value(test.p)})."
    )


def facts(found: PredictionComparison, predictions: Predictions) -> list[str]:
    """What else to know, a sentence or two each."""
    uneven = uneven_sentences(found.uneven) if found.uneven else []
    told = [accuracy_sentence(found), mcnemar_sentence(found), *uneven]
    turned = [name for name, each in found.accuracies.items() if each.interval[1] < _WORSE_THAN_CHANCE]
    if turned:
        told.append(f"{listed(turned)}: clearly worse than guessing. Is it the probability of “negative”?")
    num_repeated = len(predictions.texts) - len(set(predictions.texts))
    if num_repeated:
        told.append(f"Rows that repeat the text of another: {num_repeated:,}. The intervals take each for a review of its own.")
    return told


def slice_sentences(found: PredictionComparison) -> list[str]:
    """On which slices one model is clearly better when all are judged together."""
    return clear_slices(found.slices, found.names)
