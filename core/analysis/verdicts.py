"""What a comparison says, in plain English, for people who know no statistics. Plain text: whoever shows it escapes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.formatting import number, p_value, points

if TYPE_CHECKING:
    from core.analysis.intervals import Estimate
    from core.analysis.paired_tests import Comparison, Spread


SIGNIFICANT = 0.05
_FEWEST_TRIALS_FOR_SPREAD = 3

# For a tooltip beside an interval.
INTERVAL_HELP = (
    "Two things were left to chance: which reviews the models were trained on, and which reviews they were tested on. Draw both "
    "anew, and the difference comes out a little different. The interval allows for both: of 100 intervals made like this one, "
    "about 95 contain the true difference. If it contains 0, the experiment cannot tell which model is better."
)


def verdict(num_trials: int, wins: int, losses: int, estimate: Estimate) -> str:
    """Who won, in one sentence.

    Args:
        num_trials: Pairs compared.
        wins: Trials in which elmo was more accurate.
        losses: Trials in which basic was.
        estimate: Accuracy of elmo minus accuracy of basic.
    """
    low, high = estimate.interval
    near, far = sorted((low, high), key=abs)
    is_clear = not low <= 0 <= high
    mean = points(abs(estimate.mean) if is_clear or num_trials == 1 else estimate.mean)
    span = f"{number(abs(near))} to {number(abs(far))}" if is_clear else f"{number(low)} to {number(high)}"
    if num_trials == 1:
        span += " for other test reviews; one trial cannot show what other training reviews would change"
        if not wins and not losses:
            return f"Both are equally accurate in the one trial (95 % interval {span})."
        winner, but = "ELMo" if wins else "Basic", "" if is_clear else ", but that is no clear difference"
        return f"{winner} won the one trial by {mean}{but} (95 % interval {span})."

    ties = num_trials - wins - losses
    of_all = f"of {num_trials} trials, with {ties} tied" if ties else f"of {num_trials} trials"
    if not is_clear:
        return f"ELMo won {wins} {of_all}, but there is no clear difference: {mean} on average (95 % interval {span})."
    winner, won = ("ELMo", wins) if estimate.mean > 0 else ("Basic", losses)
    return f"{winner} won {won} {of_all}; it is {mean} more accurate on average (95 % interval {span})."


def paragraph(comparison: Comparison) -> list[str]:
    """Everything a comparison knows, a sentence or two for each fact, in the order in which a reader would ask."""
    return [comparison.sentence, *_of_trials(comparison), _of_reviews(comparison), _of_spread(comparison)]


def _of_trials(comparison: Comparison) -> list[str]:
    """What the tests on the trials say, and what they cannot."""
    num_trials = comparison.num_trials
    if num_trials == 1:
        return []
    trials, lowest = f"{num_trials} trials", comparison.lowest_possible_p
    found = (
        "If both models were equally good on these test reviews, luck would make the trials this one-sided with "
        f"{p_value(comparison.sign_p)} counting who won (sign test), and with {p_value(comparison.wilcoxon_p)} counting by how "
        "much as well (Wilcoxon's signed-rank test); p is a probability, from 0 to 1."
    )
    if lowest > SIGNIFICANT:
        limit = (
            f"With {trials} neither test can give less than {p_value(lowest)}, however clear the result, "
            f"so neither can reach the usual {SIGNIFICANT}; that takes six trials."
        )
    else:
        limit = f"With {trials} both tests can go down to {p_value(lowest)}."
    return [found, limit]


def _of_reviews(comparison: Comparison) -> str:
    """McNemar's test in words."""
    mcnemar = comparison.mcnemar
    most = "" if comparison.num_trials == 1 else " in most of the trials"
    told = (
        f"Of {comparison.num_tests:,} test reviews ELMo alone is right on {mcnemar.num_only_elmo:,} and basic alone on "
        f"{mcnemar.num_only_basic:,}{most}"
    )
    if mcnemar.p < SIGNIFICANT:
        return f"{told}; that is too uneven for chance in the choice of test reviews (McNemar's test, {p_value(mcnemar.p)})."
    return f"{told}; chance in the choice of test reviews could do that (McNemar's test, {p_value(mcnemar.p)})."


def _of_spread(comparison: Comparison) -> str:
    """How consistent both arms are."""
    basic, elmo, p = comparison.spread_basic, comparison.spread_elmo, comparison.spread_p
    if basic is None or elmo is None or comparison.num_trials < _FEWEST_TRIALS_FOR_SPREAD:
        trials = "One trial says" if comparison.num_trials == 1 else "Two trials say"
        return f"{trials} nothing about how consistent the models are; that takes three at least."
    told = (
        f"From trial to trial, the accuracy of basic has a standard deviation of {_deviation(basic)}, "
        f"that of ELMo one of {_deviation(elmo)}"
    )
    if p is None:
        constant = [name for name, spread in (("basic", basic), ("ELMo", elmo)) if not spread.deviation]
        why = f"{' and '.join(constant)} did not vary at all" if constant else "they rose and fell in exact step"
        return f"{told}: {why}, so the test of consistency (Pitman–Morgan) cannot judge which is the more consistent one."
    if p < SIGNIFICANT:
        winner = "ELMo" if elmo.deviation < basic.deviation else "basic"
        return f"{told}: {winner} is the more consistent one (Pitman–Morgan test, {p_value(p)})."
    return f"{told}: no clear difference in consistency (Pitman–Morgan test, {p_value(p)})."


def _deviation(spread: Spread) -> str:
    if not spread.deviation:  # an interval from 0 to 0 would promise that it stays so
        return points(0.0)
    low, high = spread.interval
    return f"{points(spread.deviation)} (95 % interval {number(low)} to {number(high)})"
