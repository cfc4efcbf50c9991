"""What the view of predictions says, as sections and in the report."""

from __future__ import annotations

import io
import zipfile

import pytest

from core.predictions.comparison import PredictionComparison, compare_predictions
from core.predictions.prediction_table import PredictionColumns, Predictions, read_predictions
from tests.core.predictions.made_up import as_table, predictions_frame
from ui.compare.chart_specs import to_spec
from ui.compare.error_analysis.sections import slice_section
from ui.compare.predictions import sections
from ui.compare.report import export
from ui.compare.report.export import Part
from ui.compare.report.html import to_html

ODD = ('it\'s "A" <b>| {x}', "a model with quite a long name/1.0")


@pytest.fixture(scope="module", params=[("careful", "hasty"), ODD], ids=["usual", "odd"])
def names(request: pytest.FixtureRequest) -> tuple[str, str]:
    first, second = request.param
    return first, second


@pytest.fixture(scope="module")
def predictions(names: tuple[str, str]) -> Predictions:
    frame = predictions_frame(240).rename(columns={"careful": names[0], "hasty": names[1], "genre": "genre/kind", "year": "it's"})
    return read_predictions(as_table(frame), PredictionColumns(text="text", label="label", models=names))


@pytest.fixture(scope="module")
def found(predictions: Predictions, names: tuple[str, str]) -> PredictionComparison:
    return compare_predictions(predictions, *names)


def test_every_section_is_drawn_whatever_the_models_and_columns_are_called(
    found: PredictionComparison, predictions: Predictions
) -> None:
    made = sections.all_sections(found, predictions)
    html = to_html("Title", "Made today", made)
    assert "<b>" not in html
    assert html.count("<svg") == 3 + len(found.slices)  # accuracy, agreement, calibration
    assert all(to_spec(chart)["layer"] for section in made for chart in section.charts)


def test_the_tables_and_numbers_go_into_the_files(found: PredictionComparison, predictions: Predictions) -> None:
    parts = [Part("", tuple(sections.all_sections(found, predictions)))]
    names = zipfile.ZipFile(io.BytesIO(export.to_zip(parts))).namelist()
    assert names == [
        "accuracy.csv",
        "agreement.csv",
        "calibration.csv",
        "slices-length-in-words.csv",
        "slices-negations.csv",
        "slices-label.csv",
        "slices-genre-kind.csv",
        "slices-it-s.csv",
    ]
    assert '"num_only_basic"' in export.to_json([], parts)


def test_a_model_that_gave_labels_has_no_calibration_and_the_page_says_why(
    found: PredictionComparison, predictions: Predictions, names: tuple[str, str]
) -> None:
    [table] = sections.calibration_section(found).tables
    assert table.frame["model"].tolist() == [names[0]]
    assert any("gave labels" in note for note in sections.calibration_section(found).notes)
    labels = {name: (probs > 0.5).astype("float32") for name, probs in predictions.probs.items()}
    only = Predictions(predictions.texts, predictions.labels, labels, frozenset(), predictions.further)
    assert sections.calibration_section(compare_predictions(only, *names)).charts == ()


def test_the_chosen_slice_and_cell_are_marked(found: PredictionComparison) -> None:
    slices, agreement = (
        chart.to_dict()["datasets"]
        for chart in (
            slice_section("genre/kind", found.slices["genre/kind"], sections.looks(found), chosen="slice.1.genre/kind").charts[0],
            sections.agreement_section(found, chosen="agreement.0.1").charts[0],
        )
    )
    for rows, key in ((slices, "slice.1.genre/kind"), (agreement, "agreement.0.1")):
        assert {row["group"] for each in rows.values() for row in each if row.get("chosen")} == {key}


def test_the_accuracy_has_a_row_per_measure_and_the_difference_last(
    found: PredictionComparison, predictions: Predictions
) -> None:
    section = sections.accuracy_section(found, predictions)
    [table] = section.tables
    assert table.frame["measure"].tolist() == ["accuracy", "balanced accuracy", "macro-F1"]  # two thirds are positive
    assert table.frame["difference"].iloc[0] == pytest.approx(found.comparison.mean_difference)
    assert "one training" in " ".join(section.notes)
