"""Lessons in a file: a table with the columns text and label, as the Try it page writes it and `run --lessons` reads it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from core.data.review_file import read_path
from core.errors import UserError
from core.experiment.lessons import Lesson, make_lessons
from core.files import to_csv

COLUMNS = ("text", "label")
_TITLES = {0: "negative", 1: "positive"}
_LABELS: dict[str, Literal[0, 1]] = {"negative": 0, "neg": 0, "0": 0, "positive": 1, "pos": 1, "1": 1}


def lessons_csv(lessons: Sequence[Lesson]) -> str:
    """Lessons as a table, which can be added as a dataset, too."""
    return to_csv(pd.DataFrame([(lesson.text, _TITLES[lesson.label]) for lesson in lessons], columns=list(COLUMNS)))


def read_lessons(path: Path) -> tuple[Lesson, ...]:
    """Reads lessons from a table in any form that reviews may have.

    Args:
        path: File with the columns text and label, in any order and case. Labels are positive or negative (or pos, neg, 1, 0);
            rows without a text are left out.

    Raises:
        UserError: The file cannot be read or is no such table, a label means nothing, or the lessons cannot be taught.
    """
    try:
        frame = read_path(path).frame
    except UserError as error:
        if error.code != "reviews-unreadable":
            raise
        raise UserError(
            f"The lessons in {path} cannot be read; give the path of a CSV with the columns text and label.",
            code="lessons-unreadable",
        ) from error
    frame = frame.set_axis([str(column).strip().casefold() for column in frame.columns], axis="columns")
    if missing := [column for column in COLUMNS if column not in frame.columns]:
        raise UserError(
            f"The lessons in {path} have no column {' and none called '.join(missing)}; name the columns text and label.",
            code="lessons-no-column",
        )
    rows = zip(frame["text"], frame["label"], strict=True)
    lessons = make_lessons(
        (text, _label(number, label, path)) for number, (text, label) in enumerate(rows, start=2) if text.strip()
    )
    if not lessons:
        raise UserError(f"There is no lesson in {path}; write a text and a label in each row.", code="lessons-missing")
    return lessons


def _label(number: int, label: str, path: Path) -> Literal[0, 1]:
    """The label in a row; numbers count from 1 as in spreadsheets."""
    known = _LABELS.get(label.strip().casefold())
    if known is None:
        raise UserError(
            f"The label in row {number} of {path} says neither positive nor negative; write one of the two.",
            code="lessons-label",
        )
    return known
