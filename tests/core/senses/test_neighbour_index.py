"""The index of words in reviews: what goes in, what comes out, what happens to its file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.arrays import FloatArray
from core.data.review_pool import ReviewPool
from core.senses.neighbour_index import IndexProgress, NeighbourIndex, build_index, index_name, open_index, split_sentences
from core.settings import Settings
from core.tokens import tokenise

WIDTH = 4
TEXTS = (
    "The plot is thin. I liked the music of it a lot!",
    "They bought a plot of land near the sea. Nothing else happens here.",
    'He said it was the worst (by far!). The Plot thickens ("too late.") After an hour nothing is left.',
    "A subplot is not what we came for. The acting was good, though.",
)


class LetterEmbedder:
    """Three layers side by side; every token has its own direction, and the word before it turns the two upper ones."""

    name = "letters"
    dim = 3 * WIDTH

    def __init__(self, fingerprint: str = "letters-1") -> None:
        self.fingerprint = fingerprint
        self.num_sentences = 0

    def embed(self, sentences: Sequence[Sequence[str]]) -> list[FloatArray]:
        self.num_sentences += len(sentences)
        return [np.stack([_vector(tokens, i) for i in range(len(tokens))]) for tokens in sentences]


def _vector(tokens: Sequence[str], position: int) -> FloatArray:
    def direction(text: str) -> FloatArray:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
        return np.random.default_rng(seed).normal(size=WIDTH).astype(np.float32)

    word, before = direction(tokens[position]), direction(tokens[position - 1] if position else "")
    return np.concatenate([word, word + before, word - before])


def pool_of(*texts: str) -> ReviewPool:
    ids = tuple(hashlib.sha256(text.encode()).hexdigest()[:16] for text in texts)
    everything = np.arange(len(texts))
    return ReviewPool("tiny", texts, np.zeros(len(texts), np.int8), ids, everything, everything[:0], 0, 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def build(pool: ReviewPool, word: str, settings: Settings, **options: int) -> NeighbourIndex:
    *_, index = build_index(pool, LetterEmbedder(), word, settings, **options)
    assert isinstance(index, NeighbourIndex)
    return index


def query(text: str, word: str) -> tuple[FloatArray, FloatArray]:
    """Of a word in a text, layers 1 and 2."""
    tokens = [token.text for token in tokenise(text)]
    _, first, second = np.split(_vector(tokens, tokens.index(word)), 3)
    return first, second


def test_an_index_of_a_word_has_its_places_in_any_case_and_no_others(settings: Settings) -> None:
    pool = pool_of(*TEXTS)
    index = build(pool, "plot", settings)
    found = index.nearest(query(TEXTS[1], "plot")[0], "1", num=10)
    assert sorted(neighbour.word for neighbour in found) == ["Plot", "plot", "plot"]
    texts = dict(zip(pool.ids, pool.texts, strict=True))
    assert {texts[neighbour.review_id][slice(*neighbour.span)] for neighbour in found} == {"Plot", "plot"}
    assert texts[found[0].review_id][slice(*found[0].sentence)] == "They bought a plot of land near the sea."


@pytest.mark.parametrize("layer", ["1", "2"])
def test_the_nearest_are_those_that_looking_at_every_vector_finds(layer: str, settings: Settings) -> None:
    pool = pool_of(*TEXTS)
    vector = query("We read a plot summary.", "plot")[int(layer) - 1]
    truth = []
    for text in TEXTS:
        for sentence in split_sentences(tokenise(text)):
            tokens = [token.text for token in sentence]
            for i, token in enumerate(tokens):
                if any(character.isalpha() for character in token):
                    other = _vector(tokens, i)[int(layer) * WIDTH :][:WIDTH]
                    truth.append((float(vector @ other / np.linalg.norm(vector) / np.linalg.norm(other)), token))
    found = build(pool, "", settings).nearest(vector, "1" if layer == "1" else "2", num=5)
    expected = sorted(truth, reverse=True)[:5]
    assert [neighbour.word for neighbour in found] == [word for _, word in expected]
    np.testing.assert_allclose([neighbour.similarity for neighbour in found], [cosine for cosine, _ in expected], atol=2e-3)


def test_a_word_can_be_left_out_of_what_is_found(settings: Settings) -> None:
    index = build(pool_of(*TEXTS), "", settings)
    vector = query(TEXTS[1], "plot")[0]
    assert index.nearest(vector, "1", num=1)[0].word == "plot"
    without = index.nearest(vector, "1", num=len(index), without="PLOT")
    assert len(without) == len(index) - 3
    assert "plot" not in {neighbour.word.lower() for neighbour in without}


def test_a_word_that_no_review_has_gives_an_empty_index(settings: Settings) -> None:
    index = build(pool_of(*TEXTS), "quokka", settings)
    assert len(index) == 0
    assert index.nearest(np.ones(WIDTH, np.float32), "1", num=3) == []


def test_no_word_fills_the_index_of_all_words(settings: Settings) -> None:
    pool = pool_of(*(f"The film number {i} is the film that the people like." for i in range(100)))
    index = build(pool, "", settings)
    found = index.nearest(np.ones(WIDTH, np.float32), "1", num=len(index))
    words = [neighbour.word.lower() for neighbour in found]
    assert 0 < words.count("the") <= 40
    assert words.count("film") == 40
    assert not {word for word in words if word.isdigit()}


def test_progress_grows_to_the_whole_and_the_index_comes_last(settings: Settings) -> None:
    pool = pool_of(*(f"Number {i} has a plot with many words in it." for i in range(200)))
    *events, last = build_index(pool, LetterEmbedder(), "plot", settings, num_sentences=150)
    done = [event.num_done for event in events if isinstance(event, IndexProgress)]
    assert len(done) == len(events) > 1
    assert done == sorted(set(done))
    assert done[-1] == {event.num_tokens for event in events if isinstance(event, IndexProgress)}.pop()
    assert isinstance(last, NeighbourIndex)
    assert len(last) == 150


def test_a_build_that_is_left_early_keeps_nothing(settings: Settings) -> None:
    pool = pool_of(*(f"Number {i} has a plot with many words in it." for i in range(200)))
    embedder = LetterEmbedder()
    next(build_index(pool, embedder, "plot", settings))
    assert embedder.num_sentences < 200
    assert not list(settings.data_dir.rglob("*"))


def test_the_same_reviews_give_the_same_index_and_a_kept_one_answers_as_the_new_one(settings: Settings) -> None:
    pool, vector = pool_of(*TEXTS), query(TEXTS[1], "plot")[1]
    first = build(pool, "", settings).nearest(vector, "2", num=9)
    kept = open_index(index_name(pool, LetterEmbedder(), ""), settings)
    assert kept
    assert kept.nearest(vector, "2", num=9) == first
    assert build(pool, "", settings).nearest(vector, "2", num=9) == first


def test_every_embedder_word_and_set_of_reviews_has_a_file_of_its_own() -> None:
    pool, other_pool = pool_of(*TEXTS), pool_of(*TEXTS[:3])
    names = [
        index_name(pool, LetterEmbedder(), "plot"),
        index_name(pool, LetterEmbedder(), ""),
        index_name(pool, LetterEmbedder("letters-2"), "plot"),
        index_name(other_pool, LetterEmbedder(), "plot"),
    ]
    assert len(set(names)) == 4
    assert index_name(pool, LetterEmbedder(), "Plot") == names[0]


def test_a_damaged_index_is_built_again(settings: Settings) -> None:
    pool = pool_of(*TEXTS)
    build(pool, "", settings)
    [path] = settings.folder("neighbours").iterdir()
    path.write_bytes(path.read_bytes()[:-30])
    assert open_index(path.name, settings) is None


def test_an_index_that_cannot_be_kept_can_still_be_asked(settings: Settings) -> None:
    (settings.data_dir / "neighbours").write_text("a file where the folder should be")
    assert len(build(pool_of(*TEXTS), "plot", settings)) == 3


def test_sentences_end_with_their_closing_quotes_and_brackets() -> None:
    whole = [[token.text for token in sentence] for sentence in split_sentences(tokenise(TEXTS[2]))]
    assert [sentence[0] for sentence in whole] == ["He", "The", "After"]
    assert [sentence[-2:] for sentence in whole[:2]] == [[")", "."], ["''", ")"]]


def test_exclamations_and_lists_are_no_sentences_to_learn_from() -> None:
    assert split_sentences(tokenise("Wow! " + "and " * 80 + "so on.")) == []
