from __future__ import annotations

from pathlib import Path

from core.engine.engine import Engine
from core.engine.task_graph import EmbeddingTally
from core.experiment.config import ExperimentConfig
from core.settings import Settings
from core.store.run_store import RunStore


def test_the_estimate_grows_with_the_work_and_learns_from_past_runs(
    engine: Engine, config: ExperimentConfig, tmp_path: Path
) -> None:
    more_trials = config.model_copy(update={"num_trials": 4})
    basic = config.model_copy(update={"arms": ("basic",)})

    assert engine.estimate(basic) < engine.estimate(config) < engine.estimate(more_trials)
    slow_store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    slow_run = slow_store.create_run(config)
    slow_store.set_phases(slow_run.id, {}, reviews_per_s=0.1)
    slow_engine = Engine(Settings(data_dir=engine._settings.data_dir, num_workers=2), slow_store)
    assert slow_engine.estimate(config) > 10 * engine.estimate(config)
    slow_engine.close()


def test_a_chunk_that_runs_again_counts_once() -> None:
    tally = EmbeddingTally([10, 10])
    report = {"chunk": 0, "done": 8, "reused": 0, "computed": 8, "compute_s": 2.0}
    tally.add(report, 2)
    tally.add({"chunk": 0, "done": 5, "reused": 5, "computed": 0, "compute_s": 0.0}, 2)

    progress = tally.add({"chunk": 1, "done": 10, "reused": 10, "computed": 0, "compute_s": 0.0}, 2)
    assert (progress.done, progress.total, progress.reused, progress.reviews_per_s) == (18, 20, 10, 8.0)
    assert not tally.is_complete
    tally.add({**report, "done": 10, "computed": 10}, 2)
    assert tally.is_complete
