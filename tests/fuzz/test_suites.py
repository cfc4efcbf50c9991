from __future__ import annotations

import csv
import io
from typing import Any

from hypothesis import strategies as st

from core.challenges.suite import CSV_COLUMNS, load_csv_suite, to_csv
from tests.fuzz.conftest import Fuzz
from tests.fuzz.odd import damaged, sentences, texts

FIRST = st.sampled_from(["positive", "negative", "pos", "NEG", "1", "0"])
SECOND = FIRST | st.sampled_from(["more positive", "More Negative"])


@st.composite
def suites(draw: st.DrawFn, cells: st.SearchStrategy[str]) -> bytes:
    """Whole files, in which the two texts of a pair differ."""
    families = draw(st.lists(sentences, min_size=1, max_size=3, unique_by=lambda title: " ".join(title.split()).casefold()))
    rows = []
    for family in families:
        for pair in range(draw(st.integers(1, 4))):
            text = draw(cells)
            rows += [(text, draw(FIRST), family, pair), (f"{text} Or not.", draw(SECOND), family, pair)]
    file = io.StringIO()
    csv.writer(file, delimiter=draw(st.sampled_from(",;\t"))).writerows([CSV_COLUMNS, *rows])
    return file.getvalue().encode()


def check(data: bytes) -> None:
    """What is read can be written and read again, with the same pairs."""
    suite = load_csv_suite("mine", data)
    assert suite.num_pairs > 0
    assert load_csv_suite("mine", to_csv(suite).encode()).fingerprint == suite.fingerprint


def test_whole_suites_give_every_pair(fuzz: Fuzz[Any]) -> None:
    def check_rows(data: bytes) -> None:
        check(data)
        rows = list(csv.reader(io.StringIO(data.decode()), delimiter=chr(data[4])))
        assert load_csv_suite("mine", data).num_pairs * 2 == len([row for row in rows if row]) - 1

    fuzz(120, suites(sentences), check_rows)


def test_odd_and_damaged_suites_are_read_or_refused(fuzz: Fuzz[Any]) -> None:
    fuzz(120, suites(texts), check)
    fuzz(100, damaged(suites(sentences)), check)


def test_any_text_is_read_or_refused(fuzz: Fuzz[Any]) -> None:
    rows = st.lists(st.lists(texts, max_size=5).map(",".join), max_size=6).map("\n".join)
    fuzz(50, rows.map(lambda text: ("text,expected,family,pair\n" + text).encode()), check)
