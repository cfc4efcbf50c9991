"""Released weights, read and written."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.elmo.options import BiLMOptions
from core.errors import UserError
from tests.core.elmo.tiny_models import TINY, load_model, random_weights


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


@pytest.mark.parametrize("given", [{"cell_clip": None, "proj_clip": None}, {"cell_clip": 0, "proj_clip": 0}, {}])
def test_without_a_clip_nothing_is_clipped(given: dict[str, Any]) -> None:
    content = TINY.to_released()
    content["lstm"] = {name: value for name, value in content["lstm"].items() if "clip" not in name} | given
    options = BiLMOptions.from_released(content)
    assert (options.cell_clip, options.proj_clip) == (math.inf, math.inf)
    assert BiLMOptions.from_released(json.loads(json.dumps(options.to_released(), allow_nan=False))) == options


def test_a_model_without_clips_gives_what_one_with_wide_clips_gives(tmp_path: Path) -> None:
    from dataclasses import replace

    import tensorflow as tf

    sentence, length = tf.constant([["Good", "film"]]), tf.constant([2])
    models = [load_model(tmp_path / str(clip), replace(TINY, cell_clip=clip, proj_clip=clip)) for clip in (1e6, math.inf)]
    wide, none = (model.layers(sentence, length)[0] for model in models)
    np.testing.assert_array_equal(wide, none)
