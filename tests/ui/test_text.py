"""Durations, numbers, and other people's text made harmless."""

from __future__ import annotations

import pytest

from ui.text import count, duration, escape, unique_titles


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (8.4, "8 s"),
        (42, "40 s"),
        (57, "1 min"),
        (200, "3 min"),
        (3590, "1 h"),
        (3600, "1 h"),
        (7800, "2 h 10 min"),
    ],
)
def test_durations_are_rounded_as_people_think_of_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_one_has_a_singular() -> None:
    assert count(1, "trial") == "1 trial"
    assert count(2500, "review") == "2,500 reviews"


def test_every_sign_that_markdown_reads_is_escaped() -> None:
    assert escape("**bold** [x](y) <b> $a$ `c`") == r"\*\*bold\*\* \[x\]\(y\) \<b\> \$a\$ \`c\`"


@pytest.mark.parametrize("shortcode", [":smile:", ":material/home:", ":red[text]", ":blue-badge[text]"])
def test_shortcodes_of_streamlit_are_broken_up(shortcode: str) -> None:
    escaped = escape(shortcode)
    assert escaped.replace("\\", "") != shortcode
    assert escaped.replace("\\", "").replace("\u2060", "") == shortcode


def test_a_message_of_several_lines_becomes_one() -> None:
    assert escape("one\n\n# two") == r"one \# two"


def test_titles_that_several_have_come_with_their_ids() -> None:
    assert unique_titles({"a": "one", "b": "same", "c": "same"}) == {"a": "one", "b": "same · b", "c": "same · c"}
