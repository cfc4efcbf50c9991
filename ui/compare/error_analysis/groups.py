"""Groups of test reviews that a chart can be asked for: their names in the URL, their titles and who is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import IndexArray
from core.experiment.arms import arm_title
from core.formatting import rounded

if TYPE_CHECKING:
    from core.analysis.error_analysis import AccuracyBin, AccuracySlice, Agreement
    from core.analysis.error_report import AccuracyByTrait, ErrorReport
    from core.analysis.outcomes import Outcomes


ANSWERS = ("negative", "positive")  # by label
ALL = "all"


@dataclass(frozen=True, eq=False)
class Group:
    """Some test reviews.

    Attributes:
        key: In the URL; begins with the name of its chart, such as "confusion.elmo.0.1".
        title: What they have in common; plain text, fit for a heading.
        rows: int64, their positions among the test reviews.
    """

    key: str
    title: str
    rows: IndexArray

    @property
    def chart(self) -> str:
        """The name of the chart it belongs to."""
        return self.key.split(".", maxsplit=1)[0]


def all_reviews(outcomes: Outcomes) -> Group:
    """Every test review."""
    return Group(ALL, "All test reviews", np.arange(len(outcomes.ids)))


def single_review(outcomes: Outcomes, row: int) -> Group:
    """One test review."""
    return Group(key("review", outcomes.ids[row]), "The review that was clicked", np.array([row]))


def key(chart: str, *parts: object) -> str:
    """Key of the group behind one mark of a chart: "confusion.elmo.0.1" is an arm, a label and a prediction."""
    return ".".join(map(str, (chart, *parts)))


def reliability_key(arm: str, low: float) -> str:
    """Key of a bin of a reliability diagram, by its lower end."""
    return key("reliability", arm, f"{low * 100:.0f}")


def titles(agreement: Agreement) -> tuple[str, str]:
    """The two models of an agreement as headings call them."""
    first, second = agreement.models
    return arm_title(first), arm_title(second)


def agreement_title(first_is_right: int, second_is_right: int, names: tuple[str, str]) -> str:
    """What the reviews of a cell have in common."""
    first, second = names
    told = (("Neither is right", f"Only {second} is right"), (f"Only {first} is right", "Both are right"))
    return told[first_is_right][second_is_right]


def agreement_groups(agreement: Agreement, names: tuple[str, str] | None = None) -> list[Group]:
    """The groups behind the agreement matrix, first the reviews that divide the models."""
    cells = {(1, 0): agreement.only_basic, (0, 1): agreement.only_elmo, (0, 0): agreement.none, (1, 1): agreement.both}
    return [
        Group(key("agreement", *cell), agreement_title(*cell, names or titles(agreement)), rows) for cell, rows in cells.items()
    ]


def bin_label(trait: str, found: AccuracyBin) -> str:
    """What the reviews of a bin have in common, short enough for an axis: "35–120", "0.8–1.6 %"."""
    if trait == "length":
        return f"{found.low:.0f}–{found.high:.0f}" if found.high > found.low else f"{found.low:.0f}"
    low, high = f"{rounded(found.low):.1f}", f"{rounded(found.high):.1f}"
    return f"{low}–{high} %" if high != low else "none" if found.high == 0 else f"{low} %"


def quality_groups(quality: ErrorReport) -> list[Group]:
    """The groups behind the agreement matrix, the confusion matrices and the reliability diagram, in that order."""
    found = []
    if quality.agreement:
        found += agreement_groups(quality.agreement)
    for arm, confusion in quality.confusions.items():
        for (label, prediction), rows in sorted(confusion.reviews.items()):
            title = f"{ANSWERS[label].capitalize()} reviews that {arm_title(arm)} calls {ANSWERS[prediction]}"
            found.append(Group(key("confusion", arm, label, prediction), title, rows))
    for arm, bins in quality.reliabilities.items():
        for each in bins:
            title = (
                f"Reviews that {arm_title(arm)} calls positive with a chance of {each.low * 100:.0f} to {each.high * 100:.0f} %"
            )
            found.append(Group(reliability_key(arm, each.low), title, each.reviews))
    return found


def trait_groups(by_trait: AccuracyByTrait) -> list[Group]:
    """The groups behind accuracy by length and by share of unknown words."""
    lengths = [
        Group(key("length", number), f"Reviews of {bin_label('length', each)} words and signs", each.reviews)
        for number, each in enumerate(by_trait.length)
    ]
    unknown = [
        Group(key("unknown", number), _unknown_title(bin_label("unknown", each)), each.reviews)
        for number, each in enumerate(by_trait.unknown)
    ]
    return [*lengths, *unknown]


def slice_groups(name: str, slices: Sequence[AccuracySlice]) -> list[Group]:
    """The groups behind the accuracies on the slices of a column.

    Args:
        name: Of the column.
        slices: In the order in which they are drawn.
    """
    return [Group(slice_key(name, number), f"{name}: {each.title}", each.reviews) for number, each in enumerate(slices)]


def slice_key(name: str, number: int) -> str:
    """Key of a slice of a column, whose name may have dots."""
    return key("slice", number, name)


def find(wanted: str, groups: Sequence[Group]) -> Group | None:
    """The group with that key; None if there is none, as in a link to another run."""
    return next((group for group in groups if group.key == wanted), None)


def of_charts(groups: Sequence[Group], *charts: str) -> list[Group]:
    """Those groups that belong to some charts."""
    return [group for group in groups if group.chart in charts]


def _unknown_title(label: str) -> str:
    return "Reviews without unknown words" if label == "none" else f"Reviews with {label} unknown words"
