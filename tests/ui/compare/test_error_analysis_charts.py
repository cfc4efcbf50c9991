"""What a reader of the charts of mistakes sees, and which reviews each mark stands for."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import altair as alt
import numpy as np
import pytest

from core.analysis.error_report import AccuracyByTrait, ErrorReport, measure, measure_by_trait
from core.analysis.outcomes import Outcomes
from core.analysis.review_traits import ReviewTraits
from ui.arm_style import LOOKS
from ui.compare import wording
from ui.compare.error_analysis import calibration_charts, confusion_charts, groups, trait_charts
from ui.compare.error_analysis.sections import agreement_section, calibration_section, confusion_section, trait_section
from ui.compare.reviews import map_chart
from ui.compare.section import Section
from ui.widgets import charts
from ui.widgets.chart_marks import SELECTION

NUM_TESTS = 60


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    """Three trials of two arms that are mostly right, ELMo more often."""
    rng = np.random.default_rng(0)
    labels = np.array([0, 1] * (NUM_TESTS // 2), dtype=np.int8)
    noise = rng.normal(0, [[[0.9]], [[0.5]]], (2, 3, NUM_TESTS))
    probs = 1 / (1 + np.exp(-(labels * 2.0 - 1 + 2 * noise)))
    ids = tuple(f"{number:016x}" for number in range(NUM_TESTS))
    return Outcomes(trials=(0, 1, 2), arms=("basic", "elmo"), probs=probs.astype(np.float32), labels=labels, ids=ids)


@pytest.fixture(scope="module")
def quality(outcomes: Outcomes) -> ErrorReport:
    return measure(outcomes)


@pytest.fixture(scope="module")
def by_trait(outcomes: Outcomes) -> AccuracyByTrait:
    num_tokens = np.arange(20, 20 + NUM_TESTS)
    unknown = np.where(np.arange(NUM_TESTS) % 2, 0.0, np.arange(NUM_TESTS) / 1000)
    return measure_by_trait(outcomes, ReviewTraits(num_tokens, unknown))


@pytest.fixture(scope="module")
def sections(quality: ErrorReport, by_trait: AccuracyByTrait) -> list[Section]:
    assert quality.agreement
    return [
        confusion_section(quality),
        calibration_section(quality),
        trait_section(by_trait, max_tokens=128, intervals=""),
        agreement_section(quality.agreement),
    ]


def test_the_differences_of_all_groups_are_judged_together(sections: list[Section], by_trait: AccuracyByTrait) -> None:
    num_groups = len(by_trait.length) + len(by_trait.unknown)
    assert sections[2].facts[0].startswith(f"Judging all {num_groups} groups of reviews together")


def keys(chart: alt.LayerChart) -> list[str]:
    """The groups that a click on the chart can open."""
    found: list[str] = []
    for rows in chart.to_dict()["datasets"].values():
        found += [row[SELECTION] for row in rows if SELECTION in row]
    return found


def drawn(chart: alt.LayerChart) -> ET.Element:
    return ET.fromstring(charts.to_svg(chart))


def texts(svg: ET.Element) -> list[str]:
    return ["".join(element.itertext()) for element in svg.iter("{http://www.w3.org/2000/svg}text")]


def marks(svg: ET.Element, role: str) -> int:
    return sum(element.get("aria-roledescription") == role for element in svg.iter())


def test_every_chart_has_a_title_and_says_in_words_what_it_shows_about_every_arm(sections: list[Section]) -> None:
    for chart in (chart for section in sections for chart in section.charts):
        spec = chart.to_dict()
        assert spec["title"]["text"]
        assert "Basic" in spec["description"] or "ELMo" in spec["description"]


def test_every_section_has_the_numbers_of_its_charts_as_tables(sections: list[Section]) -> None:
    for section in sections:
        assert section.tables
        for table in section.tables:
            assert set(table.kinds) <= set(table.frame.columns)
            assert not table.as_text().empty


def test_a_click_opens_a_group_that_exists(sections: list[Section], quality: ErrorReport, by_trait: AccuracyByTrait) -> None:
    known = {group.key for group in [*groups.quality_groups(quality), *groups.trait_groups(by_trait)]}
    clickable = [chart for section in sections for chart in section.charts if chart.params is not alt.Undefined]
    assert len(clickable) == 6  # all but the ROC curve
    for chart in clickable:
        assert [param["name"] for param in chart.to_dict()["params"]] == [SELECTION]
        assert set(keys(chart)) <= known


def test_every_test_review_is_in_one_cell_of_each_matrix(quality: ErrorReport) -> None:
    found = groups.quality_groups(quality)
    for prefix in ("confusion.basic.", "confusion.elmo.", "agreement."):
        rows = [row for group in found if group.key.startswith(prefix) for row in group.rows.tolist()]
        assert sorted(rows) == list(range(NUM_TESTS))


def test_the_reviews_behind_a_cell_are_those_that_its_title_says(quality: ErrorReport, outcomes: Outcomes) -> None:
    group = groups.find(groups.key("agreement", 0, 1), groups.quality_groups(quality))
    assert group
    assert group.title == "Only ELMo is right"
    assert group.rows.size
    for row in group.rows:
        assert outcomes.correct[0, :, row].sum() <= 1
        assert outcomes.correct[1, :, row].sum() >= 2


def test_a_confusion_matrix_shows_the_mean_over_the_trials(quality: ErrorReport, outcomes: Outcomes) -> None:
    num_reviews = {group.key: len(group.rows) for group in groups.quality_groups(quality)}
    shown = texts(drawn(confusion_charts.confusion_chart(quality.confusions["elmo"], "elmo", num_reviews=num_reviews)))
    missed = ((outcomes.probs[1] <= 0.5) & (outcomes.labels == 1)).sum() / 3
    assert f"{missed:.1f}" in shown or f"{missed:.0f}" in shown
    assert "ELMo says" in shown
    assert sum(text.startswith("wrong") for text in shown) == 2


def test_the_group_that_is_read_is_marked_in_its_chart_only(quality: ErrorReport) -> None:
    chosen = groups.key("agreement", 1, 0)

    def num_marked(chart: alt.LayerChart) -> int:
        return sum(bool(row.get("chosen")) for rows in chart.to_dict()["datasets"].values() for row in rows)

    assert quality.agreement
    assert num_marked(confusion_charts.agreement_chart(quality.agreement, chosen=chosen)) == 1
    assert num_marked(confusion_charts.agreement_chart(quality.agreement)) == 0
    assert num_marked(calibration_charts.reliability_chart(quality.reliabilities, chosen=chosen)) == 0


def test_the_roc_curve_has_a_dashed_line_for_elmo_so_that_colour_is_not_needed(quality: ErrorReport) -> None:
    layers: list[dict[str, Any]] = calibration_charts.roc_chart(quality.rocs).to_dict()["layer"]
    [curves] = [layer for layer in layers if "strokeDash" in layer["encoding"]]
    scale = curves["encoding"]["strokeDash"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True))["elmo"] != [1, 0]
    assert {"Basic", "ELMo"} <= set(texts(drawn(calibration_charts.roc_chart(quality.rocs))))


def test_reliability_has_a_point_for_every_bin_with_predictions(quality: ErrorReport) -> None:
    svg = drawn(calibration_charts.reliability_chart(quality.reliabilities))
    assert marks(svg, "point") == sum(len(bins) for bins in quality.reliabilities.values())


def test_accuracy_by_length_has_a_column_per_bin_from_short_to_long(by_trait: AccuracyByTrait) -> None:
    svg = drawn(trait_charts.accuracy_by_chart("length", by_trait.length))
    labels = [groups.bin_label("length", each) for each in by_trait.length]
    assert marks(svg, "rect mark") == 5
    assert marks(svg, "point") == 10
    assert [text for text in texts(svg) if text in labels] == labels
    assert labels[0].startswith("20–")


def test_reviews_without_unknown_words_are_called_so(by_trait: AccuracyByTrait) -> None:
    first = groups.trait_groups(by_trait)[len(by_trait.length)]
    assert groups.bin_label("unknown", by_trait.unknown[0]) == "none"
    assert first.title == "Reviews without unknown words"


def test_the_map_has_a_point_per_review_that_opens_it(outcomes: Outcomes) -> None:
    basic, elmo = outcomes.probs.mean(axis=1, dtype=np.float64)
    chart = map_chart.probability_map(basic, elmo, labels=outcomes.labels, ids=outcomes.ids)
    assert marks(drawn(chart), "point") == NUM_TESTS
    assert sorted(keys(chart)) == sorted(groups.key("review", review_id) for review_id in outcomes.ids)


def test_the_chosen_review_is_the_big_point_on_top(outcomes: Outcomes) -> None:
    basic, elmo = outcomes.probs.mean(axis=1, dtype=np.float64)
    chosen = groups.key("review", outcomes.ids[3])
    chart = map_chart.probability_map(basic, elmo, labels=outcomes.labels, ids=outcomes.ids, chosen=chosen)
    assert keys(chart)[-1] == chosen
    opacities = [path.get("opacity") for path in drawn(chart).iter() if path.get("aria-roledescription") == "point"]
    assert set(opacities[:-1]) == {"0.65"}
    assert opacities[-1] in {"1", None}


def test_a_run_of_one_arm_has_no_agreement_and_all_the_rest(outcomes: Outcomes) -> None:
    alone = Outcomes(outcomes.trials, ("basic",), outcomes.probs[:1], outcomes.labels, outcomes.ids)
    quality = measure(alone)
    assert quality.agreement is None
    assert len(confusion_section(quality).charts) == 1
    assert len(calibration_section(quality).charts) == 2


def test_test_reviews_of_one_label_have_no_roc_curve_and_the_section_says_why(outcomes: Outcomes) -> None:
    rows = np.flatnonzero(outcomes.labels == 1)
    ids = tuple(outcomes.ids[row] for row in rows)
    positive = Outcomes(outcomes.trials, outcomes.arms, outcomes.probs[:, :, rows], outcomes.labels[rows], ids)
    section = calibration_section(measure(positive))
    assert len(section.charts) == 1
    assert wording.NO_ROC in section.notes


def test_text_in_cells_is_readable_in_both_themes() -> None:
    def luminance(colour: str) -> float:
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour in (*(look.colour for look in LOOKS.values()), "#6B7280"):
        for share in (0.0, 1.0):
            contrast = (luminance(confusion_charts.tint(colour, share)) + 0.05) / (luminance(confusion_charts.CELL_TEXT) + 0.05)
            assert contrast > 4.5  # WCAG 2.2, AA
