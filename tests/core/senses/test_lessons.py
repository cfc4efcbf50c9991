"""The bundled lessons, and what ELMo makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.embedders.base import Embedder
from core.senses.lessons import LESSON_SETS, OPENING, load_lesson, load_lessons
from core.senses.similarity import cosine_similarities, separate
from core.senses.word_uses import embed_uses, find_uses


@pytest.mark.parametrize("path", sorted(LESSON_SETS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_lesson_has_its_word_once_in_each_of_six_or_more_sentences_of_two_or_more_senses(path: Path) -> None:
    lesson = load_lesson(path)
    uses = find_uses(lesson.word, lesson.sentences)
    assert [use.text for use in uses] == [sentence.text for sentence in lesson.sentences]
    assert {use.word for use in uses} == {lesson.word}
    senses = [use.sense for use in uses]
    assert len(uses) == len({use.text for use in uses}) >= 6
    assert len(set(senses)) >= 2
    assert min(senses.count(sense) for sense in senses) >= 3
    assert senses == sorted(senses, key=senses.index)  # those of one sense beside each other


def test_ten_or_more_words_ship() -> None:
    assert len({lesson.word for lesson in load_lessons()}) >= 10


def test_the_words_of_all_lessons_are_nearer_in_the_same_sense_on_average(embedders: dict[str, Embedder]) -> None:
    gains = []
    for lesson in load_lessons():
        uses = find_uses(lesson.word, lesson.sentences)
        found = separate(cosine_similarities(embed_uses(uses, **embedders)["2"]), [use.sense for use in uses])
        assert found
        gains.append(found.within - found.between)
    assert np.mean(gains) > 0


def test_the_lesson_that_opens_works_in_every_sentence(embedders: dict[str, Embedder]) -> None:
    lesson = load_lessons()[0]
    assert lesson.word == OPENING
    uses = find_uses(lesson.word, lesson.sentences)
    similarities = embed_uses(uses, **embedders)
    found = separate(cosine_similarities(similarities["2"]), [use.sense for use in uses])
    assert found
    assert found.num_nearest == found.num_judged == len(uses)
