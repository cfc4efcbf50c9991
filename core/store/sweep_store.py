"""Learning curves: which runs belong together."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from core.experiment.config import ExperimentConfig
from core.experiment.run_names import describe
from core.store import schema
from core.store.database import Database
from core.store.named_rows import NamedRows
from core.store.rows import parse_readable, parse_sweep
from core.store.run import Sweep

_sweeps = schema.sweeps


class SweepStore(NamedRows):
    """All sweeps, `RunStore.sweeps`; raises as the run store does. The runs of a deleted sweep stay.

    Args:
        database: Of the runs.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database, _sweeps, noun="learning curve", code="sweep")

    def create(
        self, config: ExperimentConfig, train_sizes: Sequence[int], run_ids: Sequence[str], *, reused: Sequence[int] = ()
    ) -> Sweep:
        """Record that some runs make up a learning curve.

        Args:
            config: Of all of them; its `train_size` does not matter.
            train_sizes: Ascending.
            run_ids: The run for each size.
            reused: See `Sweep`; nothing if empty.
        """
        config = config.model_copy(update={"train_size": train_sizes[0]})
        values = {
            "name": describe(config, train_sizes),
            "config": config.model_dump_json(),
            "train_sizes": json.dumps(list(train_sizes)),
            "created_s": time.time(),
            **_run_values(run_ids, reused or [0] * len(run_ids)),
        }
        return self.get(self._database.insert(_sweeps, values))

    def get(self, sweep_id: str) -> Sweep:
        """The sweep.

        Raises:
            UserError: There is no sweep with that id, or another version stored it with settings that this one does not know.
        """
        return parse_sweep(self._row(sweep_id))

    def all(self) -> list[Sweep]:
        """All sweeps, the newest first; without those of another version whose settings this one does not know."""
        return parse_readable(self._rows(), parse_sweep)

    def set_runs(self, sweep_id: str, run_ids: Sequence[str], reused: Sequence[int]) -> None:
        """Record the run for each size, after one was deleted and another has replaced it."""
        self._update(sweep_id, **_run_values(run_ids, reused))


def _run_values(run_ids: Sequence[str], reused: Sequence[int]) -> dict[str, Any]:
    """Columns for the run of each size and its reused pairs."""
    return {"run_ids": json.dumps(list(run_ids)), "reused": json.dumps(list(reused)), "num_reused": sum(reused)}
