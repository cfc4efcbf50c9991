"""How many of the words in reviews the static vectors know, and when that is too few for a result to mean anything."""

from __future__ import annotations

from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.formatting import percent

LOW_COVERAGE = 0.5  # below, every result says so first
MIN_COVERAGE = 0.05  # below, nothing is trained unless it was asked for


def require_coverage(share: float, config: ExperimentConfig) -> None:
    """Checks that models which read static vectors see something.

    Args:
        share: Share of the tokens of the reviews that the static vectors know.
        config: Of the run; it may allow any share.

    Raises:
        UserError: They know next to nothing.
    """
    if share >= MIN_COVERAGE or config.allow_low_coverage or not any("static" in config.reads(arm) for arm in config.arms):
        return
    raise UserError(
        f"The static vectors {config.static} know {percent(share)} of the words in these reviews, so the models would see next "
        "to nothing; choose vectors with words of the same language, spelt as in the reviews, or train all the same with "
        "--allow-low-coverage (on the Train page under More settings).",
        code="coverage-too-low",
    )
