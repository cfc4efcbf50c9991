"""The sentences of the Compare page and of its report; short labels stand at their widgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.formatting import percent, points, rounded
from ui.text import count

if TYPE_CHECKING:
    from core.analysis.cost import ArmCost
    from core.errors import UserError

PAGE_TITLE = "Compare: which model is better?"
REPORT_TITLE = "ELMo Lens: static vectors against ELMo"

# Choosing runs
NO_RUNS = "There is no run yet. Train one on the **Train** page; it appears here."
NO_CHOICE = "Choose one or more runs above."
RUNS_HELP = "Several runs of different sizes make a learning curve. A link to this page shows the same to anybody who opens it."
NO_RESULTS = "None of these runs has a finished trial yet."
REPORT_NOTE = "The report holds every chart and table of these views. It opens without a network and prints well."

_NOT_IN_REPORT = {
    "no-finished-trial": "No trial of this run was finished by all its models when this report was made.",
    "dataset-missing": "The texts of the test reviews were not on the server any more when this report was made.",
    "dataset-changed": "The dataset had other reviews than this run was tested on when this report was made.",
    "labels-missing": "The labels of the test reviews were not on the server any more when this report was made.",
}

# Learning curve
SEVERAL_CURVES = "These runs differ in more than the number of training reviews, so each kind has a curve of its own."
CURVE_NOTE = (
    "Bands are 95 % intervals, for other draws from these training reviews and other test reviews. The axis is logarithmic: each "
    "equal step to the right multiplies the number of reviews to label by the same factor."
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


def coverage(static: str, share: float) -> str:
    """How many of the words the static vectors know."""
    return f"The static vectors, {static}, know {percent(share)} of the words in these reviews."


def report_focus(name: str) -> str:
    """Whose mistakes and reviews a report of several runs holds."""
    return f"Mistakes and single reviews in it are those of {name}."


def not_in_report(error: UserError) -> str:
    """Why something is not in a report, for whoever reads it later and elsewhere: the error itself says what to do on a page."""
    return _NOT_IN_REPORT.get(error.code, "Something that this needs could not be read when this report was made.")


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


def cost_headline(costs: Mapping[str, ArmCost], run_name: str = "") -> str:
    """What ELMo costs and what it brings.

    Args:
        costs: Of one run, by arm, basic and elmo among them.
        run_name: To begin with, where there are several.
    """
    basic, elmo = costs["basic"], costs["elmo"]
    difference = elmo.accuracy - basic.accuracy
    gain = f"it is {points(abs(difference))} {'more' if difference > 0 else 'less'} accurate"
    if not rounded(difference):
        gain = "both are equally accurate"
    begin = f"{run_name}: an" if run_name else "An"
    if elmo.total_s is None or basic.total_s is None:
        return f"{begin} ELMo model trains for {elmo.train_s:,.1f} s, a basic one for {basic.train_s:,.1f} s, and {gain}."
    factor = f"{elmo.total_s / basic.total_s:,.1f} times as long"
    return f"{begin} ELMo model takes {elmo.total_s:,.1f} s, a basic one {basic.total_s:,.1f} s: {factor}, and {gain}."
