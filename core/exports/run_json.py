"""A run as JSON: the one shape that the command line, Train and Compare write; docs/run-json.md explains every key."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.analysis.staircase import staircase
from core.analysis.uneven_classes import measure_uneven
from core.analysis.verdicts import holds_for, reference_sentence, staircase_sentence, uneven_sentences, verdict
from core.data.datasets import import_record, load_pool
from core.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from core.analysis.outcomes import Outcomes
    from core.analysis.paired_tests import Comparison, ReferenceComparison
    from core.settings import Settings
    from core.store.run import Run

VERSION = 2  # files without a version are of version 1


@dataclass(frozen=True, eq=False)
class Reference:
    """The bag of words of a run.

    Attributes:
        trials: `TrialStore.references` of the run.
        comparison: With its arms; None as long as a finished trial lacks it.
    """

    trials: pd.DataFrame
    comparison: ReferenceComparison | None


def run_values(
    run: Run,
    trials: pd.DataFrame,
    comparison: Comparison | None,
    settings: Settings,
    reference: Reference | None = None,
    *,
    outcomes: Outcomes | None = None,
) -> dict[str, Any]:
    """Everything about a run but its weights and probabilities.

    Args:
        run: As it is in the store now.
        trials: `TrialStore.table` of it; trials count from 1 in the result, as on the pages.
        comparison: Of its whole pairs; None without both arms.
        settings: Where its reviews are.
        reference: None, or one without trials, if no bag of words was trained.
        outcomes: Of its whole pairs; None if there are none.

    Returns:
        Plain values, ready for `json.dumps`.
    """
    return {
        "version": VERSION,
        "run": run.id,
        "name": run.name,
        "status": run.status,
        "created_at": run.created_at.isoformat(),
        "config": run.config.model_dump(mode="json"),
        "data": _data(run, settings),
        "provenance": run.provenance.model_dump(mode="json"),
        "trials": trials.assign(trial=trials["trial"] + 1).to_dict("records"),
        "intervals": _interval_values(run, outcomes) if outcomes else None,
        "sentence": verdict(comparison, run.coverage) if comparison else None,
        "comparison": dataclasses.asdict(comparison) if comparison else None,
        "staircase": _staircase_values(outcomes) if outcomes else None,
        "reference": _reference_values(reference) if reference is not None and len(reference.trials) else None,
        "uneven_classes": _uneven_values(outcomes) if outcomes else None,
        "coverage": run.coverage,
        "phase_s": dict(run.phase_s),
    }


def _staircase_values(outcomes: Outcomes) -> dict[str, Any] | None:
    stairs = staircase(outcomes)
    return {"sentence": staircase_sentence(stairs), **dataclasses.asdict(stairs)} if stairs else None


def _interval_values(run: Run, outcomes: Outcomes) -> dict[str, Any]:
    overlap = outcomes.overlap
    return {
        "hold_for": holds_for([(run.config.train_size, outcomes)]),
        "overlap": overlap.share if overlap else None,
        "train_pool_size": overlap.pool_size if overlap else None,
    }


def _reference_values(reference: Reference) -> dict[str, Any]:
    comparison = reference.comparison
    return {
        "model": "TF-IDF of one and two words, logistic regression, whole reviews",
        "trials": reference.trials.assign(trial=reference.trials["trial"] + 1).to_dict("records"),
        "sentence": reference_sentence(comparison) if comparison else None,
        **(dataclasses.asdict(comparison) if comparison else {"accuracy": None, "leads": None}),
    }


def _uneven_values(outcomes: Outcomes) -> dict[str, Any] | None:
    uneven = measure_uneven(outcomes)
    return None if uneven is None else {"sentences": uneven_sentences(uneven), **dataclasses.asdict(uneven)}


def _data(run: Run, settings: Settings) -> dict[str, int | str] | None:
    """What was taken from the file of its reviews; None if they are gone or others have their name now."""
    try:
        if run.provenance.reviews not in (None, load_pool(run.config.dataset, settings).digest):
            return None
        return import_record(run.config.dataset, settings).as_data()
    except UserError:
        return None
