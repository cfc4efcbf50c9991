"""The tables that a page shows as HTML, read back."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pandas as pd
from streamlit.testing.v1 import AppTest


def tables(app: AppTest) -> dict[str, pd.DataFrame]:
    """Cells as they are shown, by caption; a table without a head has its first column as its index."""
    found = {}
    for element in app.main.html:
        root = ET.fromstring(element.value)
        if caption := root.findtext("table/caption"):
            rows = [["".join(cell.itertext()) for cell in row] for row in root.iterfind("table/tbody/tr")]
            names = ["".join(cell.itertext()) for cell in root.iterfind("table/thead/tr/th")]
            found[caption] = pd.DataFrame(rows, columns=names or ["name", "value"])
            if not names:
                found[caption] = found[caption].set_index("name")
    return found
