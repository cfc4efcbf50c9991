"""What a reader of the challenge charts sees."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from core.challenges.export import scores_table
from core.challenges.scoring import PairResult, Report
from core.challenges.suite import Family, MinimalPair, Suite
from ui.probe.challenges import charts as challenge_charts
from ui.widgets import charts


@pytest.fixture
def scores() -> pd.DataFrame:
    """Two families; basic passes half of each, ELMo all."""
    right, wrong = np.array([[0.9], [0.1]], np.float32), np.array([[0.9], [0.8]], np.float32)
    pairs = tuple(MinimalPair(str(number), ("a", "b"), ("positive", "negative")) for number in range(4))
    families = tuple(Family(title, "", pairs) for title in ("Zeugma", "Anaphora"))
    results = tuple(
        PairResult(family.title, pair, {"basic": right if int(pair.name) % 2 else wrong, "elmo": right})
        for family in families
        for pair in pairs
    )
    table = scores_table(Report(Suite("mine", families), results))
    return table[table["family"].notna()]


def test_every_rate_is_a_point_on_its_interval(scores: pd.DataFrame) -> None:
    svg = ET.fromstring(charts.to_svg(challenge_charts.rate_plot(scores, "pass", title="T")))
    roles = [element.get("aria-roledescription") for element in svg.iter()]
    assert roles.count("point") == 4
    assert roles.count("rule mark") == 4


def test_families_stay_in_their_order_and_models_have_colours_and_shapes(scores: pd.DataFrame) -> None:
    spec = challenge_charts.rate_plot(scores, "pass", title="T").to_dict()
    points = spec["layer"][1]["encoding"]
    assert points["y"]["sort"] == ["Zeugma", "Anaphora"]
    assert points["color"]["scale"] == {"domain": ["Basic", "ELMo"], "range": ["#0072B2", "#D55E00"]}
    assert points["shape"]["scale"]["range"] == ["circle", "square"]


def test_the_alt_text_has_every_rate(scores: pd.DataFrame) -> None:
    chart = challenge_charts.rate_plot(scores, "flip", title="T")
    assert chart.to_dict()["description"] == (
        "Share of pairs flipped. Zeugma: Basic 50 %, ELMo 100 %; Anaphora: Basic 50 %, ELMo 100 %."
    )
