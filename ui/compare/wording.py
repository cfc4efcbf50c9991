"""The sentences of the Compare page and of its report; short labels stand at their widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.analysis.verdicts import in_sentence
from core.experiment.arms import arm_title
from core.formatting import number, percent, points, rounded
from ui.text import count, escape

if TYPE_CHECKING:
    from core.analysis.cost import ArmCost
    from core.analysis.sample_size import Precision
    from core.errors import UserError

_FEW_TRIALS = 5

PAGE_TITLE = "Compare: which model is better?"
REPORT_TITLE = "ELMo Lens: static vectors against ELMo"

FOR_STATISTICIANS = "For statisticians"

# Choosing runs
NO_RUNS = "There is no run yet. Train one; it appears here."
FIRST_RUN = "Train the first one"
NO_CHOICE = "Choose one or more runs above."
RUNS_HELP = "Several runs of different sizes make a learning curve. A link to this page shows the same to anybody who opens it."
NO_RESULTS = "None of these runs has a finished trial yet."
REPORT_NOTE = "The report holds every chart and table of these views. It opens without a network and prints well."


def models_help(run_name: str) -> str:
    """Beside the button for the models; Markdown."""
    return f"The models of {escape(run_name)}, with a card. Once unpacked, `elmo-lens predict --model FOLDER` predicts with them."


_NOT_IN_REPORT = {
    "no-finished-trial": "No trial of this run was finished by all its models when this report was made.",
    "dataset-missing": "The texts of the test reviews were not on the server any more when this report was made.",
    "dataset-changed": "The dataset had other reviews than this run was tested on when this report was made.",
    "labels-missing": "The labels of the test reviews were not on the server any more when this report was made.",
}

# Accuracy
UNEVEN_TABLE = "Measures for uneven classes, with 95 % intervals"

# How much is enough?
ENOUGH_TITLE = "How much is enough?"
ENOUGH_TABLE = "How far the 95 % interval reaches to either side of the difference"

# Learning curve
SEVERAL_CURVES = "These runs differ in more than the number of training reviews, so each kind has a curve of its own."
CURVE_NOTE = (
    "Bands are 95 % intervals. The axis is logarithmic: each equal step to the right multiplies the number of reviews to label "
    "by the same factor."
)

# Step by step
WHOLE_WAY = "all steps together"
TRAIN_STAIRCASE = "Train the steps between"
STAIRCASE_OFFER = (
    "Is it *context*, or only the right kind of text? Three models between basic and ELMo can tell. **Letters** has ELMo's first "
    "layer alone, which knows how a word is spelt and nothing of its neighbours. **Shuffled** is ELMo on sentences whose words "
    "come in random order. **ELMo alone** reads them as they are, without the static vectors beside it. They are trained on the "
    "draws of this run, with its settings."
)
STAIRCASE_NOTE = (
    "All models have the same head, the same draws and the same test reviews. The steps add up to the whole way, trial by trial "
    "and review by review."
)
ELMO_MINI_LETTERS = (
    "elmo-mini learned its letters from film reviews, so the first step is also that from text of every kind to film reviews."
)

# Mistakes
MISTAKES_TITLE = "Right and wrong answers"
CALIBRATION_TITLE = "Calibration"
TRAITS_TITLE = "Easy and hard reviews"
CALIBRATION_NOTE = (
    "A well-calibrated model is right as often as it says: of the reviews that it calls positive with 80 %, 80 % are positive. "
    "Calibration error: how far the two are apart, on average. Brier score: mean squared distance from the truth; 0 is perfect, "
    "always saying 50 % gives 0.25. Area under the ROC curve: the chance that a positive review gets a higher probability than "
    "a negative one; 1 is perfect, 0.5 is guessing."
)
NO_ROC = "All test reviews have the same label, so there is no ROC curve."
MISTAKES_HINT = "Click a cell to read the reviews that were in it in most trials."
TRAITS_HINT = "Click a column to read its reviews."
COUNTING_WORDS = "Counting the words of the test reviews. This takes a few seconds, once."

# Slices
SLICES_TITLE = "Slices"
SLICES_NOTE = "Lines are 95 % intervals; long lines mean few reviews."
SLICES_HINT = "Click a row to read its reviews."
SLICES_HELP = "Further columns of a file that was added are offered here, too."

# Review by review
AGREEMENT_TITLE = "Where the models agree"
AGREEMENT_NOTE = "A model counts as right about a review if it is right in more than half of the trials."
AGREEMENT_HINT = "Click a cell or a point to read its reviews."
NO_MATCH = "No review contains these words."
EMPTY_GROUP = "There is no review in this group."

# Cost
COST_NOTES = (
    "Reading: all labelled reviews of one trial, at the speed of all workers together, with nothing in the cache. A basic model "
    "only looks words up, which takes next to no time. Training and testing: one head on one worker.",
    "A vector takes two bytes per number. A head takes four bytes per weight, without ELMo itself.",
)
NOTHING_TO_COMPARE = "Only one of the two models was trained, so there is nothing to compare."
TIMING_NOTE = "The time of a prediction is measured when you ask for it, because the models must be loaded first."
LOADING = "Loading the models. This takes a few seconds, once."
PREDICTING = "Predicting…"


def pair(first: str, second: str) -> str:
    """Two arms that can be compared."""
    return f"{arm_title(second)} with {arm_title(first)}"


def coverage(static: str, share: float) -> str:
    """How many of the words the static vectors know."""
    return f"The static vectors, {static}, know {percent(share)} of the words in these reviews."


def report_focus(name: str) -> str:
    """Whose mistakes and reviews a report of several runs holds."""
    return f"Mistakes and single reviews in it are those of {name}."


def not_in_report(error: UserError) -> str:
    """Why something is not in a report, for whoever reads it later and elsewhere: the error itself says what to do on a page."""
    return _NOT_IN_REPORT.get(error.code, "Something that this needs could not be read when this report was made.")


def precision(found: Sequence[Precision]) -> str:
    """How far the interval reaches, and how far it would with twice as much of everything.

    Args:
        found: As it is, then with more.
    """
    now, *more = found
    reaches = {(each.num_trials // now.num_trials, each.num_tests // now.num_tests): number(each.half_width) for each in more}
    what = {(2, 1): "with twice as many trials", (1, 2): "with twice as many test reviews", (2, 2): "with both"}
    parts = [f"{reaches[times]} {words}" for times, words in what.items() if times in reaches]
    return (
        f"The 95 % interval reaches {points(now.half_width)} to either side; a smaller difference is not clear. "
        f"It would reach about {', '.join(parts)}."
    )


def precision_limits(now: Precision, with_trials: float, with_tests: float, pool_size: int | None) -> str:
    """What no number of trials and no number of test reviews gets rid of.

    Args:
        now: As it is.
        with_trials: What remains with any number of trials.
        with_tests: What remains with any number of test reviews.
        pool_size: Reviews that trials draw from, if the interval is for others, too.
    """
    also = f" and {pool_size:,} reviews to draw from" if pool_size is not None else ""
    return (
        f"With any number of trials, these {now.num_tests:,} test reviews{also} would still leave about {points(with_trials)}; "
        f"with any number of test reviews, these {now.num_trials} trials would leave about {points(with_tests)}."
    )


def enough_note(num_trials: int) -> str:
    """Where predictions of the interval come from, and how good they are."""
    if num_trials == 1:
        return "One trial does not show how much trials differ, so only the number of test reviews can be judged."
    rough = " Few trials make this a rough guess." if num_trials < _FEW_TRIALS else ""
    return f"Predicted from how much the difference varied over the trials and the test reviews of this run.{rough}"


def labels_until_clear(clear: Mapping[float, float | None], smallest: int, largest: int) -> str:
    """How many training reviews it takes until differences are clear.

    Args:
        clear: By difference: with how many training reviews it is just clear; None if not with the most.
        smallest: Fewest training reviews of the curve.
        largest: Most of them.
    """
    needed = []
    for size in clear.values():
        if size is None:
            needed.append(f"more than {largest:,} labels")
        else:
            needed.append(f"{smallest:,} labels or fewer" if size <= smallest else f"about {float(f'{size:.2g}'):,.0f} labels")
    takes = [f"{points(difference)} takes {labels} to be clear" for difference, labels in zip(clear, needed, strict=True)]
    return f"With as many trials and test reviews as here, a difference of {' and one of '.join(takes)}."


def spare_runs(number: int) -> str:
    """Why some runs are in no curve."""
    return f"{count(number, 'run')} left out: of two runs of one size, the finished one counts, or else the one with more trials."


def mistakes_note(num_tests: int, num_trials: int) -> str:
    """How to read confusion matrices."""
    return f"Numbers of the {num_tests:,} test reviews, averaged over {count(num_trials, 'trial')}."


def traits_note(max_tokens: int) -> str:
    """How to read accuracy by length and by unknown words."""
    return (
        f"The models read the first {max_tokens} words and signs of a review. Vertical lines are 95 % intervals; "
        "long lines mean few reviews."
    )


def found_reviews(num_found: int, num_in_group: int, *, is_search: bool) -> str:
    """How many reviews are listed, and what their charts show."""
    found = f"{num_found:,} of {count(num_in_group, 'review')} found" if is_search else count(num_found, "review")
    return f"{found}. Each thin mark is one trial, the big one is the mean."


def cost_headline(first: ArmCost, second: ArmCost, run_name: str = "") -> str:
    """What the second of two models costs and what it brings.

    Args:
        first: Cost of the first model.
        second: That of the second.
        run_name: To begin with, where there are several.
    """
    one, other = in_sentence(first.arm), in_sentence(second.arm)
    difference = second.accuracy - first.accuracy
    gain = f"it is {points(abs(difference))} {'more' if difference > 0 else 'less'} accurate"
    if not rounded(difference):
        gain = "both are equally accurate"
    begin = f"{run_name}: a model" if run_name else "A model"
    if second.total_s is None or first.total_s is None:
        return f"{begin} of {other} trains for {second.train_s:,.1f} s, one of {one} for {first.train_s:,.1f} s, and {gain}."
    factor = f"{second.total_s / first.total_s:,.1f} times as long"
    return f"{begin} of {other} takes {second.total_s:,.1f} s, one of {one} {first.total_s:,.1f} s: {factor}, and {gain}."
