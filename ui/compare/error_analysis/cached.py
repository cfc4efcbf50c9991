"""What the views of mistakes and of single reviews need of a run, computed once per server."""

from __future__ import annotations

import pandas as pd

from core import plain_text, tokens
from core.analysis import review_traits
from core.analysis.error_analysis import AccuracySlice, accuracy_by_slice
from core.analysis.error_report import AccuracyByTrait, ErrorReport, measure, measure_by_trait
from core.analysis.outcomes import Outcomes, load_test_reviews
from core.analysis.review_traits import ReviewTraits, all_slices
from core.data.datasets import further_columns
from core.disk_cache import cached_table
from core.embedders.static import load_static
from core.experiment.arms import pair_of
from core.store.run import Run
from ui.app import models, server
from ui.compare.once import once


def errors(run: Run) -> ErrorReport:
    """The error analysis as far as it needs no texts.

    Raises:
        UserError: As `ui.app.models.outcomes`.
    """
    outcomes = models.outcomes(run)
    return once(("errors", run.id, outcomes.trials), lambda: measure(outcomes))


def errors_by_trait(run: Run) -> AccuracyByTrait:
    """Accuracy by length and by share of unknown words.

    Raises:
        UserError: As `ui.app.models.outcomes` and `texts`, or the static vectors cannot be loaded.
    """
    outcomes = models.outcomes(run)
    return once(("errors by trait", run.id, outcomes.trials), lambda: measure_by_trait(outcomes, _traits(run)))


def slices(run: Run) -> dict[str, list[AccuracySlice]]:
    """Accuracy by what reviews are like and by the further columns of their file.

    Raises:
        UserError: As `ui.app.models.outcomes` and `texts`, or the columns are damaged.
    """
    outcomes = models.outcomes(run)
    return once(("slices", run.id, outcomes.trials), lambda: _measure_slices(run, outcomes))


def texts(run: Run) -> list[str]:
    """The test reviews of a run, in the order of its outcomes.

    Raises:
        UserError: Its dataset is gone or has other reviews now.
    """
    return once(("texts", run.id), lambda: load_test_reviews(run, models.outcomes(run).ids, server.settings())[0])


def _measure_slices(run: Run, outcomes: Outcomes) -> dict[str, list[AccuracySlice]]:
    columns = further_columns(run.config.dataset, outcomes.ids, server.settings())
    pair = pair_of(outcomes.arms)
    found = all_slices(texts(run), outcomes.labels, columns)
    return {name: accuracy_by_slice(outcomes, each, pair=pair) for name, each in found.items()}


def _traits(run: Run) -> ReviewTraits:
    config, found = run.config, texts(run)
    static = load_static(config.static, server.settings())

    def measure_traits() -> pd.DataFrame:
        measured = review_traits.measure_review_traits(found, static, max_tokens=config.max_tokens)
        return pd.DataFrame({"num_tokens": measured.num_tokens, "unknown_share": measured.unknown_share})

    kept = cached_table(
        "traits",
        measure_traits,
        parts=[static.fingerprint, str(config.max_tokens), *found],
        code=[plain_text, review_traits, tokens],
        settings=server.settings(),
    )
    return ReviewTraits(kept["num_tokens"].to_numpy(), kept["unknown_share"].to_numpy())
