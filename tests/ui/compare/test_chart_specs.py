"""Charts as they are sent: the same as Streamlit makes of them, and kept without being changed."""

from __future__ import annotations

import copy
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from core.analysis.error_analysis import agreement
from tests.core.analysis.crossed import outcomes_of
from ui.compare.chart_specs import Spec, is_clickable, to_spec
from ui.compare.error_analysis import confusion_charts
from ui.widgets import charts

PAGE = """
import streamlit as st
st.altair_chart(st.session_state["plot"])
st.vega_lite_chart(st.session_state["spec"])
"""


@pytest.fixture
def plot() -> alt.LayerChart:
    return charts.probability_plot({"basic": np.array([0.25, 0.5]), "elmo": np.array([0.75, 1.0])})


def table(spec: Spec, layer: int) -> pd.DataFrame:
    name = spec["layer"][layer]["data"]["name"]
    frame: pd.DataFrame = pa.ipc.open_stream(spec["datasets"][name]).read_pandas()
    return frame


def test_a_spec_says_what_the_chart_says(plot: alt.LayerChart) -> None:
    def without_data(spec: dict[str, Any]) -> dict[str, Any]:
        layers = [{name: value for name, value in layer.items() if name != "data"} for layer in spec["layer"]]
        return {**spec, "layer": layers, "datasets": None}

    assert without_data(to_spec(plot)) == without_data(plot.to_dict())


def test_every_layer_keeps_its_table(plot: alt.LayerChart) -> None:
    spec = to_spec(plot)
    assert table(spec, 0)["probability"].tolist() == [0.5]
    assert table(spec, 1)["mean"].tolist() == [0.375, 0.875]
    assert table(spec, 2)["probability"].tolist() == [0.25, 0.5, 0.75, 1.0]


def test_equal_charts_have_equal_specs() -> None:
    one, other = (to_spec(charts.probability_plot({"basic": np.array([0.25])})) for _ in range(2))
    assert one == other


def test_only_a_chart_with_a_selection_can_be_clicked(plot: alt.LayerChart) -> None:
    matrix = confusion_charts.agreement_chart(agreement(outcomes_of([0, 1], {"basic": [[0.1, 0.9]], "elmo": [[0.1, 0.1]]})))
    assert is_clickable(to_spec(matrix))
    assert not is_clickable(to_spec(plot))


def test_sending_a_spec_sends_what_streamlit_would_make_of_the_chart_and_leaves_it_as_it_was(plot: alt.LayerChart) -> None:
    spec = to_spec(plot)
    before = copy.deepcopy(spec)
    app = AppTest.from_string(PAGE, default_timeout=30)
    app.session_state["plot"], app.session_state["spec"] = plot, spec
    by_streamlit, by_spec = (element.proto for element in app.run().get("vega_lite_chart"))
    assert spec == before

    def said(proto: Any) -> str:
        text: str = proto.spec
        for number, dataset in enumerate(proto.datasets):
            text = text.replace(dataset.name, str(number))
        return text

    assert said(by_spec) == said(by_streamlit)
    assert len(by_spec.datasets) == 3
