"""Numbers as people read them: percentages, percentage points, p-values. Whatever shows a number rounds it here."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

_Fractions = TypeVar("_Fractions", float, npt.NDArray[Any], pd.Series, pd.DataFrame)


def in_percent(fractions: _Fractions) -> _Fractions:
    """Fractions in percent, whole, for tables that round by themselves: they then show the digits of `rounded`.

    0.7355 in percent is 73.5499… as a binary number, which rounds to 73.5; this is a hair more.
    """
    values = np.round(np.multiply(fractions, 100), 8)
    return cast("_Fractions", values + np.sign(values) * 1e-9)


def rounded(fractions: _Fractions, decimals: int = 1) -> _Fractions:
    """Fractions in percent, rounded as people do it: 0.7355 is 73.6. Whatever shows a percentage rounds it here.

    Halves are rounded away from zero. The last binary digits of a fraction do not count, because they depend on how it was
    computed: a mean of 0.7355 would be 73.5 in one place and 73.6 in another.

    Args:
        fractions: One or many; NaN stays NaN.
        decimals: Digits to keep.
    """
    digits = np.round(np.multiply(fractions, 100 * 10**decimals), 6)
    # The sum makes -0.0 a plain zero.
    return cast("_Fractions", np.sign(digits) * np.floor(np.abs(digits) + 0.5) / 10**decimals + 0.0)


def percent(fraction: float, decimals: int = 1) -> str:
    """A fraction as people read it: 0.7355 is "73.6 %"."""
    return f"{rounded(fraction, decimals):.{decimals}f} %"


def number(fraction: float) -> str:
    """Percentage points with one decimal and a typographic minus: "3.1", "−0.4"."""
    return f"{rounded(fraction):.1f}".replace("-", "−")


def signed(fraction: float, decimals: int = 1) -> str:
    """Percentage points with their sign: "+3.1", "−0.4"; zero has none."""
    value = rounded(fraction, decimals)
    return f"{value:+.{decimals}f}".replace("-", "−") if value else f"{value:.{decimals}f}"


def signed_number(value: float, decimals: int = 1) -> str:
    """A number with its sign, for log-odds: "+1.2", "−0.4"; zero has none."""
    return signed(value / 100, decimals)


def points(fraction: float) -> str:
    """A difference of accuracies with its unit: "1.0 point", "−3.1 points"."""
    value = number(fraction)
    return f"{value} point" if value in {"1.0", "−1.0"} else f"{value} points"


def p_value(p: float) -> str:
    """A p-value with three digits: "p = 0.0625", "p < 0.0001"."""
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.3g}"
