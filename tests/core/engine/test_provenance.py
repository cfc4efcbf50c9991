"""Numbers of different worlds are never mixed: each test changes what a name stands for, and looks at all that could mix."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.arrays import FloatArray
from core.data.columns import ColumnMapping
from core.data.datasets import add_dataset, load_pool
from core.data.deleted_datasets import delete_dataset
from core.data.review_file import read_table
from core.engine.engine import Engine
from core.errors import UserError
from core.experiment.config import ExperimentConfig, HeadConfig
from core.experiment.provenance import Provenance
from core.predict.predictor import load_predictor
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from tests.core.engine.runs import wait_for_end
from tests.core.tiny_runs import export_tiny_elmo, reviews_csv, wait_until

MAPPING = ColumnMapping("text", "label", ("negative",), ("positive",))
WORDS = ["a", "film", "plot", "it", "was", "dull", "awful", "weak", "lovely", "great", "fun", "number", "."]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data"), num_workers=1)


@pytest.fixture(scope="module")
def store(settings: Settings) -> Iterator[RunStore]:
    store = RunStore(settings.store_url)
    yield store
    store.close()


@pytest.fixture(scope="module")
def engine(settings: Settings, store: RunStore) -> Iterator[Engine]:
    engine = Engine(settings, store)
    yield engine
    engine.close()


@pytest.fixture
def config(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> ExperimentConfig:
    """A small run with a vectors file, an ELMo and a dataset of its own."""
    dataset = f"reviews-{abs(hash(request.node.name)) % 10**8}"
    add_dataset(dataset, read_table(reviews_csv()), MAPPING, settings)
    write_vectors(tmp_path / "vectors.txt", seed=1)
    return ExperimentConfig(
        dataset=dataset,
        train_size=40,
        num_trials=2,
        test_size=40,
        static=str(tmp_path / "vectors.txt"),
        elmo=str(export_tiny_elmo(tmp_path)),
        head=HeadConfig(epochs=4, patience=4),
    )


def write_vectors(path: Path, *, seed: int) -> None:
    rng = np.random.default_rng(seed)
    path.write_text("".join(f"{word} {' '.join(f'{value:.4f}' for value in rng.normal(size=8))}\n" for word in WORDS))


def run_to_end(engine: Engine, store: RunStore, config: ExperimentConfig) -> Run:
    run_id = engine.submit(config)
    assert wait_for_end(engine, run_id).outcome == "finished"
    return store.get_run(run_id)


def replace_dataset(name: str, data: bytes, settings: Settings) -> None:
    delete_dataset(name, settings)
    add_dataset(name, read_table(data), MAPPING, settings)


def corrected(data: bytes) -> bytes:
    """The same texts with every fourth label turned."""
    frame = pd.read_csv(io.BytesIO(data))
    turned = frame["label"].map({"negative": "positive", "positive": "negative"})
    frame["label"] = frame["label"].where(np.arange(len(frame)) % 4 > 0, turned)
    return frame.to_csv(index=False).encode()


def probs(store: RunStore, run: Run) -> FloatArray:
    return np.stack([values for _, values in sorted(store.trials.probabilities(run).items())])


def test_a_run_records_what_its_workers_loaded(
    engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    run = run_to_end(engine, store, config)
    assert run.provenance.is_complete
    assert run.provenance.reviews == load_pool(config.dataset, settings).digest
    assert run.provenance.static is not None
    assert run.provenance.static.startswith("static-")
    load_predictor(run, store, settings)


def test_a_vectors_file_replaced_at_its_path(
    engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    before = run_to_end(engine, store, config)
    write_vectors(Path(config.static), seed=2)

    assert engine.estimate_sweep(config, [20, 40]).num_reused == 0
    with pytest.raises(UserError) as error:
        load_predictor(before, store, settings)
    assert error.value.code == "provenance-changed"
    after = run_to_end(engine, store, config)  # in the same workers
    assert after.provenance.changes(before.provenance) == ["the static vectors"]
    assert not np.array_equal(probs(store, before), probs(store, after))
    assert engine.estimate_sweep(config, [20, 40]).num_reused == 4


def test_an_elmo_folder_replaced_while_the_program_runs(
    engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig, tmp_path: Path
) -> None:
    before = run_to_end(engine, store, config)
    shutil.rmtree(config.elmo)
    export_tiny_elmo(tmp_path, seed=7)

    assert engine.estimate_sweep(config, [20, 40]).num_reused == 0
    with pytest.raises(UserError) as error:
        load_predictor(before, store, settings)
    assert error.value.code == "provenance-changed"
    after = run_to_end(engine, store, config)
    assert after.provenance.changes(before.provenance) == ["ELMo"]
    assert not np.array_equal(probs(store, before), probs(store, after))


def test_labels_corrected_in_a_dataset_of_the_same_name(
    engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    before = run_to_end(engine, store, config)
    replace_dataset(config.dataset, corrected(reviews_csv()), settings)

    assert engine.estimate_sweep(config, [20, 40]).num_reused == 0
    sweep = store.sweeps.get(engine.submit_sweep(config, [20, 40]))
    assert before.id not in sweep.run_ids
    for run_id in sweep.run_ids:
        assert wait_for_end(engine, run_id).outcome == "finished"
        assert store.get_run(run_id).provenance.changes(before.provenance) == ["the reviews"]


def test_a_run_whose_labels_were_corrected_is_not_resumed_half_on_each(
    engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    whole = run_to_end(engine, store, config)
    half = store.create_run(config, whole.provenance)
    store.set_draws(half.id, whole.test_ids, whole.test_labels)
    store.trials.copy_pairs(half, {(0, arm): whole.id for arm in config.arms})
    replace_dataset(config.dataset, corrected(reviews_csv()), settings)

    store.set_status(half.id, "cancelled")
    with pytest.raises(UserError) as error:
        engine.resume(half.id)
    assert error.value.code == "dataset-changed"
    assert store.get_run(half.id).status == "cancelled"
    assert store.trials.num_finished(half) == 2


def test_a_second_person_does_not_get_a_run_on_the_old_file(
    engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    slow = config.model_copy(update={"head": HeadConfig(epochs=1000, patience=1000), "num_trials": 4})
    first = engine.submit(slow)
    wait_until(lambda: store.get_run(first).status == "running")
    assert engine.submit(slow) == first
    replace_dataset(config.dataset, corrected(reviews_csv()), settings)
    second = engine.submit(slow)
    for run_id in (first, second):
        engine.cancel(run_id)
        wait_for_end(engine, run_id)
    assert second != first


def test_the_same_file_in_capitals_is_another_dataset(settings: Settings, config: ExperimentConfig) -> None:
    before = load_pool(config.dataset, settings)
    replace_dataset(config.dataset, reviews_csv().replace(b"lovely", b"LOVELY").replace(b"film", b"FILM"), settings)
    after = load_pool(config.dataset, settings)
    assert after.ids == before.ids  # case does not make another review
    assert after.digest != before.digest


def test_another_version_of_the_tokeniser(engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig) -> None:
    run = run_to_end(engine, store, config)
    store.set_provenance(run.id, run.provenance.model_copy(update={"reading": "an earlier version"}))

    assert engine.estimate_sweep(config, [20, 40]).num_reused == 0
    with pytest.raises(UserError) as error:
        load_predictor(store.get_run(run.id), store, settings)
    assert error.value.code == "provenance-changed"


def test_a_run_that_does_not_know_its_vectors_still_predicts_but_gives_no_trials_away(
    engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    run = run_to_end(engine, store, config)
    store.set_provenance(run.id, Provenance())  # as version 0.1 left it

    assert engine.estimate_sweep(config, [20, 40]).num_reused == 0
    assert load_predictor(store.get_run(run.id), store, settings).predict("a lovely film").probs
