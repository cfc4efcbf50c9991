"""The bundled lessons: words with several senses, each in sentences written for this project.

A file has the `word` and its `senses`, each with a `name` and `sentences`; every sentence has the word once, in that spelling.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LESSON_SETS = Path(__file__).with_name("lesson_sets")
OPENING = "cast"  # a test holds that ELMo tells its senses apart


@dataclass(frozen=True)
class LabelledSentence:
    """A sentence and what the word means in it.

    Attributes:
        text: As written.
        sense: As shown to people; empty if unknown.
    """

    text: str
    sense: str


@dataclass(frozen=True)
class Lesson:
    """One word in several senses.

    Attributes:
        word: As spelt in every sentence.
        sentences: Ordered by sense.
    """

    word: str
    sentences: tuple[LabelledSentence, ...]


@cache
def load_lessons() -> tuple[Lesson, ...]:
    """The bundled lessons: first one whose senses the bundled ELMo keeps apart, the others in alphabetical order."""
    lessons = [load_lesson(path) for path in sorted(LESSON_SETS.glob("*.toml"))]
    return tuple(sorted(lessons, key=lambda lesson: (lesson.word != OPENING, lesson.word)))


def load_lesson(path: Path) -> Lesson:
    """One lesson from its file.

    Raises:
        KeyError: The file lacks a key.
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    sentences = (LabelledSentence(text, sense["name"]) for sense in content["senses"] for text in sense["sentences"])
    return Lesson(word=content["word"], sentences=tuple(sentences))
