"""Charts in the form in which they are sent to a browser, so that it can be kept.

`st.altair_chart` builds it with every rerun and checks every part of the chart on the way: some 30 ms a chart. Tests draw all
charts, which checks more.
"""

from __future__ import annotations

import hashlib
from typing import Any

import altair as alt
import pandas as pd
import pyarrow as pa

from ui.compare.section import Section

Spec = dict[str, Any]
Drawn = tuple[Section, tuple[Spec, ...]]  # a section with its charts, ready to be sent


def draw(section: Section) -> Drawn:
    """The section with its charts as specs; a tenth of a second for each."""
    return section, tuple(to_spec(chart) for chart in section.charts)


def to_spec(chart: alt.LayerChart) -> Spec:
    """The chart for `st.vega_lite_chart`; its tables are in Arrow's format, under names made from what they hold."""
    tables: dict[str, bytes] = {}

    def name(data: Any) -> Any:
        if not isinstance(data, pd.DataFrame):
            return data
        table = _to_arrow(data)
        named = hashlib.sha256(table).hexdigest()[:32]
        tables[named] = table
        return alt.NamedData(named)

    layered = chart.copy(deep=False)
    layered.data = name(layered.data)
    layered.layer = [layer.copy(deep=False) for layer in layered.layer]
    for layer in layered.layer:
        layer.data = name(layer.data)
    spec: Spec = layered.to_dict(validate=False)
    return {**spec, "datasets": tables}


def is_clickable(spec: Spec) -> bool:
    """Whether its marks can be selected."""
    return "params" in spec


def _to_arrow(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    data = pa.BufferOutputStream()
    with pa.ipc.new_stream(data, table.schema) as writer:
        writer.write_table(table)
    return bytes(data.getvalue())
