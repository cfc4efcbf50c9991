"""What a view of the Compare page says, as data: the page shows it, the report prints it, the files hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ui.widgets.tables import Table

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True, eq=False)
class Section:
    """One heading with what stands below it.

    Attributes:
        title: The heading.
        sentences: Plain text, a paragraph each; may hold names that people typed, so escape it where it is shown.
        charts: Each has a title and a description, which is its alt text.
        tables: The numbers behind the charts.
        values: Further numbers, for the JSON file.
    """

    title: str
    sentences: tuple[str, ...] = ()
    charts: tuple[alt.LayerChart, ...] = ()
    tables: tuple[Table, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
