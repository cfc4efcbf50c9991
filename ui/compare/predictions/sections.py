"""A comparison of predictions as sections: headings, sentences, charts and tables. Nothing in here knows Streamlit."""

from __future__ import annotations

import dataclasses

import pandas as pd

from core.analysis.intervals import Estimate
from core.analysis.uneven_classes import Measure
from core.predictions import verdicts
from core.predictions.comparison import PredictionComparison
from core.predictions.prediction_table import Predictions
from ui.compare.accuracy.measures import measures_table
from ui.compare.error_analysis import confusion_charts
from ui.compare.error_analysis.sections import agreement_table, slice_sections
from ui.compare.error_analysis.slice_charts import NamedLook, named_look
from ui.compare.predictions import charts, wording
from ui.compare.section import Section
from ui.widgets.tables import Kind, Table, interval_headings, with_interval


def looks(found: PredictionComparison) -> dict[str, NamedLook]:
    """The first model looks as basic does, the second as ELMo."""
    return {name: named_look(arm, name) for name, arm in zip(found.names, ("basic", "elmo"), strict=True)}


def accuracy_section(found: PredictionComparison, predictions: Predictions) -> Section:
    """Which model is better, and what is known of that."""
    gain = Estimate(found.comparison.mean_difference, found.comparison.interval)
    measures = {"accuracy": Measure(found.accuracies, gain), **(found.uneven.measures if found.uneven else {})}
    titles = {name: name for name in found.names}
    thresholds = (wording.THRESHOLD_NOTE,) if found.calibrations else ()
    return Section(
        wording.ACCURACY_TITLE,
        verdicts.verdict(found),
        tuple(verdicts.facts(found, predictions)),
        notes=(verdicts.ONE_TRIAL, *thresholds),
        charts=(charts.accuracy_chart(found.accuracies, looks(found)),),
        tables=(measures_table("accuracy", wording.ACCURACY_TABLE, measures, titles),),
        values=dataclasses.asdict(found.comparison.mcnemar),
    )


def agreement_section(found: PredictionComparison, *, chosen: str = "") -> Section:
    """Which of both is right, review by review."""
    chart = confusion_charts.agreement_chart(found.agreement, chosen=chosen, names=found.names, counted="")
    return Section(
        wording.AGREEMENT_TITLE,
        hint=wording.AGREEMENT_HINT,
        charts=(chart,),
        tables=(agreement_table(found.agreement, found.names),),
    )


def calibration_section(found: PredictionComparison) -> Section:
    """Whether the probabilities come true."""
    missing = wording.without_probabilities([name for name in found.names if name not in found.calibrations])
    if not found.calibrations:
        return Section(wording.CALIBRATION_TITLE, notes=(missing,))
    rows = [
        {"model": name, **with_interval("Brier score", each.brier.mean, each.brier.interval), "calibration error": each.error}
        for name, each in found.calibrations.items()
    ]
    kinds: dict[str, Kind] = {"Brier score": "score", "calibration error": "percent"}
    return Section(
        wording.CALIBRATION_TITLE,
        notes=(wording.CALIBRATION_NOTE, *filter(None, [missing])),
        charts=(charts.reliability_chart({name: each.bins for name, each in found.calibrations.items()}, looks(found)),),
        tables=(
            Table(
                "calibration",
                "Calibration of each model, with 95 % intervals",
                pd.DataFrame(rows),
                kinds,
                interval_headings(kinds),
            ),
        ),
    )


def all_sections(found: PredictionComparison, predictions: Predictions) -> list[Section]:
    """Everything, for the report and the files."""
    return [
        accuracy_section(found, predictions),
        agreement_section(found),
        calibration_section(found),
        *slice_sections(found.slices, looks(found), verdicts.slice_sentences(found)),
    ]
