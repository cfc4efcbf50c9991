"""How things are said: durations, times, and other people's text made harmless."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # what CommonMark lets a backslash take the meaning of
_SHORTCODE = re.compile(r":(?=[\w+/-]+:|[a-z-]+\[)")  # :smile:, :material/home: and :red[…], which Streamlit reads after escapes
_UNKNOWN_STYLE = "background:none;color:inherit;border:1.5px dashed #D55E00;border-radius:.4em;padding:.05em .35em"
_KNOWN_STYLE = "border:1.5px solid transparent;padding:.05em .1em"

MINUTE_S = 60
HOUR_S = 3600


def escape(text: str) -> str:
    """Markdown that shows the text as it is: no formatting, no links, no HTML, no icons, no formulas."""
    unbroken = " ".join(text.split())
    return _PUNCTUATION.sub(r"\\\1", _SHORTCODE.sub(":\u2060", unbroken))  # a word joiner cannot be seen


def duration(seconds: float) -> str:
    """A time that people wait, rounded as they think of it: "8 s", "40 s", "3 min", "2 h 10 min"."""
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < MINUTE_S - 5:
        return f"{round(seconds / 5) * 5} s"
    if seconds < HOUR_S - 30:
        return f"{max(1, round(seconds / MINUTE_S))} min"
    hours, minutes = divmod(round(seconds / MINUTE_S), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 trial", "2,500 reviews"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def token_html(tokens: Sequence[str], known: Sequence[bool]) -> str:
    """The tokens as one line of HTML; those the static vectors do not know have a dashed frame and say so to a screen reader."""
    marked = []
    for token, is_known in zip(tokens, known, strict=True):
        if is_known:
            marked.append(f'<span style="{_KNOWN_STYLE}">{html.escape(token)}</span>')
        else:
            title = f"{html.escape(token)}, unknown to the static vectors"
            marked.append(f'<mark style="{_UNKNOWN_STYLE}" title="{title}">{html.escape(token)}</mark>')
    return f'<p style="line-height:2;overflow-wrap:anywhere;margin:0">{" ".join(marked)}</p>'
