"""Sections as one HTML file that needs nothing else: no network, no script, charts drawn into it, fit to be printed."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from ui.compare.section import Section
from ui.widgets import charts, tables

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; color: #1a1c20; background: #fff; max-width: 66rem;
  margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 .5rem; padding-top: 1rem; border-top: 1px solid #d5d8dd; }
p { max-width: 44rem; overflow-wrap: anywhere; }
.made { color: #555b66; }
.charts { display: flex; flex-wrap: wrap; gap: 1.25rem; margin: 1rem 0; }
figure { margin: 0; flex: 0 1 auto; max-width: 100%; break-inside: avoid; }
figure svg { max-width: 100%; height: auto; }
.numbers { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .35rem; }
th, td { padding: .25rem .75rem .25rem 0; text-align: right; border-bottom: 1px solid #e3e5e9; vertical-align: top; }
th:first-child, td:first-child, .text { text-align: left; }
.text { overflow-wrap: break-word; max-width: 36rem; }
td.number { white-space: nowrap; }
th { border-bottom-color: #8a9099; }
tr { break-inside: avoid; }
@page { margin: 16mm; }
@media print {
  body { font-size: 10.5pt; margin: 0; padding: 0; max-width: none; }
  h2 { break-after: avoid; }
  .numbers { overflow: visible; }
  table { font-size: 7.5pt; }
  th, td { padding-right: 2mm; }
  .charts { gap: 4mm; }
  figure { flex: 0 0 48%; }
  figure svg { width: 100%; }
  thead { display: table-header-group; }
}
"""
_ID = re.compile(r'(\bid="|url\(#|href="#)')


def to_html(title: str, made: str, sections: Sequence[Section]) -> str:
    """The report.

    Args:
        title: Its heading.
        made: The line below: by what, when, from what.
        sections: What it says; any text in them may come from people and is shown as it is.
    """
    number_of_chart = 0
    body = []
    for section in sections:
        figures = []
        for chart in section.charts:
            number_of_chart += 1
            drawing = _inline(charts.to_svg(chart).decode(), number_of_chart)
            figures.append(f'<figure aria-label="{html.escape(str(chart["description"]))}">{drawing}</figure>')
        body.append(
            f"<section>\n<h2>{html.escape(section.title)}</h2>\n"
            + "".join(f"<p>{html.escape(sentence)}</p>\n" for sentence in section.sentences)
            + (f'<div class="charts">{"".join(figures)}</div>\n' if figures else "")
            + "".join(tables.to_html(table) for table in section.tables)
            + "</section>\n"
        )
    sections_html = "".join(body)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{html.escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{html.escape(title)}</h1>
<p class="made">{html.escape(made)}</p>
{sections_html}</body>
</html>
"""


def _inline(svg: str, number: int) -> str:
    """The drawing with ids of its own: those of clipping paths are the same in every file that Vega writes."""
    return _ID.sub(rf"\g<1>chart{number}-", svg)
