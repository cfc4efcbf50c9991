"""One word in many sentences: where it is, and its vectors in every layer."""

from __future__ import annotations

import numpy as np
import pytest

from core.embedders.base import Embedder
from core.errors import UserError
from core.senses.lessons import LabelledSentence, load_lessons
from core.senses.similarity import cosine_similarities
from core.senses.word_uses import MAX_TOKENS, READING_LAYERS, embed_uses, find_uses, read_sentences, read_word, write_sentences

LESSON = load_lessons()[0]


def test_only_the_reading_layers_see_the_sentence(embedders: dict[str, Embedder]) -> None:
    vectors = embed_uses(find_uses(LESSON.word, LESSON.sentences), **embedders)
    similarities = {layer: cosine_similarities(rows) for layer, rows in vectors.items()}
    assert (similarities["static"] == 1).all()
    np.testing.assert_allclose(similarities["0"], 1, atol=1e-6)
    for layer in READING_LAYERS:
        apart = similarities[layer][~np.eye(len(LESSON.sentences), dtype=bool)]
        assert apart.max() < 0.999


def test_a_word_gets_the_same_vectors_whatever_sentences_stand_beside_its_own(embedders: dict[str, Embedder]) -> None:
    uses = find_uses(LESSON.word, LESSON.sentences)
    together, alone = embed_uses(uses, **embedders), embed_uses(uses[3:4], **embedders)
    for layer, rows in alone.items():
        np.testing.assert_allclose(rows[0], together[layer][3], atol=1e-5)


def test_the_same_sentence_twice_is_one_point_in_every_layer(embedders: dict[str, Embedder]) -> None:
    sentence = LabelledSentence("A plot is a plot.", "")
    uses = find_uses("plot", [sentence, sentence])
    assert [use.position for use in uses] == [1, 4, 1, 4]
    for rows in embed_uses(uses, **embedders).values():
        np.testing.assert_allclose(rows[:2], rows[2:], atol=1e-6)


def test_a_word_that_the_static_vectors_do_not_know_is_like_nothing(embedders: dict[str, Embedder]) -> None:
    uses = find_uses("blorptastic", [LabelledSentence(text, "") for text in ("A blorptastic film.", "How blorptastic!")])
    similarities = cosine_similarities(embed_uses(uses, **embedders)["static"])
    assert np.isnan(similarities).all()


def test_a_word_is_found_in_any_case_and_every_time_but_not_inside_another() -> None:
    uses = find_uses("plot", [LabelledSentence("Plot? The plot is a subplot, a Plot-hole.", "s")])
    assert [use.word for use in uses] == ["Plot", "plot"]
    assert [use.text[slice(*use.span)] for use in uses] == ["Plot", "plot"]


def test_a_sentence_is_read_up_to_a_length() -> None:
    assert not find_uses("plot", [LabelledSentence("very " * MAX_TOKENS + "long plot", "")])


@pytest.mark.parametrize(("typed", "word"), [(" plot ", "plot"), ("🎬", "🎬"), ("فيلم", "فيلم")])
def test_one_word_of_any_script_is_a_word(typed: str, word: str) -> None:
    assert read_word(typed) == word


@pytest.mark.parametrize(("typed", "code"), [("", "word-empty"), ("don't", "word-several"), ("<script>", "word-several")])
def test_what_is_not_one_word_is_refused(typed: str, code: str) -> None:
    with pytest.raises(UserError) as error:
        read_word(typed)
    assert error.value.code == code


def test_sentences_are_lines_and_empty_lines_part_the_senses() -> None:
    assert read_sentences(" One.\n\n\n Two  words.\nThree.\n\n") == [
        LabelledSentence("One.", "group A"),
        LabelledSentence("Two words.", "group B"),
        LabelledSentence("Three.", "group B"),
    ]
    assert read_sentences("One.\nTwo.") == [LabelledSentence("One.", ""), LabelledSentence("Two.", "")]
    assert not read_sentences(" \n\n")


def test_a_lesson_written_as_text_is_read_with_the_same_groups() -> None:
    read = read_sentences(write_sentences(LESSON.sentences))
    assert [sentence.text for sentence in read] == [sentence.text for sentence in LESSON.sentences]
    assert len({sentence.sense for sentence in read}) == len({sentence.sense for sentence in LESSON.sentences})
