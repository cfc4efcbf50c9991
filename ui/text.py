"""Durations, counts and times as pages show them, and other people's text made harmless."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

OptionT = TypeVar("OptionT", bound=Hashable)

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # what a backslash escapes in CommonMark
_SHORTCODE = re.compile(r":(?=[\w+/-]+:|[a-z-]+\[)")  # :smile:, :material/home: and :red[…], which Streamlit reads after escapes

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 24 * HOUR_S


def escape(text: str) -> str:
    """Markdown that shows the text as it is: no formatting, links, HTML, icons or formulas."""
    unbroken = " ".join(text.split())
    return _PUNCTUATION.sub(r"\\\1", _SHORTCODE.sub(":\u2060", unbroken))  # a word joiner is invisible


def duration(seconds: float) -> str:
    """A waiting time, rounded as people would: "8 s", "40 s", "3 min", "2 h 10 min"."""
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < MINUTE_S - 5:
        return f"{round(seconds / 5) * 5} s"
    if seconds < HOUR_S - 30:
        return f"{max(1, round(seconds / MINUTE_S))} min"
    hours, minutes = divmod(round(seconds / MINUTE_S), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def time_left(seconds: float | None, unknown: str = "estimating the time left") -> str:
    """How long work will take from here; `unknown` before anybody can tell."""
    return f"about {duration(seconds)} left" if seconds else unknown


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 trial", "2,500 reviews"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def unique_titles(titles: Mapping[OptionT, str]) -> dict[OptionT, str]:
    """Titles by id, followed by the id where several are the same: Streamlit tells options apart by their titles alone."""
    times = Counter(titles.values())
    unique = {its_id: f"{title} · {its_id}" if times[title] > 1 else title for its_id, title in titles.items()}
    if len(set(unique.values())) < len(unique):  # somebody has typed a title that ends like this
        return {its_id: f"{title} · {its_id}" for its_id, title in titles.items()}
    return unique


def local_time(moment: datetime) -> str:
    """A moment in the time zone of the visitor's browser."""
    try:
        zone = ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return moment.astimezone(zone).strftime("%d %b %H:%M")
