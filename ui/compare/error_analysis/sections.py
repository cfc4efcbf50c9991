"""Mistakes, calibration and agreement as sections: headings, sentences, charts and tables. Nothing in here knows Streamlit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from core.analysis.error_analysis import AccuracyBin, AccuracySlice, Agreement
from core.analysis.error_report import AccuracyByTrait, ErrorReport
from core.analysis.verdicts import clear_differences
from core.experiment.arms import PAIR, arm_title, pair_of
from ui.compare import wording
from ui.compare.error_analysis import calibration_charts, confusion_charts, groups, trait_charts
from ui.compare.error_analysis.groups import ANSWERS, quality_groups
from ui.compare.error_analysis.slice_charts import NamedLook, slice_chart
from ui.compare.section import Section
from ui.widgets.tables import Kind, Table, interval_headings, with_interval

_NO_FILE_NAME = re.compile(r"[^\w-]+")
_TRAITS = {"length": "Length", "unknown": "Unknown words"}


def confusion_section(quality: ErrorReport, *, chosen: str = "") -> Section:
    """Confusion matrices side by side."""
    num_reviews = {group.key: len(group.rows) for group in quality_groups(quality)}
    rows = [
        {
            "model": arm_title(arm),
            "truth": ANSWERS[label],
            "answer": ANSWERS[prediction],
            "reviews": float(confusion.counts[label, prediction]),
            "share": float(confusion.counts[label, prediction] / max(confusion.counts[label].sum(), 1)),
            "in most trials": num_reviews[groups.key("confusion", arm, label, prediction)],
        }
        for arm, confusion in quality.confusions.items()
        for label in (0, 1)
        for prediction in (0, 1)
    ]
    kinds: dict[str, Kind] = {"reviews": "mean", "share": "percent", "in most trials": "count"}
    return Section(
        wording.MISTAKES_TITLE,
        notes=(wording.mistakes_note(quality.num_tests, quality.num_trials),),
        hint=wording.MISTAKES_HINT,
        charts=tuple(
            confusion_charts.confusion_chart(confusion, arm, num_reviews=num_reviews, chosen=chosen)
            for arm, confusion in quality.confusions.items()
        ),
        tables=(Table("confusion", "Test reviews by truth and answer", pd.DataFrame(rows), kinds),),
    )


def calibration_section(quality: ErrorReport, *, chosen: str = "") -> Section:
    """ROC and reliability diagram with the numbers that sum them up."""
    rows = [
        {
            "model": arm_title(arm),
            "area under ROC": float(quality.rocs[arm].aucs.mean()) if arm in quality.rocs else None,
            "Brier score": brier.mean,
            "Brier from": brier.interval[0],
            "Brier to": brier.interval[1],
            "calibration error": quality.calibration_errors[arm],
        }
        for arm, brier in quality.briers.items()
    ]
    bins = [
        {
            "model": arm_title(arm),
            "bin": f"{each.low * 100:.0f}–{each.high * 100:.0f} %",
            "said": each.mean_prob,
            "true": each.share_positive,
            "from": each.interval[0],
            "to": each.interval[1],
            "predictions": each.num_predictions,
        }
        for arm, found in quality.reliabilities.items()
        for each in found
    ]
    return Section(
        wording.CALIBRATION_TITLE,
        notes=(wording.CALIBRATION_NOTE, *(() if quality.rocs else (wording.NO_ROC,))),
        charts=(
            *((calibration_charts.roc_chart(quality.rocs),) if quality.rocs else ()),
            calibration_charts.reliability_chart(quality.reliabilities, chosen=chosen),
        ),
        tables=(
            Table(
                "calibration",
                "Ranking and calibration of each model, with the 95 % interval of the Brier score",
                pd.DataFrame(rows),
                {
                    "area under ROC": "score",
                    "Brier score": "score",
                    "Brier from": "score",
                    "Brier to": "score",
                    "calibration error": "percent",
                },
            ),
            Table(
                "reliability",
                "Predicted chance and the truth",
                pd.DataFrame(bins),
                {"said": "percent", "true": "percent", "from": "percent", "to": "percent", "predictions": "count"},
            ),
        ),
    )


def trait_section(by_trait: AccuracyByTrait, *, max_tokens: int, intervals: str, chosen: str = "") -> Section:
    """Accuracy by length and by share of unknown words.

    Args:
        by_trait: What to show.
        max_tokens: That the models read.
        intervals: The sentence on what intervals hold for.
        chosen: Key of the group whose reviews are shown.
    """
    bins = {"length": by_trait.length, "unknown": by_trait.unknown}
    differences = {
        f"{_TRAITS[trait].lower()}: {groups.bin_label(trait, each)}": (each.difference.mean, each.difference_p)
        for trait, found in bins.items()
        for each in found
        if each.difference and each.difference_p is not None
    }
    pair = pair_of(by_trait.length[0].accuracies) or PAIR
    return Section(
        wording.TRAITS_TITLE,
        facts=tuple(clear_differences(differences, "groups of reviews", pair)),
        notes=(wording.traits_note(max_tokens), intervals),
        hint=wording.TRAITS_HINT,
        charts=tuple(trait_charts.accuracy_by_chart(trait, found, chosen=chosen) for trait, found in bins.items()),
        tables=tuple(_trait_table(trait, found) for trait, found in bins.items()),
    )


def agreement_section(agreement: Agreement, *, chosen: str = "") -> Section:
    """Who gets which review right."""
    return Section(
        wording.AGREEMENT_TITLE,
        notes=(wording.AGREEMENT_NOTE,),
        hint=wording.AGREEMENT_HINT,
        charts=(confusion_charts.agreement_chart(agreement, chosen=chosen),),
        tables=(agreement_table(agreement),),
    )


def agreement_table(agreement: Agreement, names: tuple[str, str] | None = None) -> Table:
    """Numbers of test reviews by which of two models gets them right."""
    names = names or groups.titles(agreement)
    counts = agreement.counts
    rows = [
        {
            "who": groups.agreement_title(basic, elmo, names),
            "reviews": int(counts[basic, elmo]),
            "share": float(counts[basic, elmo] / counts.sum()),
        }
        for basic, elmo in ((1, 1), (0, 1), (1, 0), (0, 0))
    ]
    kinds: dict[str, Kind] = {"reviews": "count", "share": "percent"}
    return Table("agreement", "Test reviews by who gets them right", pd.DataFrame(rows), kinds)


def slice_section(name: str, slices: Sequence[AccuracySlice], looks: Mapping[str, NamedLook], *, chosen: str = "") -> Section:
    """Accuracy on the slices of one column.

    Args:
        name: Of the column.
        slices: From top to bottom.
        looks: Of the models, by arm.
        chosen: Key of the group whose reviews are shown.
    """
    return Section(
        f"Accuracy by {name}",
        notes=(wording.SLICES_NOTE,),
        hint=wording.SLICES_HINT,
        charts=(slice_chart(name, slices, looks, chosen=chosen),),
        tables=(_slice_table(name, slices, {arm: look.title for arm, look in looks.items()}),),
    )


def slice_sections(
    slices: Mapping[str, Sequence[AccuracySlice]], looks: Mapping[str, NamedLook], clear: Sequence[str]
) -> list[Section]:
    """All slices, for the report and the files.

    Args:
        slices: By the name of what they are by.
        looks: Of the models, by arm.
        clear: The sentences on which differences are clear.
    """
    return [
        Section(wording.SLICES_TITLE, facts=tuple(clear)),
        *(slice_section(name, found, looks) for name, found in slices.items()),
    ]


def _slice_table(name: str, slices: Sequence[AccuracySlice], titles: Mapping[str, str]) -> Table:
    rows = []
    for each in slices:
        row: dict[str, object] = {"slice": each.title, "reviews": len(each.reviews)}
        for arm, accuracy in each.accuracies.items():
            row |= with_interval(titles[arm], accuracy.mean, accuracy.interval)
        if each.difference:
            row |= with_interval("difference", each.difference.mean, each.difference.interval)
        rows.append(row)
    kinds: dict[str, Kind] = {"reviews": "count", **dict.fromkeys(titles.values(), "percent"), "difference": "points"}
    file = f"slices-{_NO_FILE_NAME.sub('-', name)}"
    return Table(file, f"Accuracy by {name}, with 95 % intervals", pd.DataFrame(rows), kinds, interval_headings(kinds))


def _trait_table(trait: str, bins: Sequence[AccuracyBin]) -> Table:
    rows = []
    kinds: dict[str, Kind] = {"reviews": "count"}
    for each in bins:
        row: dict[str, object] = {_TRAITS[trait]: groups.bin_label(trait, each), "reviews": len(each.reviews)}
        for arm, accuracy in each.accuracies.items():
            row |= with_interval(arm_title(arm), accuracy.mean, accuracy.interval)
            kinds[arm_title(arm)] = "percent"
        if each.difference:
            row |= with_interval("difference", each.difference.mean, each.difference.interval)
            kinds["difference"] = "points"
        rows.append(row)
    return Table(f"accuracy-by-{trait}", f"Accuracy by {_TRAITS[trait].lower()}, with 95 % intervals", pd.DataFrame(rows), kinds)
