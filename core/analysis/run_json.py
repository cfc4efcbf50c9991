"""A run as JSON: the one shape that the command line, Train and Compare write; docs/run-json.md explains every key."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from core.analysis.verdicts import verdict

if TYPE_CHECKING:
    import pandas as pd

    from core.analysis.paired_tests import Comparison
    from core.store.run import Run

VERSION = 2  # files without a version are of version 1


def run_values(run: Run, trials: pd.DataFrame, comparison: Comparison | None) -> dict[str, Any]:
    """Everything about a run but its weights and probabilities.

    Args:
        run: As it is in the store now.
        trials: `TrialStore.table` of it; trials count from 1 in the result, as on the pages.
        comparison: Of its whole pairs; None without both arms.

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
        "provenance": run.provenance.model_dump(mode="json"),
        "trials": trials.assign(trial=trials["trial"] + 1).to_dict("records"),
        "sentence": verdict(comparison) if comparison else None,
        "comparison": dataclasses.asdict(comparison) if comparison else None,
        "coverage": run.coverage,
        "phase_s": dict(run.phase_s),
    }
