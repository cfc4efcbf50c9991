"""Sections as one HTML file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import altair as alt
from jinja2 import Environment
from markupsafe import Markup

from ui.compare import wording
from ui.compare.section import Section
from ui.widgets import charts, tables

_ID = re.compile(r'(\bid="|url\(#|href="#)')


def to_html(title: str, made: str, sections: Sequence[Section]) -> str:
    """The report.

    Args:
        title: Its heading.
        made: The line below: by what, when, from what.
        sections: What it says; any text in them may come from people and is shown as it is.
    """
    template = Path(__file__).with_name("report.html").read_text(encoding="utf-8")
    numbers = count(1)

    def draw(chart: alt.LayerChart) -> Markup:
        """The drawing with ids of its own: those of clipping paths are the same in every file that Vega writes."""
        return Markup(_ID.sub(rf"\g<1>chart{next(numbers)}-", charts.to_svg(chart).decode()))  # Vega escapes text

    page = Environment(autoescape=True, trim_blocks=True).from_string(template)
    return page.render(
        title=title,
        made=made,
        sections=sections,
        for_statisticians=wording.FOR_STATISTICIANS,
        draw=draw,
        table_html=tables.to_html,
    )
