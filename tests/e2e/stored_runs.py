"""Finished runs that nobody had to train."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.analysis.outcomes import load_outcomes
from core.analysis.paired_tests import compare
from core.analysis.verdicts import verdict
from core.experiment.config import ExperimentConfig
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from tests.pages.conftest import TRAIN_POOL_SIZE, drawn_test_reviews, trial_result

DIMS = {"basic": 50, "elmo": 306}  # of the packaged vectors, so that the Probe page can use the heads


def add_run(store: RunStore, train_size: int) -> Run:
    """A run of three trials on 200 test reviews of IMDB, all won by ELMo."""
    config = ExperimentConfig(train_size=train_size, num_trials=3, test_size=200)
    run = store.create_run(config)
    ids, labels = drawn_test_reviews(config)
    store.set_draws(run.id, ids, labels, TRAIN_POOL_SIZE)
    for trial in range(config.num_trials):
        for arm in config.arms:
            result = trial_result(trial, arm, labels)
            dim = DIMS[arm]
            inputs = {"input/mean": (dim,), "input/scale": (dim,), "conv/kernel": (3, dim, 64)}
            head = {**result.head, **{name: np.ones(shape, np.float32) for name, shape in inputs.items()}}
            store.trials.save(run, replace(result, head=head))
    store.set_phases(run.id, {"training": 1.5}, 100.0, 0.991)
    store.set_status(run.id, "finished")
    return store.get_run(run.id)


def verdict_of(store: RunStore, run_id: str) -> str:
    """What the pages say about a run on packaged reviews."""
    outcomes = load_outcomes(store.get_run(run_id), store, Settings())
    return verdict(compare(outcomes.correct_of("basic"), outcomes.correct_of("elmo"), overlap=outcomes.shared))
