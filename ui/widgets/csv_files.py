"""Tables as CSV files that a spreadsheet may open without harm."""

from __future__ import annotations

import pandas as pd

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(frame: pd.DataFrame) -> str:
    """The table without its index; a text that a spreadsheet would take for a formula begins with an apostrophe.

    Reviews and names come from people, and `=HYPERLINK(…)` in one of them would be run where the file is opened. Numbers are
    written as they are. Lines end as RFC 4180 has it; so a carriage return in a text is quoted too.

    Reference: OWASP, CSV injection.
    """
    guarded = frame.map(_guarded)
    return guarded.set_axis([_guarded(column) for column in frame], axis="columns").to_csv(index=False, lineterminator="\r\n")


def _guarded(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
