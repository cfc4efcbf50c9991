"""Reviews as HTML: harmless, and cut where a reader would."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from core.data.search import find_matches
from ui.widgets.highlight import EXCERPT_CHARS, excerpt_span, marked_html

LONG = "The plot goes on. " * 100
NASTY = st.text(alphabet="ab <>&\"'/=", max_size=60).map(lambda text: " ".join(text.split()))


@given(NASTY, NASTY)
def test_nothing_in_a_review_becomes_html_and_nothing_is_lost(text: str, query: str) -> None:
    paragraph = ET.fromstring(marked_html(text, find_matches(text, query)))
    assert "".join(paragraph.itertext()) == text
    assert {element.tag for element in paragraph} <= {"mark"}


def test_what_was_searched_for_is_marked() -> None:
    text = "Bad? Not bad at all."
    paragraph = ET.fromstring(marked_html(text, find_matches(text, "bad")))
    assert [element.text for element in paragraph] == ["Bad", "bad"]


def test_a_short_review_is_shown_whole() -> None:
    assert excerpt_span("A short review.", []) == (0, 15)


def test_an_excerpt_begins_where_the_review_does_and_ends_with_a_word() -> None:
    start, end = excerpt_span(LONG, [])
    assert start == 0
    assert EXCERPT_CHARS - 20 < end <= EXCERPT_CHARS
    assert LONG[end] == " "
    assert marked_html(LONG, [], (start, end)).endswith(" …</p>")


def test_an_excerpt_goes_to_where_the_hit_is() -> None:
    text = LONG + "A surprise. " + LONG
    hits = find_matches(text, "surprise")
    start, end = excerpt_span(text, hits)
    assert "surprise" in text[start:end]
    assert text[start - 1] == " "
    html = marked_html(text, hits, (start, end))
    assert "… " in html[:200]
    assert ">surprise</mark>" in html


def test_a_hit_at_the_end_still_fills_the_excerpt() -> None:
    text = LONG + "surprise"
    start, end = excerpt_span(text, find_matches(text, "surprise"))
    assert end == len(text)
    assert end - start > EXCERPT_CHARS - 30


def test_a_hit_in_a_text_without_spaces_is_found() -> None:
    text = "x" * 2000 + "hit" + "x" * 2000
    start, end = excerpt_span(text, find_matches(text, "hit"))
    assert "hit" in text[start:end]
    assert end - start <= EXCERPT_CHARS
