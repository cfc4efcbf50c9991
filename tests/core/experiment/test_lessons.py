"""Lessons: what people type, how it joins the training reviews, and what must not be taught."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from core.data.columns import ColumnMapping
from core.data.datasets import add_dataset
from core.data.review_file import read_table
from core.data.review_pool import ReviewPool
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.draw import draw_trial
from core.experiment.lessons import MAX_LESSON_LEN, MAX_LESSONS, Lesson, make_lessons, require_untested, with_lessons
from core.experiment.run_names import describe
from core.settings import Settings
from tests.core.tiny_runs import reviews_csv

PRAISE, BLAME = Lesson(text="Not bad at all.", label=1), Lesson(text="Not good at all.", label=0)
CONFIG = ExperimentConfig(dataset="tiny", train_size=50, num_trials=3, test_size=20, lessons=(PRAISE, BLAME))


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> ReviewPool:
    mapping = ColumnMapping("text", "label", ("negative",), ("positive",))
    return add_dataset("tiny", read_table(reviews_csv()), mapping, Settings(data_dir=tmp_path_factory.mktemp("data")))


def test_lessons_are_plain_texts_each_once_in_their_order() -> None:
    assert make_lessons([(" Not  bad at all. ", 1), ("", 0), ("not bad at ALL.", 1), ("Not good at all.", 0)]) == (PRAISE, BLAME)


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ([("Fine.", 1), ("fine.", 0)], "lesson-contradicted"),
        ([("a" * (MAX_LESSON_LEN + 1), 1)], "lesson-too-long"),
        ([(f"Film {i}", 1) for i in range(MAX_LESSONS + 1)], "too-many-lessons"),
    ],
)
def test_what_cannot_be_taught_is_refused(texts: list[tuple[str, Literal[0, 1]]], code: str) -> None:
    with pytest.raises(UserError) as refused:
        make_lessons(texts)
    assert refused.value.code == code


def test_every_trial_trains_on_all_lessons_and_nothing_else_changes(pool: ReviewPool) -> None:
    draws = [draw_trial(pool, CONFIG, trial) for trial in range(CONFIG.num_trials)]
    taught_pool, taught = with_lessons(pool, draws, CONFIG.lessons)
    for before, after in zip(draws, taught, strict=True):
        new = after.train[len(before.train) :]
        assert [taught_pool.texts[row] for row in new] == [PRAISE.text, BLAME.text]
        assert taught_pool.labels[new].tolist() == [1, 0]
        np.testing.assert_array_equal(after.train[: len(before.train)], before.train)
        np.testing.assert_array_equal(after.validation, before.validation)
        np.testing.assert_array_equal(after.test, before.test)
    assert taught_pool.texts[: len(pool.texts)] == pool.texts
    assert len(set(taught_pool.ids)) == len(pool.texts) + 2


def test_a_review_that_tests_is_no_lesson(pool: ReviewPool) -> None:
    require_untested((PRAISE, Lesson(text=pool.texts[pool.train[0]], label=0)), pool)
    with pytest.raises(UserError, match="one of the reviews that test"):
        require_untested((PRAISE, Lesson(text=pool.texts[pool.test[0]].upper(), label=0)), pool)


def test_a_run_without_lessons_is_the_one_that_it_was() -> None:
    assert "lessons" not in CONFIG.untaught.model_dump_json()
    assert (
        CONFIG.untaught.fingerprint() == ExperimentConfig(dataset="tiny", train_size=50, num_trials=3, test_size=20).fingerprint()
    )
    assert CONFIG.fingerprint() != CONFIG.untaught.fingerprint()
    assert ExperimentConfig.model_validate_json(CONFIG.model_dump_json()) == CONFIG


def test_the_name_of_a_run_tells_how_much_was_taught() -> None:
    assert describe(CONFIG) == "tiny, 50 reviews, 3 trials (2 lessons)"
