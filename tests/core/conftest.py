"""Released weights and an exported module of a tiny biLM, for the rooms that read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.elmo.tiny_models import TINY, random_weights, write_hub_module, write_released


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_released(tmp_path_factory.mktemp("released"), TINY, random_weights(TINY))


@pytest.fixture(scope="module")
def module_folder(released: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hub_module(tmp_path_factory.mktemp("module"), released[1])
