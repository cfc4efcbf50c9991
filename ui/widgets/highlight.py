"""A review's text as harmless HTML, with what was searched for marked in it."""

from __future__ import annotations

import html
from collections.abc import Sequence

EXCERPT_CHARS = 420
_BEFORE_HIT = 120  # characters that an excerpt shows before the first hit
_STYLE = "margin:0;overflow-wrap:anywhere;line-height:1.55"
_MARK_STYLE = "background:none;color:inherit;font-weight:650;border-bottom:2px solid #E69F00"

Span = tuple[int, int]


def excerpt_span(text: str, hits: Sequence[Span]) -> Span:
    """The part of a text to show first: its beginning, or the surroundings of the first hit; ends between words."""
    if len(text) <= EXCERPT_CHARS:
        return 0, len(text)
    start = 0
    if hits and hits[0][1] > EXCERPT_CHARS:
        earliest = min(hits[0][0] - _BEFORE_HIT, len(text) - EXCERPT_CHARS)  # near its end the text fills the excerpt, too
        start = text.find(" ", earliest, hits[0][0]) + 1 or hits[0][0]
    end = start + EXCERPT_CHARS
    if end >= len(text):
        return start, len(text)
    last_space = text.rfind(" ", start, end)
    return start, last_space if last_space > start else end


def marked_html(text: str, hits: Sequence[Span], span: Span | None = None) -> str:
    """A text, or a part of it, in one paragraph; nothing in it is read as HTML.

    Args:
        text: The whole text.
        hits: Spans to mark, from left to right, none overlapping.
        span: The part to show; an ellipsis says where there is more.
    """
    start, end = span or (0, len(text))
    parts = ["… "] if start else []
    place = start
    for first, last in hits:
        if first < start or last > end:
            continue
        parts += [html.escape(text[place:first]), f'<mark style="{_MARK_STYLE}">{html.escape(text[first:last])}</mark>']
        place = last
    parts.append(html.escape(text[place:end]))
    if end < len(text):
        parts.append(" …")
    return f'<p dir="auto" style="{_STYLE}">{"".join(parts)}</p>'
