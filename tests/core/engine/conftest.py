"""Real worker processes, a real store and a real cache for all tests of this folder; ELMo is a tiny one with random weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.data.columns import ColumnMapping
from core.data.datasets import add_dataset
from core.data.review_file import read_table
from core.engine.engine import Engine
from core.experiment.config import ExperimentConfig, HeadConfig
from core.experiment.events import Event
from core.settings import Settings
from core.store.run_store import RunStore
from tests.core.tiny_runs import export_tiny_elmo, reviews_csv


@pytest.fixture(scope="package")
def elmo(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(export_tiny_elmo(tmp_path_factory.mktemp("elmo")))


@pytest.fixture(scope="package")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), num_workers=2)
    add_dataset("tiny", read_table(reviews_csv()), ColumnMapping("text", "label", ("negative",), ("positive",)), settings)
    return settings


@pytest.fixture(scope="package")
def store(settings: Settings) -> Iterator[RunStore]:
    store = RunStore(settings.store_url)
    yield store
    store.close()


@pytest.fixture(scope="package")
def engine(settings: Settings, store: RunStore, foreign_folder: Path) -> Iterator[Engine]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(foreign_folder))  # what workers use that are not given settings
        engine = Engine(settings, store)
        engine.warm()
        yield engine
        engine.close()


@pytest.fixture(scope="package")
def foreign_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("another-machine")


@pytest.fixture(scope="package")
def config(elmo: str) -> ExperimentConfig:
    return ExperimentConfig(
        dataset="tiny", train_size=100, num_trials=3, test_size=60, elmo=elmo, head=HeadConfig(epochs=20, patience=20)
    )


@pytest.fixture(scope="package")
def reference(engine: Engine, store: RunStore, config: ExperimentConfig) -> tuple[str, list[Event]]:
    """A run that nothing disturbed: its id and its events."""
    run = store.create_run(config)
    return run.id, list(engine.run_events(run.id))
