"""Lessons in a file, as the Try it page writes them and as people do."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UserError
from core.experiment.lesson_file import lessons_csv, read_lessons
from core.experiment.lessons import MAX_LESSONS, Lesson

PRAISE, BLAME = Lesson(text="Not bad, at all.", label=1), Lesson(text="Not good, either.", label=0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lessons.csv"


def test_what_the_page_writes_is_read_again(path: Path) -> None:
    path.write_text(lessons_csv((PRAISE, BLAME)), encoding="utf-8", newline="")
    assert read_lessons(path) == (PRAISE, BLAME)


@pytest.mark.parametrize("labels", [("positive", "negative"), ("Pos", "NEG"), ("1", "0")])
def test_labels_and_headings_are_read_as_people_write_them(path: Path, labels: tuple[str, str]) -> None:
    path.write_text(f"Label;note;TEXT\n{labels[0]};a;Not bad, at all.\n{labels[1]};b;Not good, either.\n", encoding="utf-8")
    assert read_lessons(path) == (PRAISE, BLAME)


def test_rows_without_a_text_and_repeated_ones_are_left_out(path: Path) -> None:
    path.write_text('text,label\n"Not bad, at all.",positive\n,\n"NOT bad, at all.",1\n')
    assert read_lessons(path) == (PRAISE,)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "file-empty"),
        ("text,label\n", "table-no-rows"),
        ("text,label\n,positive\n,negative\n", "lessons-missing"),
        ("sentence,label\nFine.,positive\n", "lessons-no-column"),
        ("text,verdict\nFine.,positive\n", "lessons-no-column"),
        ("text,label\nFine.,positive\nDull.,maybe\n", "lessons-label"),
        ("text,label\nFine.,positive\nfine.,negative\n", "lesson-contradicted"),
        ("text,label\n" + "".join(f"Film {i} was fine.,positive\n" for i in range(MAX_LESSONS + 1)), "too-many-lessons"),
    ],
)
def test_a_file_that_holds_no_lessons_is_one_sentence(path: Path, content: str, code: str) -> None:
    path.write_text(content)
    with pytest.raises(UserError) as refused:
        read_lessons(path)
    assert refused.value.code == code


def test_a_label_that_means_nothing_is_named_by_its_row_and_not_quoted(path: Path) -> None:
    path.write_text("text,label\nFine.,positive\nDull.,secret\n")
    with pytest.raises(UserError, match=r"row 3 of .*lessons\.csv") as refused:
        read_lessons(path)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_a_path_that_cannot_be_read_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError) as refused:
        read_lessons(tmp_path / name)
    assert refused.value.code in ("lessons-unreadable", "reviews-missing")
