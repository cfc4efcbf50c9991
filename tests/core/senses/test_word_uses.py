"""Vectors of one word in many sentences: the bundled models, the similarities and the lessons that ship."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.embedders.base import Embedder
from core.errors import UserError
from core.senses.lessons import LESSON_SETS, LabelledSentence, load_lesson, load_lessons
from core.senses.similarity import cosine_similarities, project, separate
from core.senses.word_uses import MAX_TOKENS, READING_LAYERS, embed_uses, find_uses, read_sentences, read_word, write_sentences
from core.settings import Settings

PLOT = load_lessons()[0]


@pytest.fixture(scope="module")
def embedders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Embedder]:
    from core.embedders.elmo import load_elmo
    from core.embedders.static import load_static

    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    return {
        "static": load_static("glove-6b-50d", settings),
        "elmo": load_elmo("elmo-mini", settings, layer_mix="learned", batch_size=16),
    }


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


def test_only_the_reading_layers_see_the_sentence(embedders: dict[str, Embedder]) -> None:
    vectors = embed_uses(find_uses(PLOT.word, PLOT.sentences), **embedders)
    similarities = {layer: cosine_similarities(rows) for layer, rows in vectors.items()}
    assert (similarities["static"] == 1).all()
    np.testing.assert_allclose(similarities["0"], 1, atol=1e-6)
    for layer in READING_LAYERS:
        apart = similarities[layer][~np.eye(len(PLOT.sentences), dtype=bool)]
        assert apart.max() < 0.999


def test_the_words_of_all_lessons_are_nearer_in_the_same_sense_on_average(embedders: dict[str, Embedder]) -> None:
    gains = []
    for lesson in load_lessons():
        uses = find_uses(lesson.word, lesson.sentences)
        found = separate(cosine_similarities(embed_uses(uses, **embedders)["2"]), [use.sense for use in uses])
        assert found
        gains.append(found.within - found.between)
    assert np.mean(gains) > 0


def test_a_word_gets_the_same_vectors_whatever_sentences_stand_beside_its_own(embedders: dict[str, Embedder]) -> None:
    uses = find_uses(PLOT.word, PLOT.sentences)
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


@given(arrays(np.float32, (3, 7), elements=st.floats(-100, 100, width=32)).filter(lambda rows: (rows != 0).any(axis=1).all()))
def test_equal_vectors_are_alike_by_exactly_one_and_no_two_by_more(rows: np.ndarray) -> None:
    similarities = cosine_similarities(np.concatenate([rows, rows]))
    assert (np.diag(similarities) == 1).all()
    assert (np.diag(similarities, k=3) == 1).all()
    assert (np.abs(similarities) <= 1).all()
    np.testing.assert_array_equal(similarities, similarities.T)


def test_similarity_is_the_cosine_of_the_angle() -> None:
    similarities = cosine_similarities(np.array([[1, 0], [1, 1], [0, 2], [-3, 0]], np.float32))
    np.testing.assert_allclose(similarities[0], [1, np.sqrt(0.5), 0, -1], atol=1e-12)


def test_the_plane_shows_all_of_what_differs_in_two_directions_only() -> None:
    rng = np.random.default_rng(0)
    flat, directions = rng.normal(size=(9, 2)) * [3, 1], np.linalg.qr(rng.normal(size=(20, 2)))[0].T
    projection = project((flat @ directions + 5).astype(np.float32))
    assert projection
    assert sum(projection.shares) == pytest.approx(1)
    assert projection.shares[0] > projection.shares[1]

    def distances(points: np.ndarray) -> np.ndarray:
        return np.asarray(np.linalg.norm(points[:, None] - points[None], axis=-1))

    np.testing.assert_allclose(distances(projection.points), distances(flat), atol=1e-4)


def test_equal_vectors_have_no_plane() -> None:
    assert project(np.ones((5, 8), np.float32)) is None


def test_two_vectors_lie_on_one_axis() -> None:
    projection = project(np.array([[0, 0, 1], [0, 1, 0]], np.float32))
    assert projection
    assert projection.shares == pytest.approx((1, 0))


def test_senses_that_are_far_apart_are_told_apart() -> None:
    vectors = np.array([[1, 0.1], [1, 0], [0, 1], [0.1, 1]], np.float32)
    found = separate(cosine_similarities(vectors), ["a", "a", "b", "b"])
    assert found
    assert found.within > 0.9
    assert found.between < 0.3
    assert (found.num_nearest, found.num_judged) == (4, 4)
    assert found.num_by_chance == pytest.approx(4 / 3)


def test_equal_vectors_tell_senses_apart_as_well_as_guessing() -> None:
    found = separate(np.ones((5, 5)), ["a", "a", "a", "b", "b"])
    assert found
    assert found.num_nearest == pytest.approx(found.num_by_chance)


def test_a_use_without_another_of_its_sense_is_not_judged() -> None:
    found = separate(np.ones((3, 3)), ["a", "a", "b"])
    assert found
    assert found.num_judged == 2


@pytest.mark.parametrize("senses", [["", "", ""], ["a", "b", "c"]])
def test_without_both_kinds_of_pairs_nothing_is_compared(senses: list[str]) -> None:
    assert separate(np.ones((3, 3)), senses) is None


def test_a_word_is_found_in_any_case_and_every_time_but_not_inside_another() -> None:
    uses = find_uses("plot", [LabelledSentence("Plot? The plot is a subplot, a Plot-hole.", "s")])
    assert [use.word for use in uses] == ["Plot", "plot"]
    assert [use.text[slice(*use.span)] for use in uses] == ["Plot", "plot"]


def test_a_sentence_is_read_up_to_a_length() -> None:
    assert not find_uses("plot", [LabelledSentence("very " * MAX_TOKENS + "long plot", "")])


@pytest.mark.parametrize(("typed", "word"), [(" plot ", "plot"), ("🎬", "🎬"), ("فيلم", "فيلم")])
def test_one_word_of_any_script_is_a_word(typed: str, word: str) -> None:
    assert read_word(typed) == word


@pytest.mark.parametrize(("typed", "what"), [("", "no word"), ("don't", "2 words or signs"), ("<script>", "3 words or signs")])
def test_what_is_not_one_word_is_refused(typed: str, what: str) -> None:
    with pytest.raises(UserError, match=what):
        read_word(typed)


def test_sentences_are_lines_and_empty_lines_part_the_senses() -> None:
    assert read_sentences(" One.\n\n\n Two  words.\nThree.\n\n") == [
        LabelledSentence("One.", "group A"),
        LabelledSentence("Two words.", "group B"),
        LabelledSentence("Three.", "group B"),
    ]
    assert read_sentences("One.\nTwo.") == [LabelledSentence("One.", ""), LabelledSentence("Two.", "")]
    assert not read_sentences(" \n\n")


def test_a_lesson_written_as_text_is_read_with_the_same_groups() -> None:
    read = read_sentences(write_sentences(PLOT.sentences))
    assert [sentence.text for sentence in read] == [sentence.text for sentence in PLOT.sentences]
    assert len({sentence.sense for sentence in read}) == len({sentence.sense for sentence in PLOT.sentences})
