"""A person's own suite as CSV."""

from __future__ import annotations

import pytest

from core.challenges import suite as suites
from core.challenges.suite import load_csv_suite
from core.challenges.templates import load_bundled_suite
from core.errors import UserError


def test_a_suite_survives_its_csv() -> None:
    bundled = load_bundled_suite()
    assert load_csv_suite("copy", suites.to_csv(bundled).encode()).fingerprint == bundled.fingerprint


def test_columns_come_in_any_order_and_labels_as_people_write_them() -> None:
    data = b"Pair;Family;Expected;Text\n7;mine;POS;Nice.\n7;mine;0;Not nice.\n8;mine;neg;Bad.\n8;mine;More negative;Very bad.\n"
    [family] = load_csv_suite("mine.csv", data).families
    assert [(each.name, each.expected) for each in family.pairs] == [
        ("7", ("positive", "negative")),
        ("8", ("negative", "more negative")),
    ]
    assert family.demand == "mixed"


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        ("text,expected,family\na,positive,f", "suite-no-column", "pair"),
        ("text,expected,family,pair\na,positive,f,1", "suite-pair-size", 'pair "1" of the family "f" has 1'),
        ("text,expected,family,pair\n" + "a{},positive,f,1\n" * 3, "suite-pair-size", "has 3"),
        ("text,expected,family,pair\na,positive,f,1\na,negative,f,1", "suite-pair-equal", 'pair "1"'),
        ("text,expected,family,pair\na,good,f,1\nb,negative,f,1", "suite-expectation", "Row 2 .*good"),
        ("text,expected,family,pair\na,positive,f,1\n ,negative,f,1", "suite-empty-cell", "Row 3 .*text"),
        ("text,expected,family,pair\na,more positive,f,1\nb,negative,f,1", "suite-pair-first", "more positive"),
    ],
)
def test_a_csv_that_is_not_a_suite_is_refused_with_the_place(rows: str, code: str, place: str) -> None:
    with pytest.raises(UserError, match=place) as error:
        load_csv_suite("mine.csv", rows.encode())
    assert error.value.code == code


def test_more_pairs_than_anybody_waits_for_are_refused() -> None:
    rows = [f"{text} {number},positive,f,{number}" for number in range(suites.MAX_PAIRS + 1) for text in ("a", "b")]
    with pytest.raises(UserError, match="5,001") as error:
        load_csv_suite("mine.csv", "\n".join(["text,expected,family,pair", *rows]).encode())
    assert error.value.code == "suite-too-large"
