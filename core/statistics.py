"""Paired comparison of two arms over the trials of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Comparison:
    """How the elmo arm did against the basic arm on the same trials.

    Attributes:
        num_trials: Pairs compared.
        wins: Trials in which elmo was more accurate.
        losses: Trials in which basic was.
        ties: Trials in which both were equally accurate.
        mean_difference: Accuracy of elmo minus accuracy of basic, averaged; a fraction, not points.
        interval: 95 % confidence interval of it by Student's t; None for a single trial.
        sentence: All of it in one plain sentence.
    """

    num_trials: int
    wins: int
    losses: int
    ties: int
    mean_difference: float
    interval: tuple[float, float] | None
    sentence: str


def compare(basic: npt.ArrayLike, elmo: npt.ArrayLike) -> Comparison:
    """Compare accuracies of both arms, trial by trial.

    Args:
        basic: Accuracies as fractions, (num_trials,).
        elmo: The same for the elmo arm, in the same order of trials.

    Raises:
        ValueError: There is no trial, or an accuracy has no partner.
    """
    basic, elmo = np.asarray(basic, np.float64), np.asarray(elmo, np.float64)
    if basic.shape != elmo.shape or basic.ndim != 1 or not basic.size or np.isnan([basic, elmo]).any():
        raise ValueError(f"accuracies must come in pairs, at least one, got {basic!r} and {elmo!r}")
    differences = (elmo - basic).round(12)  # 0.7 - 0.6 and 0.8 - 0.7 are the same difference
    num_trials = len(differences)
    mean = float(differences.mean())
    interval = _interval(differences) if num_trials > 1 else None
    wins, losses = int((differences > 0).sum()), int((differences < 0).sum())
    return Comparison(
        num_trials=num_trials,
        wins=wins,
        losses=losses,
        ties=num_trials - wins - losses,
        mean_difference=mean,
        interval=interval,
        sentence=_sentence(num_trials, wins, losses, mean, interval),
    )


def _interval(differences: npt.NDArray[np.floating[Any]]) -> tuple[float, float]:
    """Student's t interval of the mean of paired differences."""
    quantile = stdtrit(len(differences) - 1, (1 + CONFIDENCE) / 2)
    half_width = float(quantile * differences.std(ddof=1) / np.sqrt(len(differences)))
    mean = float(differences.mean())
    return mean - half_width, mean + half_width


def _sentence(num_trials: int, wins: int, losses: int, mean: float, interval: tuple[float, float] | None) -> str:
    ties = num_trials - wins - losses
    if interval is None:
        if ties:
            return "Both are equally accurate in the one trial; an interval needs at least two trials."
        winner = "ELMo" if wins else "Basic"
        return f"{winner} won the one trial by {_points(abs(mean))}; an interval needs at least two trials."

    tied = f", with {ties} tied" if ties else ""
    low, high = interval
    if low <= 0 <= high:
        span = f"95 % interval {_number(low)} to {_number(high)}"
        return (
            f"ELMo won {wins} of {num_trials} trials{tied}, but there is no clear difference: "
            f"{_points(mean)} on average ({span})."
        )
    winner, won = ("ELMo", wins) if mean > 0 else ("Basic", losses)
    near, far = sorted((abs(low), abs(high)))
    return (
        f"{winner} won {won} of {num_trials} trials{tied}; it is {_points(abs(mean))} more accurate on average "
        f"(95 % interval {_number(near)} to {_number(far)})."
    )


def _points(fraction: float) -> str:
    number = _number(fraction)
    return f"{number} point" if number in {"1.0", "−1.0"} else f"{number} points"


def _number(fraction: float) -> str:
    """Percentage points with one decimal and a typographic minus."""
    return f"{fraction * 100:.1f}".replace("-0.0", "0.0").replace("-", "−")
