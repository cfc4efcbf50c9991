"""What the Compare page says as files: the HTML report, JSON and CSV."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import zipfile
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analysis.outcomes import Outcomes
from core.experiment.config import ExperimentConfig
from core.store.run import Run
from ui.compare.accuracy import view
from ui.compare.report import export
from ui.compare.report.export import Part
from ui.compare.report.html import to_html
from ui.compare.section import Section
from ui.widgets.tables import Table, write

NASTY = '<script>alert(1)</script> & "quotes" **bold**'


def a_run(name: str = "IMDB, 100 reviews") -> Run:
    return Run(
        id="k3v9p2xa",
        name=name,
        config=ExperimentConfig(train_size=100, num_trials=3, test_size=40),
        status="finished",
        message="",
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        phase_s={"training": 1.5},
        reviews_per_s=100.0,
        coverage=0.99,
        test_ids=tuple(f"{i:016x}" for i in range(40)),
        test_labels=(0, 1) * 20,
    )


def outcomes(arms: tuple[str, ...] = ("basic", "elmo"), num_trials: int = 3) -> Outcomes:
    rng = np.random.default_rng(3)
    labels = np.array([0, 1] * 20, np.int8)
    lean = np.where(labels > 0, 0.15, -0.15)[None, None] * np.arange(1, len(arms) + 1)[:, None, None]
    probs = np.clip(0.5 + lean + rng.normal(0, 0.3, (len(arms), num_trials, 40)), 0, 1).astype(np.float32)
    return Outcomes(tuple(range(num_trials)), arms, probs, labels, tuple(f"{i:016x}" for i in range(40)))


@pytest.fixture(scope="module")
def report() -> str:
    table = Table("nasty", NASTY, pd.DataFrame({NASTY: [NASTY, None]}))
    nasty = Section(NASTY, NASTY, (NASTY,), (NASTY,), tables=(table,))
    return to_html("Title", "Made today", [view.build(a_run(NASTY), outcomes()), view.build(a_run(), outcomes()), nasty])


class Page(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_needs_no_other_file_and_runs_no_script(report: str) -> None:
    page = Page(report)
    assert not {"script", "link", "iframe", "object", "img", "base"} & set(page.tags)
    fetched = [value for name, value in page.attributes if name in ("src", "href", "xlink:href", "action", "srcset")]
    assert all(value.startswith("#") for value in fetched)
    assert "@import" not in report
    assert "default-src 'none'" in report


def test_what_people_typed_is_text_in_the_report(report: str) -> None:
    assert NASTY in Page(report).text
    assert "<script>" not in report


def test_every_chart_is_drawn_into_the_report_and_says_what_it_shows(report: str) -> None:
    page = Page(report)
    assert page.tags.count("svg") == 6
    described = [value for name, value in page.attributes if name == "aria-label"]
    assert sum(value.startswith("Dot plot of ELMo minus basic in 3 trials") for value in described) == 2


def test_no_two_charts_of_a_report_share_an_id(report: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', report)
    used = re.findall(r"url\(#([^)]+)\)", report)
    assert len(ids) == len(set(ids))
    assert set(used) <= set(ids)


def test_the_report_has_every_row_of_a_table_and_a_dash_where_there_is_nothing(report: str) -> None:
    text = Page(report).text
    assert text.count("Accuracy of each trial") == 4  # the heading of the pair plot and of the table, twice
    assert "–" in text


def test_a_run_of_one_arm_has_a_report_without_a_comparison() -> None:
    section = view.build(a_run(), outcomes(arms=("basic",)))
    assert section.sentences == ("This run has Basic only, so there is nothing to compare.",)
    assert len(section.charts) == 2


def test_a_single_trial_has_a_report_too() -> None:
    html = to_html("Title", "Made today", [view.build(a_run(), outcomes(num_trials=1))])
    assert "accuracy in 1 trial" in Page(html).text


@pytest.mark.parametrize("arms", [("basic", "elmo"), ("basic",)])
def test_uneven_classes_bring_measures_that_see_both(arms: tuple[str, ...]) -> None:
    found = outcomes(arms)
    uneven = dataclasses.replace(found, labels=(np.arange(40) < 10).astype(np.int8))
    section = view.build(a_run(), uneven)
    [table] = [table for table in section.tables if table.name == "uneven-classes"]
    assert table.frame["measure"].tolist() == ["accuracy", "balanced accuracy", "macro-F1"]
    assert table.frame["Basic"].iloc[0] == pytest.approx(uneven.accuracies[0].mean())
    assert ("difference" in table.frame) == (len(arms) == 2)
    assert any("75.0 % of the test reviews are negative" in fact for fact in section.facts)
    assert section.num_open == 2  # the tests go with the table of statistics, not with this one
    assert "uneven-classes" not in {table.name for table in view.build(a_run(), found).tables}


@pytest.mark.parametrize(("num_trials", "num_rows"), [(3, 7), (1, 3)])
def test_how_much_is_enough_is_a_table_with_what_there_is_first(num_trials: int, num_rows: int) -> None:
    section = view.build_enough(outcomes(num_trials=num_trials))
    assert section
    [table] = section.tables
    assert len(table.frame) == num_rows
    assert table.frame.iloc[0][["trials", "test reviews"]].tolist() == [num_trials, 40]
    assert Page(to_html("Title", "Made today", [section])).tags.count("table") == 1


def test_one_arm_has_nothing_that_could_be_enough() -> None:
    assert view.build_enough(outcomes(arms=("basic",))) is None


def test_the_json_is_strict_and_has_every_table_and_number() -> None:
    section = view.build(a_run(), outcomes(num_trials=1))  # some numbers do not exist for one trial
    content = strict(export.to_json([], [Part("", (section, Section("x", tables=(a_table(),))))]))
    assert content["sections"][0]["values"]["num_trials"] == 1
    assert content["sections"][0]["tables"]["statistics"][0]["Pitman–Morgan p"] is None
    assert content["sections"][1]["tables"]["numbers"] == [{"a": 0.5}, {"a": None}]


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_the_zip_has_a_csv_per_table_and_those_of_a_run_in_its_folder() -> None:
    parts = [Part("k3v9p2xa", (view.build(a_run(), outcomes()),)), Part("", (Section("x", tables=(a_table(),)),))]
    archive = zipfile.ZipFile(io.BytesIO(export.to_zip(parts)))
    assert archive.namelist() == ["k3v9p2xa/trials.csv", "k3v9p2xa/statistics.csv", "numbers.csv"]
    trials = pd.read_csv(archive.open("k3v9p2xa/trials.csv"))
    assert trials.columns.to_list() == ["trial", "basic", "elmo", "difference"]
    assert trials["basic"].tolist() == pytest.approx(outcomes().accuracies[0].tolist())


def a_table() -> Table:
    return Table("numbers", "Numbers", pd.DataFrame({"a": [0.5, np.nan]}), {"a": "percent"})


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0.7425, "percent", "74.3 %"),
        (0.031, "points", "+3.1 points"),
        (-0.031, "points", "−3.1 points"),
        (-0.0001, "points", "0.0 points"),
        (1234.5, "seconds", "1,234.5 s"),
        (0.0123, "milliseconds", "12.3 ms"),
        (612, "bytes", "612 bytes"),
        (303_716, "bytes", "303.7 kB"),
        (2.5e9, "bytes", "2.5 GB"),
        (0.0062, "deviation", "0.6 points"),
        (0.00001, "p", "< 0.0001"),
        (0.0625, "p", "0.0625"),
        (None, "percent", "–"),
        (float("nan"), "seconds", "–"),
        (12_345, "count", "12,345"),
    ],
)
def test_a_value_is_written_as_people_read_it(value: float | None, kind: Any, text: str) -> None:
    assert write(value, kind) == text


def test_the_contents_list_leads_to_every_section(report: str) -> None:
    page = Page(report)
    targets = [value for name, value in page.attributes if name == "id" and value.startswith("section-")]
    assert [value for name, value in page.attributes if name == "href" and value.startswith("#section-")] == [
        f"#{target}" for target in targets
    ]
    assert len(targets) == 3


def test_every_section_folds_and_its_tests_are_folded_until_somebody_asks(report: str) -> None:
    tags = re.findall(r"<details( open)?>", report)
    assert tags == [" open", "", " open", "", " open"]
    folded = re.findall(r"<details>\n<summary>For statisticians</summary>.*?</details>", report, re.DOTALL)
    assert all("sign test" in part and "Tests and intervals" in part for part in folded)
    assert "sign test" not in re.sub(r"<details>.*?</details>", "", report, flags=re.DOTALL)
