"""What a reader of the transplant chart sees."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pandas as pd

from ui.probe.transplant.charts import answer_plot
from ui.widgets import charts

ANSWERS = pd.DataFrame(
    [
        {"what": what, "arm": arm, "mean": mean, "low": mean - 0.1, "high": mean + 0.1}
        for arm, means in {"basic": (0.7, 0.7), "elmo": (0.8, 0.3)}.items()
        for what, mean in zip(("As it is", "Layer 2"), means, strict=True)
    ]
)


def test_every_answer_is_a_point_on_the_spread_of_its_heads() -> None:
    svg = ET.fromstring(charts.to_svg(answer_plot(ANSWERS, title="T")))
    roles = [element.get("aria-roledescription") for element in svg.iter()]
    assert roles.count("point") == 4
    assert roles.count("rule mark") == 4 + 1  # and the line at 50 %


def test_the_alt_text_says_every_mean() -> None:
    said = answer_plot(ANSWERS, title="T")["description"]
    assert said == "T. As it is: Basic 70.0 %, ELMo 80.0 %; Layer 2: Basic 70.0 %, ELMo 30.0 %."
