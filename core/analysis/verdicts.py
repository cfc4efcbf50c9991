"""What a comparison says, in plain English, for people who know no statistics. Plain text: whoever shows it escapes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.analysis.intervals import is_for_this_kind
from core.analysis.paired_tests import holm
from core.experiment.arms import PAIR, arm_title, pair_of
from core.experiment.coverage import LOW_COVERAGE
from core.experiment.provenance import listed
from core.formatting import number, p_value, percent, points, rounded, signed

if TYPE_CHECKING:
    from core.analysis.curves.learning_curve import LabelSaving
    from core.analysis.error_analysis import AccuracySlice
    from core.analysis.intervals import Estimate
    from core.analysis.outcomes import Outcomes
    from core.analysis.paired_tests import Comparison, ReferenceComparison, Spread
    from core.analysis.staircase import Staircase, Step
    from core.analysis.uneven_classes import Measure, UnevenClasses


SIGNIFICANT = 0.05
_FEWEST_TRIALS_FOR_SPREAD = 3
_IN_SENTENCES = {"basic": "basic", "elmo": "ELMo", "elmo-alone": "ELMo alone"}  # all others as they are called

# What changes from one step of the staircase to the next.
_STEPS = {
    ("basic", "letters"): "reading words by their letters, as ELMo has learned to",
    ("letters", "shuffled"): "seeing which other words are in the sentence",
    ("shuffled", "elmo-alone"): "seeing their order",
    ("elmo-alone", "elmo"): "having the static vectors as well",
}

# For a tooltip beside an interval.
INTERVAL_HELP = (
    "Two things were left to chance: which reviews the models were trained on, and which they were tested on. With others, the "
    "difference comes out a little different. The interval allows for both: of 100 intervals made like this one, about 95 "
    "contain the true difference. If it contains 0, the experiment cannot tell which model is better."
)


# Beside many intervals.
ONE_IN_TWENTY = (
    "About one in twenty 95 % intervals misses the truth, so among many, some do. What is called clear here is clear enough to "
    "allow for how many differences were looked at."
)


def in_sentence(arm: str) -> str:
    """An arm as it is called within a sentence."""
    return _IN_SENTENCES.get(arm, arm)


def caution(coverage: float | None) -> str:
    """What must be said before any result of models that saw less than half of the words; empty otherwise.

    Args:
        coverage: Share of the tokens that the static vectors know; None if it is not known.
    """
    if coverage is None or coverage >= LOW_COVERAGE:
        return ""
    return (
        f"Take this with caution: the static vectors know only {percent(coverage)} of the words in these reviews, so basic saw "
        "nothing of the rest. "
    )


def verdict(comparison: Comparison, coverage: float | None = None) -> str:
    """Who won, in one sentence; the lead and its interval are those of the model that is ahead on average.

    Args:
        comparison: Of both models.
        coverage: As for `caution`, which comes first.
    """
    return f"{caution(coverage)}{_winner(comparison)}"


def _winner(comparison: Comparison) -> str:
    mean, (low, high) = comparison.mean_difference, comparison.interval
    first, second = map(in_sentence, comparison.models)
    won = {second: comparison.wins, first: comparison.losses}
    if mean < 0:
        mean, low, high, won = -mean, -high, -low, dict(reversed(won.items()))
    leader, lead = next(iter(won)), points(mean) if rounded(mean) else "less than 0.1 points"
    span, is_clear = f"95 % interval {number(low)} to {number(high)}", low > 0
    if comparison.num_trials == 1:
        span += " for other test reviews; one trial cannot show what other training reviews would change"
        if comparison.ties:
            return f"Both models were equally accurate in the one trial ({span})."
        told = f"{leader} won the one trial by {lead}"
    elif is_clear:
        told = f"{_trials_won(won, comparison)}, by {lead} on average"
    else:
        ahead = f"{leader} is {lead} ahead" if rounded(mean) else "both are equally accurate"
        told = f"{_trials_won(won, comparison)}; on average {ahead}"
    told = told if is_clear else f"no clear difference: {told}"
    return f"{_begun(told)} ({span})."


def _trials_won(won: Mapping[str, int], comparison: Comparison) -> str:
    """How many trials each model won."""
    (first, most), (second, fewer) = won.items()
    trials, ties = f"{comparison.num_trials} trials", comparison.ties
    if not most + fewer:
        return f"{'both' if ties == 2 else f'all {ties}'} trials were tied"
    if most == fewer:
        parts = [f"{first} and {second} won {most} of {trials} each"]
    else:
        parts = [f"{name} won {trials_won}" for name, trials_won in won.items() if trials_won]
        parts[0] += f" of {trials}"
    return ", ".join([*parts, f"{ties} {'was' if ties == 1 else 'were'} tied"] if ties else parts)


def chance_to_win(comparison: Comparison) -> str:
    """How likely the model that won more trials is to win another one; empty after a single trial."""
    num_trials, ties = comparison.num_trials, comparison.ties
    if num_trials == 1:
        return ""
    first, second = map(in_sentence, comparison.models)
    leader, (low, high) = second, comparison.win_interval
    if comparison.losses > comparison.wins:
        leader, (low, high) = first, comparison.loss_interval
    won = max(comparison.wins, comparison.losses)
    tied = "; a tie does not count as a win" if ties else ""
    return (
        f"With {won} of {num_trials} trials won, {leader} has a chance of {rounded(low, 0):.0f} to {percent(high, 0)} to win the "
        f"next one: another draw of training reviews, tested on these same reviews (95 % interval{tied})."
    )


def holds_for(points: Sequence[tuple[int, Outcomes]]) -> str:
    """For which other reviews the intervals over trials hold, in one sentence; whatever page shows any says it once.

    Args:
        points: Training size and outcomes of each run; those of a single trial say nothing about other training reviews.
    """
    several = [(size, outcomes.overlap) for size, outcomes in points if len(outcomes.trials) > 1]
    if not several:
        return "The 95 % intervals hold for other test reviews; one trial cannot show what other training reviews would change."
    of_this_kind = [overlap.share for _, overlap in several if overlap and is_for_this_kind(overlap.share)]
    others = [(size, overlap) for size, overlap in several if not (overlap and is_for_this_kind(overlap.share))]
    runs = "this run" if len(points) == 1 else "these runs"
    if not others:
        most = max(of_this_kind)
        up_to = "up to " if len(several) > 1 else ""
        allowing = f"; they allow for the {up_to}{percent(most, 0)} of training reviews that two trials have in common"
        kind = "The 95 % intervals hold for other reviews of this kind, to train and to test on"
        return f"{kind}{allowing if rounded(most, 0) else ''}."
    sizes = {overlap.pool_size for _, overlap in others if overlap}
    these = f"these {sizes.pop():,} training reviews" if len(sizes) == 1 else "these training reviews"
    only = f"for other draws from {these} and other test reviews; how other training reviews would do, {runs} cannot tell"
    if not of_this_kind:
        return f"The 95 % intervals hold {only}."
    where = listed([f"{size:,}" for size, _ in others])
    return f"The 95 % intervals hold for other reviews of this kind, to train and to test on; with {where} reviews only {only}."


def clear_differences(differences: Mapping[str, tuple[float, float]], places: str, models: tuple[str, str] = PAIR) -> list[str]:
    """Where one model is clearly better when several places are judged together, and why that is not read off each interval.

    Args:
        differences: By the name of the place: the difference, second model minus first, and the p of it being 0.
        places: What they are, such as "sizes".
        models: The two arms.

    Returns:
        Two sentences; none for fewer than two places.
    """
    num = len(differences)
    if num < 2:
        return []
    adjusted = holm([p for _, p in differences.values()])
    clear = [(name, gain) for (name, (gain, _)), p in zip(differences.items(), adjusted, strict=True) if p < SIGNIFICANT]
    first, second = map(in_sentence, models)
    better = {second: [name for name, gain in clear if gain > 0], first: [name for name, gain in clear if gain < 0]}
    told = [f"{model} is clearly better {_for(names, num)}" for model, names in better.items() if names]
    if not told:
        told = ["no difference is clear"]
    elif 0 < len(clear) < num:
        told.append("no clear difference elsewhere")
    return [f"Judging all {num} {places} together (Holm's method), {'; '.join(told)}.", ONE_IN_TWENTY]


def clear_slices(slices: Mapping[str, Sequence[AccuracySlice]], models: tuple[str, str] = PAIR) -> list[str]:
    """On which slices of the test reviews one model is clearly better; as `clear_differences`.

    Args:
        slices: By the name of what they are by.
        models: The two arms.
    """
    differences = {
        f"{name}: {each.title}": (each.difference.mean, each.difference_p)
        for name, found in slices.items()
        for each in found
        if each.difference and each.difference_p is not None
    }
    return clear_differences(differences, "slices", models)


def _for(names: Sequence[str], num: int) -> str:
    return "for all of them" if len(names) == num else f"for {len(names)} of them ({', '.join(names)})"


def label_saving_sentence(saving: LabelSaving, coverage: float | None = None) -> str:
    """How many labels ELMo saves, in one sentence.

    Args:
        saving: Of a learning curve.
        coverage: As for `caution`, which comes first.
    """
    return f"{caution(coverage)}{_begun(_labels_saved(saving))}"


def _labels_saved(saving: LabelSaving) -> str:
    most, reached, best = saving.reference_size, saving.reference_accuracy, saving.best_accuracy
    rival, model = map(in_sentence, saving.models)
    if most is None or reached is None or best is None:
        return (
            f"How many labels {model} saves can only be said once both models are trained with at least two numbers of reviews."
        )
    if saving.equivalent_size is None or saving.factor is None:
        if rounded(reached) == rounded(best):
            return (
                f"{model} saves no labels here: with up to {most:,} reviews both are equally accurate at best, {percent(best)}."
            )
        return (
            f"{model} saves no labels here: with up to {most:,} reviews it is {percent(best)} accurate at best; "
            f"{rival} with {most:,} reviews is {percent(reached)} accurate."
        )
    size, times = saving.equivalent_size, _times(saving.factor)
    few, times = (f"{size:,.0f}", f"at least {times}") if saving.is_bound else (f"about {_two_digits(size)}", times)
    already = "already " if saving.is_bound else ""
    return (
        f"{model} with {few} reviews is {already}as accurate as {rival} with {most:,}: {times} times fewer labels "
        f"({_saving_interval(saving.interval)})."
    )


def _saving_interval(interval: tuple[float | None, float | None] | None) -> str:
    if interval is None:
        return "no interval, because these runs have no trials or no test reviews in common"
    low, high = interval
    if high is None:
        return f"95 % interval {_times(low)} or more" if low else "these runs are too few or too small for an interval"
    return f"95 % interval {_times(low) if low else 'none'} to {_times(high)}"


def _two_digits(size: float) -> str:
    return f"{float(f'{size:.2g}'):,.0f}"


def _times(factor: float) -> str:
    return f"{factor:.1f}" if factor < 10 else f"{factor:,.0f}"


def uneven_sentences(uneven: UnevenClasses) -> list[str]:
    """What accuracy hides where one class is rare: what always saying the other one gives, and both measures that see it."""
    larger = uneven.larger_class
    always = f"a model that calls every review {larger} is {percent(uneven.larger_share)} accurate"
    return [
        f"{percent(uneven.larger_share)} of the test reviews are {larger}: {always}.",
        f"Balanced accuracy, the mean of the shares of both classes that are found: {_measured(uneven.balanced_accuracy)}.",
        f"Macro-F1, the mean of the F1 of both classes: {_measured(uneven.macro_f1)}.",
    ]


def _measured(measure: Measure) -> str:
    models = [
        f"{arm_title(model)} {percent(each.mean)} (95 % interval {' to '.join(map(number, each.interval))})"
        for model, each in measure.models.items()
    ]
    if measure.difference is None:
        return ", ".join(models)
    low, high = measure.difference.interval
    gain = f"difference {signed(measure.difference.mean)} points (95 % interval {signed(low)} to {signed(high)})"
    return f"{', '.join(models)}; {gain}"


def reference_sentence(comparison: ReferenceComparison) -> str:
    """How accurate the bag of words is, and how far ahead of it or behind it the two models are that are compared."""
    pair = pair_of(comparison.leads) or tuple(comparison.leads)
    leads = [_lead(in_sentence(arm), comparison.leads[arm]) for arm in reversed(pair)]
    accuracy = percent(comparison.accuracy.mean)
    return f"A bag of words, which reads whole reviews, is {accuracy} accurate: {listed(leads)}."


def _lead(model: str, lead: Estimate) -> str:
    low, high = lead.interval
    if not rounded(lead.mean):
        return f"{model} is equally accurate (95 % interval {signed(low)} to {signed(high)})"
    if lead.mean < 0:
        low, high = -high, -low
    where = f"{points(abs(lead.mean))} {'ahead of it' if lead.mean > 0 else 'behind it'}"
    return f"{model} is {where} ({'' if low > 0 else 'not clear, '}95 % interval {number(low)} to {number(high)})"


def reference_saving_sentence(saving: LabelSaving) -> str:
    """How many labels a bag of words needs for the accuracy of ELMo; empty where no two sizes have both.

    Args:
        saving: Of ELMo against the bag of words.
    """
    most, reached, best = saving.reference_size, saving.reference_accuracy, saving.best_accuracy
    if most is None or reached is None or best is None:
        return ""
    model = in_sentence(saving.models[1])
    if saving.equivalent_size is None or saving.factor is None:
        if rounded(reached) == rounded(best):
            return (
                f"With {most:,} reviews, a bag of words is {percent(reached)} accurate, as {model} is at best with up to as many."
            )
        return (
            f"With {most:,} reviews, a bag of words is {percent(reached)} accurate: more than {model} with up to as many, which "
            f"is {percent(best)} accurate at best."
        )
    interval = _saving_interval(saving.interval)
    if round(saving.factor, 1) <= 1:
        return f"A bag of words with {most:,} labels is as accurate as {model} with the same number ({interval})."
    if saving.is_bound:
        needs, times = f"at least {most:,} labels", f"at least {_times(saving.factor)}"
    else:
        needs, times = f"{most:,} labels", _times(saving.factor)
    size = f"{saving.equivalent_size:,.0f}" if saving.is_bound else f"about {_two_digits(saving.equivalent_size)}"
    return f"A bag of words needs {needs} for the accuracy that {model} has with {size}: {times} times as many ({interval})."


def staircase_sentence(stairs: Staircase) -> str:
    """Where the gain comes from, in one sentence."""
    parts = [f"{signed(step.gain.mean)} by {_change(step)}" for step in stairs.steps]
    start, end = map(in_sentence, (stairs.whole.start, stairs.whole.end))
    return f"From {start} to {end} it is {_signed_points(stairs.whole.gain.mean)}: {listed(parts)}."


def staircase_steps(stairs: Staircase) -> list[str]:
    """What each step brings and how sure that is, all steps judged together; a sentence each, then why that is allowed for."""
    adjusted = holm([step.p for step in stairs.steps])
    told = []
    for step, p in zip(stairs.steps, adjusted, strict=True):
        change, (low, high) = _change(step), step.gain.interval
        clear = "" if p < SIGNIFICANT else ", not clear"
        told.append(f"{_begun(change)}: {_signed_points(step.gain.mean)}{clear} (95 % interval {signed(low)} to {signed(high)}).")
    return [*told, f"Clear is what stays clear when all {len(told)} steps are judged together (Holm's method)."]


def _change(step: Step) -> str:
    """What the second arm of a step does that the first does not."""
    start, end = map(in_sentence, (step.start, step.end))
    return _STEPS.get((step.start, step.end), f"{end} in place of {start}")


def _begun(sentence: str) -> str:
    """A sentence with a capital letter at its beginning."""
    return f"{sentence[0].upper()}{sentence[1:]}"


def _signed_points(fraction: float) -> str:
    unit = "point" if abs(rounded(fraction)) == 1 else "points"
    return f"{signed(fraction)} {unit}"


def for_statisticians(comparison: Comparison) -> list[str]:
    """What the tests say of a comparison, a sentence or two for each, in the order in which a reader would ask."""
    return [*_of_trials(comparison), _of_reviews(comparison), _of_spread(comparison)]


def _of_trials(comparison: Comparison) -> list[str]:
    """What the tests on the trials say, and what they cannot."""
    num_trials = comparison.num_trials
    if num_trials == 1:
        return []
    trials, lowest = f"{num_trials} trials", comparison.lowest_possible_p
    found = (
        "If both models were equally good on these test reviews, luck alone would make the trials this one-sided with a "
        f"probability of {p_value(comparison.sign_p)} counting who won (sign test), or {p_value(comparison.wilcoxon_p)} counting "
        "by how much (Wilcoxon's signed-rank test)."
    )
    if lowest > SIGNIFICANT:
        limit = (
            f"With {trials}, neither test can give less than {p_value(lowest)}, however clear the result; "
            f"the usual limit of {SIGNIFICANT} takes at least six trials."
        )
    else:
        limit = f"With {trials}, both tests can go down to {p_value(lowest)}."
    return [found, limit]


def _of_reviews(comparison: Comparison) -> str:
    """McNemar's test in words."""
    mcnemar = comparison.mcnemar
    found = "that is too uneven to come from" if mcnemar.p < SIGNIFICANT else "that may come from"
    only = "Only" if comparison.num_trials == 1 else "In most trials, only"
    first, second = map(in_sentence, comparison.models)
    return (
        f"{only} {second} is right on {mcnemar.num_only_elmo:,} of the {comparison.num_tests:,} test reviews and only {first} on "
        f"{mcnemar.num_only_basic:,}; {found} the choice of test reviews (McNemar's test, {p_value(mcnemar.p)})."
    )


def _of_spread(comparison: Comparison) -> str:
    """How consistent both arms are."""
    basic, elmo, p = comparison.spread_basic, comparison.spread_elmo, comparison.spread_p
    first, second = map(in_sentence, comparison.models)
    if basic is None or elmo is None or comparison.num_trials < _FEWEST_TRIALS_FOR_SPREAD:
        trials = "One trial says" if comparison.num_trials == 1 else "Two trials say"
        return f"{trials} nothing about how consistent the models are; that takes at least three."
    told = (
        f"From trial to trial, the accuracy of {first} varies with a standard deviation of {_deviation(basic)}, "
        f"that of {second} with {_deviation(elmo)}"
    )
    if p is None:
        constant = [name for name, spread in ((first, basic), (second, elmo)) if not spread.deviation]
        why = f"{' and '.join(constant)} did not vary at all" if constant else "they rose and fell in exact step"
        return f"{told}: {why}, so the test of consistency (Pitman–Morgan) cannot tell which is more consistent."
    if p < SIGNIFICANT:
        winner = second if elmo.deviation < basic.deviation else first
        return f"{told}: {winner} is more consistent (Pitman–Morgan test, {p_value(p)})."
    return f"{told}: no clear difference in consistency (Pitman–Morgan test, {p_value(p)})."


def _deviation(spread: Spread) -> str:
    if not spread.deviation:  # an interval from 0 to 0 would promise that it stays so
        return points(0.0)
    low, high = spread.interval
    return f"{points(spread.deviation)} (95 % interval {number(low)} to {number(high)})"
