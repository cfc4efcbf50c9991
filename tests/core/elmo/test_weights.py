"""Released weights, read and written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from tests.core.elmo.tiny_models import TINY, random_weights


def test_released_weights_come_back_from_a_model_unchanged(released: tuple[Path, Path], tmp_path: Path) -> None:
    import h5py

    from core.elmo.weights import load_weights, save_weights

    save_weights(load_weights(released[1], TINY), tmp_path / "again.hdf5")
    with h5py.File(tmp_path / "again.hdf5") as file:
        for name, value in random_weights(TINY).items():
            assert np.array_equal(file[name], value), name


def test_options_and_weights_that_do_not_belong_together_are_refused(released: tuple[Path, Path]) -> None:
    from dataclasses import replace

    from core.elmo.weights import load_weights

    with pytest.raises(UserError) as error:
        load_weights(released[1], replace(TINY, cell_dim=8))
    assert error.value.code == "elmo-weights-mismatch"
    with pytest.raises(UserError) as error:
        load_weights(released[1], replace(TINY, num_highway=3))
    assert error.value.code == "elmo-weights-incomplete"
    with pytest.raises(UserError) as error:
        load_weights(released[0], TINY)
    assert error.value.code == "elmo-weights-unreadable"
