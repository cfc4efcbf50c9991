"""Lessons: texts with labels that join the training reviews of every trial, to teach the models what these do not show.

Reference: Liu, Schwartz and Smith, Inoculation by fine-tuning, NAACL 2019.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from core.errors import UserError
from core.plain_text import plain_text

if TYPE_CHECKING:
    from core.data.review_pool import ReviewPool
    from core.experiment.draw import Draw

MAX_LESSONS = 500  # of a run: as many as most classes label reviews
MAX_LESSON_LEN = 1_000  # characters; whole reviews are better added as a dataset


class Lesson(BaseModel):
    """A text and what a model is to say about it.

    Attributes:
        text: A plain text, see `core.plain_text`.
        label: 0 negative, 1 positive.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1, max_length=MAX_LESSON_LEN)
    label: Literal[0, 1]


def make_lessons(texts_of: Iterable[tuple[str, Literal[0, 1]]]) -> tuple[Lesson, ...]:
    """Lessons from texts as people type them: plain, without empty lines, each once, in their order.

    Raises:
        UserError: A text has both labels or is too long, or there are too many.
    """
    lessons: dict[str, Lesson] = {}
    for written, label in texts_of:
        text = plain_text(written)
        if len(text) > MAX_LESSON_LEN:
            raise UserError(
                f"The lesson that begins with “{text[:40]}” has {len(text):,} characters; shorten it to {MAX_LESSON_LEN:,}.",
                code="lesson-too-long",
            )
        if text and lessons.setdefault(text.casefold(), Lesson(text=text, label=label)).label != label:
            raise UserError(f"“{text[:80]}” is taught as positive and as negative; leave one out.", code="lesson-contradicted")
    if len(lessons) > MAX_LESSONS:
        raise UserError(
            f"There are {len(lessons):,} lessons and a run takes {MAX_LESSONS:,}; leave some out, or add them as a dataset.",
            code="too-many-lessons",
        )
    return tuple(lessons.values())


def require_untested(lessons: Sequence[Lesson], pool: ReviewPool) -> None:
    """Checks that no lesson is a review that may test.

    Raises:
        UserError: One is, so that a model would be tested on what it was told.
    """
    from core.data.review_pool import near_duplicate_keys  # noqa: PLC0415 - loads pandas, and every config imports this file

    if not lessons:
        return
    tested = {key for row in pool.test for key in near_duplicate_keys(pool.texts[row])}
    for lesson in lessons:
        if not tested.isdisjoint(near_duplicate_keys(lesson.text)):
            raise UserError(
                f"The lesson that begins with “{lesson.text[:40]}” is one of the reviews that test; leave it out, for a model "
                "cannot be tested on what it was told.",
                code="lesson-tests",
            )


def with_lessons(pool: ReviewPool, draws: Sequence[Draw], lessons: Sequence[Lesson]) -> tuple[ReviewPool, list[Draw]]:
    """Adds lessons to the training reviews of every trial; they neither validate nor test.

    Args:
        pool: N reviews.
        draws: Of every trial.
        lessons: L lessons.

    Returns:
        The pool with N + L texts, of which the last L are drawn by nothing else, and the draws.
    """
    if not lessons:
        return pool, list(draws)
    rows = np.arange(len(pool.texts), len(pool.texts) + len(lessons), dtype=np.int64)
    taught = replace(
        pool,
        texts=(*pool.texts, *(lesson.text for lesson in lessons)),
        labels=np.concatenate([pool.labels, np.array([lesson.label for lesson in lessons], np.int8)]),
        ids=(*pool.ids, *(f"lesson-{number}" for number in range(len(lessons)))),
    )
    return taught, [replace(draw, train=np.concatenate([draw.train, rows])) for draw in draws]
