"""What a view of the Compare page says, as data: the page shows it, the report prints it, the files hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ui.widgets.tables import Table

if TYPE_CHECKING:
    import altair as alt

    from core.store.run import Run


@dataclass(frozen=True, eq=False)
class Section:
    """A result with its charts and tables. Text is plain and may hold names that people typed: escape it where it is shown.

    Attributes:
        title: What it is about.
        headline: The result in one sentence; empty where charts and tables speak for themselves.
        facts: Further results, a sentence or two each.
        notes: How to read the charts and tables, a paragraph each.
        tests: What statistical tests say, a sentence or two each; folded away, together with the last table.
        hint: What a click does; on the page only.
        charts: Each has a title and a description, which is its alt text.
        tables: The numbers behind the charts.
        values: Further numbers, for the JSON file.
    """

    title: str
    headline: str = ""
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    hint: str = ""
    charts: tuple[alt.LayerChart, ...] = ()
    tables: tuple[Table, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> tuple[str, ...]:
        """Its text that nothing folds away, but for the title and the hint."""
        return tuple(filter(None, (self.headline, *self.facts, *self.notes)))

    @property
    def num_open(self) -> int:
        """How many of its tables do not go with the tests."""
        return len(self.tables) - bool(self.tests)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of its text but the title and the hint."""
        return (*self.told, *self.tests)


def named(run: Run, section: Section) -> Section:
    """The section with the name of its run in the title, as a report of several needs it."""
    return replace(section, title=f"{run.name}: {section.title[0].lower()}{section.title[1:]}")
