"""What teaching says. Short labels of buttons and fields stand where they are drawn."""

from __future__ import annotations

from core.analysis.intervals import Estimate
from core.challenges.teaching import Change, FamilyChange
from core.experiment.arms import arm_title
from core.formatting import percent, points, rounded, signed
from ui.text import count, escape

INTRO = (
    "Both models are trained again, on the reviews of this run and on your lessons. Then their answers before and after are "
    "compared: on the lessons, on sentences like them that nobody has taught, and on the test reviews."
)
ADD_HELP = "Adds the sentence to the lessons, with which both models can be trained again."
ADDED = "Added to the lessons, in the tab Teach."
FAMILY_HELP = (
    "Every other pair becomes lessons. The other half of the pairs tests whether the models have learned more than these."
)
NO_UNTAUGHT = "There is no untaught run with these settings any more, so nothing can be compared. Train it again first."
NO_LESSONS = "Type a sentence per line, or take half of a family of challenges."
ALREADY_TAUGHT = "The models of this run have learned just these lessons."
NO_UNSEEN = "All pairs of the families that were taught are lessons, so nothing is left to test on."
INTERVALS = (
    "In brackets: 95 % intervals of the change in points, for other draws of the reviews and other sentences of this kind; one "
    "in twenty misses. Pairs made from one template are much alike, so the intervals are probably too narrow. A share is the "
    "mean over the trials."
)
CHALLENGES_WAITING = "waiting for the models"


def number_of_lessons(num_lessons: int, train_size: int) -> str:
    """How much is taught beside how many reviews."""
    return f"{count(num_lessons, 'lesson')}, added to {count(train_size, 'review')} in every trial."


def taught_title(num_lessons: int) -> str:
    """Above what the lessons have changed."""
    return f"What {count(num_lessons, 'lesson')} changed"


def start_challenges(num_pairs: int) -> str:
    """On the button that tests both runs on sentences that nobody has taught."""
    return f"Test on {count(num_pairs, 'pair')}, before and after"


def lessons_learned(arm: str, num_right_before: int, num_right: int, num_lessons: int) -> str:
    """How many of the lessons an arm gets right."""
    return f"**{arm_title(arm)}** got {num_right_before:,} of {count(num_lessons, 'lesson')} right before, {num_right:,} after."


def on_reviews(arm: str, change: Change) -> str:
    """What the lessons have cost or brought on the test reviews."""
    said = f"**{arm_title(arm)}**: {percent(change.before)} of the test reviews right before, {percent(change.after)} after"
    mean = change.difference.mean
    if not change.is_clear:
        told = "no clear difference" if rounded(mean) else "equally accurate"
    else:
        told = f"{_amount(mean)} {'more' if mean > 0 else 'fewer'}"
    return f"{said}, {told}{interval(change.difference, decimals=1)}."


def on_family(change: FamilyChange) -> str:
    """Whether the models have learned what a family tests, in a sentence; Markdown."""
    learned = [arm_title(arm) for arm, its in change.by_arm.items() if its.is_clear and its.difference.mean > 0]
    num_pairs = next(iter(change.by_arm.values())).num_texts
    about = f"**{escape(change.family or '')}**, {count(num_pairs, 'pair')} that nobody has taught:"
    if not learned:
        who = "no model has" if len(change.by_arm) > 1 else "the model has not"
        said = f"{about} {who} clearly learned {'it' if len(change.by_arm) == 1 else 'them'}"
    else:
        who = "both models have" if len(learned) == len(change.by_arm) > 1 else f"{' and '.join(learned)} has"
        said = f"{about} {who} learned from the others"
    shares = ", ".join(
        f"{arm_title(arm)} {percent(its.before, 0)} → {percent(its.after, 0)}" for arm, its in change.by_arm.items()
    )
    return f"{said} ({shares} passed).{_gap(change.gap, has_learned=bool(learned))}"


def interval(difference: Estimate, *, decimals: int = 0) -> str:
    """The interval of a change, in brackets."""
    low, high = difference.interval
    return f" ({signed(low, decimals)} to {signed(high, decimals)} points)"


def change_cell(change: Change) -> str:
    """A change in a table."""
    low, high = change.difference.interval
    return f"{signed(change.difference.mean, 0)} ({signed(low, 0)} to {signed(high, 0)})"


def _gap(gap: Estimate | None, *, has_learned: bool) -> str:
    if gap is None or not has_learned:
        return ""
    low, high = gap.interval
    if low > 0 or high < 0:
        who, other = ("ELMo", "Basic") if gap.mean > 0 else ("Basic", "ELMo")
        return f" {who} has gained {_amount(gap.mean)} more than {other}{interval(gap)}."
    if not rounded(gap.mean):
        return f" Both have gained equally much{interval(gap)}."
    return f" Which of them has gained more is not clear{interval(gap)}."


def _amount(difference: float) -> str:
    """A clear difference in points, without its sign."""
    return points(abs(difference)) if rounded(difference) else "less than 0.1 points"
