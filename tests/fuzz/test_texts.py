from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from core.arrays import pack_arrays, unpack_arrays
from core.data.review_pool import deduplicate, make_plain
from core.data.search import find_matches
from core.experiment.config import ExperimentConfig
from core.plain_text import locate_plain_text, plain_text
from core.predict.occlusion import occlude
from core.predict.predictor import Predictor
from core.predict.word_edits import build_word_edits, parse_replacements
from core.tokens import token_texts, tokenise
from tests.core.predict.test_predictor import make_predictor
from tests.fuzz.conftest import Fuzz
from tests.fuzz.odd import damaged, texts

any_texts = texts | st.text(max_size=40)
long_texts = st.builds(lambda text, times: text * times, texts.filter(bool), st.sampled_from([50, 500, 5000]))


@cache
def predictor() -> Predictor:
    """Loaded and asked once, because importing TensorFlow takes longer than any text may."""
    loaded = make_predictor(ExperimentConfig(max_tokens=64))
    loaded.predict("film")
    return loaded


def test_tokens_stand_where_they_say(fuzz: Fuzz[Any]) -> None:
    def check(text: str) -> None:
        tokens = tokenise(text)
        assert [token.text for token in tokens] == token_texts(text)
        assert all(token.text and not any(map(str.isspace, token.text)) for token in tokens)
        ends = [0, *(token.end for token in tokens)]
        assert all(start <= token.start < token.end <= len(text) for start, token in zip(ends, tokens, strict=False))

    fuzz(300, any_texts, check)
    fuzz(60, long_texts, check)


def test_a_plain_text_stays_as_it_is(fuzz: Fuzz[Any]) -> None:
    def check(text: str) -> None:
        plain = plain_text(text)
        located = locate_plain_text(text)
        assert located.text == plain == plain_text(plain)
        assert len(located.starts) == len(located.ends) == len(plain)
        assert all(0 <= start < end <= len(text) for start, end in zip(located.starts, located.ends, strict=True))

    fuzz(250, any_texts, check)


def test_any_text_is_predicted_and_explained_or_refused(fuzz: Fuzz[Any]) -> None:
    predictor()

    def check(text: str) -> None:
        prediction = predictor().predict(text)
        assert len(prediction.known) == len(prediction.tokens) <= 64
        assert all(((probs >= 0) & (probs <= 1)).all() for probs in prediction.probs.values())
        *_, last = occlude(predictor(), prediction)
        assert last.attribution
        for arm in prediction.probs:
            effects = last.attribution.effects(arm)
            assert effects.shape == (len(prediction.tokens),)
            assert np.isfinite(effects).all()

    fuzz(200, any_texts, check)


def test_any_word_can_be_edited(fuzz: Fuzz[Any]) -> None:
    def check(drawn: tuple[str, str]) -> None:
        text, typed = drawn
        tokens = tokenise(text)
        for position in range(len(tokens)):
            edits = build_word_edits(text, tokens, position, own=parse_replacements(typed), neighbours=["fine"])
            assert len({edit.text for edit in edits} - {text}) == len(edits)
            for edit in edits:
                tokenise(edit.text)

    fuzz(200, st.tuples(any_texts, texts), check)


def test_any_query_finds_what_is_there(fuzz: Fuzz[Any]) -> None:
    def check(drawn: tuple[str, str]) -> None:
        text, query = drawn
        for start, end in find_matches(text, query):
            assert 0 <= start < end <= len(text)

    fuzz(100, st.tuples(any_texts, any_texts), check)


def test_every_review_is_kept_or_counted(fuzz: Fuzz[Any]) -> None:
    def check(rows: list[tuple[str, int | None]]) -> None:
        frame = make_plain(deduplicate([text for text, _ in rows], [label for _, label in rows]))
        assert len(frame) + frame.attrs["num_duplicates"] + frame.attrs["num_skipped"] == len(rows)
        assert frame["id"].is_unique

    fuzz(100, st.lists(st.tuples(texts, st.sampled_from([0, 1, None])), max_size=8), check)


def test_damaged_arrays_are_noticed(fuzz: Fuzz[Any]) -> None:
    arrays = {"conv/kernel": np.arange(12, dtype=np.float32).reshape(3, 4), "mix/gamma": np.ones((), np.float32)}

    def check(data: bytes) -> None:
        try:
            found = unpack_arrays(data)
        except ValueError:
            return
        assert found.keys() <= arrays.keys()
        for name, values in found.items():
            np.testing.assert_array_equal(values, arrays[name])

    fuzz(110, damaged(st.just(pack_arrays(arrays))), check)
