"""Percentages and points as people read them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.formatting import in_percent, number, percent, rounded, signed


@pytest.mark.parametrize(
    ("fraction", "text"), [(0.7355, "73.6 %"), (0.7425, "74.3 %"), (0.7424, "74.2 %"), (1.0, "100.0 %"), (0.0, "0.0 %")]
)
def test_halves_are_rounded_up_as_people_do_it(fraction: float, text: str) -> None:
    assert percent(fraction) == text


def test_how_a_mean_was_computed_does_not_change_what_is_read() -> None:
    assert percent(float(np.mean([0.7355] * 3))) == percent(0.7355) == percent(1471 / 2000) == percent(0.7 + 0.0355)


def test_numbers_below_zero_are_rounded_like_those_above_and_nothing_is_minus_zero() -> None:
    assert rounded(-0.1235) == -rounded(0.1235) == -12.4
    assert number(-0.0004) == "0.0"
    assert number(-0.031) == "−3.1"


def test_a_table_is_rounded_as_its_numbers_are_and_keeps_what_is_missing() -> None:
    table = rounded(pd.DataFrame({"basic": [0.7355, np.nan]}, index=[1, 2]))
    assert table["basic"].tolist() == pytest.approx([73.6, np.nan], nan_ok=True)
    assert table.index.tolist() == [1, 2]


def test_a_table_that_rounds_by_itself_shows_the_same() -> None:
    fractions = np.array([0.7355, -0.7355, 0.0, 1471 / 2000, 1 / 3])
    assert [f"{value:.1f}" for value in in_percent(fractions)] == ["73.6", "-73.6", "0.0", "73.6", "33.3"]
    assert in_percent(fractions) == pytest.approx(fractions * 100, abs=1e-8)


def test_more_digits_on_demand() -> None:
    assert percent(0.990549, 2) == "99.05 %"
    assert percent(0.496, 0) == "50 %"


@pytest.mark.parametrize(
    ("fraction", "decimals", "text"),
    [(0.123, 1, "+12.3"), (-0.04, 1, "−4.0"), (0.0001, 1, "0.0"), (-0.0001, 1, "0.0"), (-0.004, 0, "0"), (0.1, 0, "+10")],
)
def test_a_difference_has_its_sign_unless_it_rounds_to_nothing(fraction: float, decimals: int, text: str) -> None:
    assert signed(fraction, decimals) == text
