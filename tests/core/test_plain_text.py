"""Texts as people paste them, made plain: the same tokens whatever the text went through."""

from __future__ import annotations

import html
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.datasets import _packaged_csv, load_pool
from core.plain_text import locate_plain_text, plain_text
from core.settings import Settings
from core.tokens import token_texts, tokenise
from tests.shared_cases import case_path

_PIECES = [
    *("film", "é", "e\u0301", " ", "\n", "’", "\x85", "\u200b", "…", "—"),
    *("&", "amp;", "&lt;", "br", "/>", "<", "&#39;", "&#x201C;"),
]
texts = st.lists(st.sampled_from(_PIECES), max_size=20).map("".join) | st.text(max_size=60)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("It&#39;s &quot;fun&quot; &amp; games", 'It\'s "fun" & games'),
        ("It&amp;#39;s &amp;amp;quot;fun&#38;quot;", 'It\'s "fun"'),
        ("It&#39s fun&nbsp;and more &hellip;", "It's fun and more …"),
        ("AT&T, R&B; &film; Q&A", "AT&T, R&B; &film; Q&A"),
        ("One.<br /><br/>Two\n\tthree <BR> four\u00a0", "One. Two three four"),
        ("&lt;br /&gt;<p class='x'>Two</p>", "Two"),
        ("a <i>fine</i> <a href='x'>film</a>", "a fine film"),
        ("I <3 it, 1<2, a <b and c> d", "I <3 it, 1<2, a <b and c> d"),
        ("won\u00adder\u200bful\ufeff, very\u200d", "wonderful, very"),
        ("cafe\u0301 nai\u0308ve \u1112\u1161\u11ab", "café naïve \ud55c"),
        ("It\x92s \x93good\x94 \x96 really\x85", 'It\'s "good" – really…'),
        ("don’t don‘t don´t don`t donʼt don＇t", "don't don't don't don't don't don't"),
        ("“a” „b‟ «c» ″d″", '"a" "b" "c" "d"'),
        ("well‑made, 5−2", "well-made, 5-2"),
        ("a\x00b\x08c\x7f", "abc"),
        ("", ""),
        (" \u200b\n", ""),
    ],
)
def test_a_text_is_made_plain(written: str, plain: str) -> None:
    assert plain_text(written) == plain


@given(texts)
def test_a_plain_text_stays_as_it_is(text: str) -> None:
    plain = plain_text(text)
    assert plain_text(plain) == plain
    assert unicodedata.is_normalized("NFC", plain)
    assert plain == " ".join(plain.split())


@given(texts)
def test_every_character_of_a_plain_text_has_its_place_in_the_original(text: str) -> None:
    located = locate_plain_text(text)
    assert located.text == plain_text(text)
    assert len(located.starts) == len(located.ends) == len(located.text)
    assert all(0 <= start < end <= len(text) for start, end in zip(located.starts, located.ends, strict=True))
    assert list(located.starts) == sorted(located.starts)
    assert list(located.ends) == sorted(located.ends)


@given(texts)
def test_a_text_has_the_tokens_of_its_plain_form(text: str) -> None:
    assert token_texts(text) == token_texts(plain_text(text))


def test_a_token_stands_where_it_was_typed() -> None:
    text = "It&#39;s<br />a cafe\u0301—&quot;won\u00adder&quot;\x85"
    assert [(token.text, text[token.start : token.end]) for token in tokenise(text)] == [
        ("It", "It"),
        ("'s", "&#39;s"),
        ("a", "a"),
        ("café", "cafe\u0301"),
        ("--", "—"),
        ("``", "&quot;"),
        ("wonder", "won\u00adder"),
        ("''", "&quot;"),
        ("...", "\x85"),
    ]


@pytest.mark.parametrize(
    "nested", ["&amp;" * 40_000, "&#38;" * 40_000 + "lt;", "<" * 100_000 + "br>" * 30_000, "e" + "\u0301" * 100_000]
)
def test_200_000_hostile_characters_are_read_in_few_rounds(nested: str) -> None:
    assert len(plain_text(nested)) <= len(nested)


def test_probe_reads_raw_reviews_as_training_reads_them(settings: Settings) -> None:
    raw = pd.read_csv(_packaged_csv(), dtype=str, keep_default_na=False)
    odd = raw["text"].str.contains("[\x80-\x9f]|<br|&#|’")
    raw = pd.concat([raw[odd].sample(150, random_state=0), raw[~odd].sample(50, random_state=0)])
    trained_on = {text.casefold(): text for name in ("imdb", "rotten-tomatoes") for text in load_pool(name, settings).texts}
    for written in raw["text"]:
        pooled = trained_on[plain_text(written).casefold()]
        typed = [token.text.casefold() for token in tokenise(written)]  # of copies that differ in case, the pool has one
        assert typed == [token.casefold() for token in token_texts(pooled)]


def test_an_escaped_review_has_the_tokens_of_the_review(settings: Settings) -> None:
    for text in load_pool("rotten-tomatoes", settings).texts[:200]:
        once = html.escape(text)
        assert token_texts(once) == token_texts(html.escape(once)) == token_texts(text)


def test_the_file_of_escaped_reviews_has_no_entities_left() -> None:
    for text in pd.read_csv(case_path("html-entities.csv"), dtype=str)["text"]:
        assert token_texts(text) == token_texts(html.unescape(text))
        assert not {"quot", "amp", "39", "#"} & set(token_texts(text))
