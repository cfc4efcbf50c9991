"""The example in `assets/example` is what the pipeline of today makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.data.datasets import load_pool
from core.embedders.loading import expected_provenance
from core.embedders.static import load_static
from core.example import EXAMPLE_ID, FOLDER, open_store
from core.experiment.config import ExperimentConfig
from core.experiment.provenance import Provenance
from core.settings import Settings
from core.store.run_store import RunStore

MAKE_IT = "the example is out of date: run `make example`"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data"), example=True)


@pytest.fixture(scope="module")
def store(settings: Settings) -> Iterator[RunStore]:
    store = open_store(settings)
    yield store
    store.close()


def test_it_is_a_whole_run_at_the_defaults_of_today(store: RunStore) -> None:
    run = store.get_run(EXAMPLE_ID)
    assert run.config == ExperimentConfig(), MAKE_IT
    assert run.is_finished
    heads = store.trials.heads(run)
    assert [len(heads[arm]) for arm in run.config.arms] == [run.config.num_trials] * len(run.config.arms)
    assert len(store.trials.reference_accuracies(run)) == run.config.num_trials


def test_its_reviews_vectors_code_and_packages_are_those_of_today(store: RunStore, settings: Settings) -> None:
    run = store.get_run(EXAMPLE_ID)
    load_static(run.config.static, settings)  # so that its fingerprint is known
    reviews = Provenance(reviews=load_pool(run.config.dataset, settings).digest)
    now = expected_provenance(run.config, settings).with_known(reviews)
    assert now.is_complete
    assert run.provenance.is_complete
    for each in (run, *(store.get_run(run_id) for run_id in store.sweeps.get(EXAMPLE_ID).run_ids)):
        assert each.provenance.changes(now) == [], MAKE_IT


def test_its_learning_curve_has_the_run_and_sizes_on_both_sides(store: RunStore) -> None:
    sweep = store.sweeps.get(EXAMPLE_ID)
    runs = [store.get_run(run_id) for run_id in sweep.run_ids]
    assert EXAMPLE_ID in sweep.run_ids
    assert all(run.is_finished and run.config.train_size == size for run, size in zip(runs, sweep.train_sizes, strict=True))


def test_it_takes_no_more_than_eight_megabytes() -> None:
    assert sum(path.stat().st_size for path in Path(FOLDER).iterdir()) < 8e6
