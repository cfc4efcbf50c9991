"""Tables of a section, as HTML for the page and for the report."""

from __future__ import annotations

import html
from collections.abc import Iterable

import streamlit as st

from ui.charts import ARM_TITLES
from ui.compare.sections import Table


def show(table: Table) -> None:
    """The table on the page.

    `st.dataframe` makes a browser that is new here load thirty files more, and `st.table` reads every cell as Markdown; both cost
    a view a quarter of a second.
    """
    st.html(to_html(table))


def to_html(table: Table) -> str:
    """The table with its title as its caption; cells are shown as they are, whatever is in them."""
    frame = table.as_text()
    titles = [ARM_TITLES.get(str(column), str(column)) for column in frame]
    sides = ["text" if table.kinds.get(str(column), "text") == "text" else "number" for column in frame]
    rows = frame.itertuples(index=False, name=None)
    if table.is_upright:
        named = zip(titles, *rows, sides, strict=True)
        head, body = "", "\n".join(_row([value], [side], name=title) for title, value, side in named)
    else:
        names = "".join(
            f'<th scope="col" class="{side}">{html.escape(title)}</th>' for title, side in zip(titles, sides, strict=True)
        )
        head, body = f"<thead><tr>{names}</tr></thead>\n", "\n".join(_row(row, sides) for row in rows)
    return (
        f'<div class="numbers" tabindex="0"><table>\n<caption>{html.escape(table.title)}</caption>\n'
        f"{head}<tbody>\n{body}\n</tbody>\n</table></div>\n"
    )


def _row(cells: Iterable[str], sides: Iterable[str], name: str = "") -> str:
    """A row; if it has a name, that stands before its cells."""
    first = f'<th scope="row" class="text">{html.escape(name)}</th>' if name else ""
    rest = "".join(f'<td class="{side}">{html.escape(cell)}</td>' for cell, side in zip(cells, sides, strict=True))
    return f"<tr>{first}{rest}</tr>"
