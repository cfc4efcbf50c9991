"""The models of the shipped example."""

from __future__ import annotations

import pytest

from core.example import EXAMPLE_ID, open_store
from core.predict.predictor import Predictor, load_predictor
from core.settings import Settings


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data"), example=True)


@pytest.fixture(scope="session")
def example(settings: Settings) -> Predictor:
    store = open_store(settings)
    return load_predictor(store.get_run(EXAMPLE_ID), store, settings)
