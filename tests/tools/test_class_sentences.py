"""The table of the sentences that a class types."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.predictions.predict import load_run
from core.errors import UserError
from core.example import EXAMPLE_ID
from core.settings import Settings
from tools.class_sentences import Answers, Sentence, answers_of, read_sentences, require_same_settings, summary, table

SENTENCES = [Sentence("Not bad", "positive"), Sentence("A | B", "none"), Sentence("Dull", "negative")]
BEFORE: Answers = {"basic": [0.02, None, 0.1], "elmo": [0.4, 0.6, 0.2]}
AFTER: Answers = {"basic": [0.7, None, 0.6], "elmo": [0.5, 0.6, 0.2]}


def test_what_agrees_with_the_reader_is_bold_before_and_after() -> None:
    assert list(table(SENTENCES, [BEFORE, AFTER]))[2:] == [
        "| Not bad | positive | 2 → **70** | 40 → **50** |",
        "| A &#124; B | none | – → – | 60 → 60 |",
        "| Dull | negative | **10** → 60 | **20** → **20** |",
    ]


def test_the_sentences_count_what_lessons_have_mended_and_spoilt() -> None:
    assert list(summary(SENTENCES, [BEFORE, AFTER])) == [
        "Basic is right about 1 of 2 sentences before and 1 after: 1 mended, 1 spoilt.",
        "ELMo is right about 1 of 2 sentences before and 2 after: 1 mended, 0 spoilt.",
    ]


def test_one_run_is_told_without_a_comparison() -> None:
    assert next(summary(SENTENCES, [BEFORE])) == "Basic is right about 1 of 2 sentences."


def test_the_models_of_the_example_answer_every_sentence(tmp_path: Path) -> None:
    (tmp_path / "sentences.csv").write_text("text,reader_says\nI love this movie,positive\n💩,none\nI hate this movie,negative\n")
    sentences = read_sentences(tmp_path / "sentences.csv")
    run, predictor = load_run(EXAMPLE_ID, Settings(data_dir=tmp_path, example=True))
    require_same_settings([run, run])
    answers = answers_of(predictor, sentences)
    assert list(answers) == ["basic", "elmo"]
    for of_arm in answers.values():
        love, sign, hate = of_arm
        assert love is not None
        assert hate is not None
        assert hate < love
        assert sign is None


def test_a_table_without_the_reader_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "sentences.csv").write_text("text,label\nDull,negative\nGreat,positive\n")
    with pytest.raises(UserError) as error:
        read_sentences(tmp_path / "sentences.csv")
    assert error.value.code == "column-missing"
