"""How fast earlier runs were."""

from __future__ import annotations

from collections.abc import Sequence

from core.experiment.config import ExperimentConfig
from core.store.run import PastRun


def measured_reviews_per_s(config: ExperimentConfig, past: Sequence[PastRun]) -> float | None:
    """Speed of embedding of the newest run with the same ELMo, in inverse proportion to the tokens of a review."""
    for run in past:
        if run.reviews_per_s and run.config.elmo == config.elmo:
            return run.reviews_per_s * run.config.max_tokens / config.max_tokens
    return None
