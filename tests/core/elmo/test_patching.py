"""Sentences whose upper layer reads on from other vectors of the lower one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.elmo.patching import LayerPatcher, load_patcher
from tests.core.elmo.tiny_models import TINY, load_model

WORDS, OTHERS = ["The", "plot", "thickens", "."], ["not", "a", "plot", "at", "all"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def patcher(model: Any) -> LayerPatcher:
    return LayerPatcher(model)


def test_without_a_patch_a_sentence_is_read_as_ever(patcher: LayerPatcher, model: Any) -> None:
    layers, _ = model.layers(np.array([WORDS]), np.array([len(WORDS)], np.int32))
    np.testing.assert_allclose(patcher.layers(WORDS), layers[:, 0], atol=1e-6)


def test_a_words_own_vector_changes_not_one_digit(patcher: LayerPatcher) -> None:
    own = patcher.layers(WORDS)
    for position in range(len(WORDS)):
        np.testing.assert_array_equal(patcher.layers(WORDS, {position: own[1, position]}), own)


def test_another_vector_is_read_by_the_upper_layer_in_all_places_and_by_the_lower_one_nowhere(patcher: LayerPatcher) -> None:
    own, other = patcher.layers(WORDS), patcher.layers(OTHERS)
    patched = patcher.layers(WORDS, {1: other[1, 2]})
    np.testing.assert_array_equal(patched[0], own[0])
    np.testing.assert_array_equal(patched[1, 1], other[1, 2])
    np.testing.assert_array_equal(np.delete(patched[1], 1, axis=0), np.delete(own[1], 1, axis=0))
    is_changed = patched[2] != own[2]  # (num_words, width): forwards on the left, backwards on the right
    assert is_changed[1].any()
    forwards, backwards = is_changed[:, : TINY.projection_dim].any(axis=1), is_changed[:, TINY.projection_dim :].any(axis=1)
    assert forwards.tolist() == [False, True, True, True]  # what is read before the word knows nothing of it
    assert backwards.tolist() == [True, True, False, False]


def test_a_module_of_other_origin_has_no_patcher(tmp_path: Path) -> None:
    assert load_patcher(tmp_path) is None
