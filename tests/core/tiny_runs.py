"""Small ingredients of real runs: reviews that a head can tell apart, and an ELMo with random weights."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.core.elmo.tiny_models import TINY, random_weights, write_released

PATIENCE_S = 120  # for a machine that does other things too


def reviews_csv() -> bytes:
    """400 short reviews as a person would have them, columns text and label."""
    rng = np.random.default_rng(0)
    words = {
        "negative": ["dull", "awful", "weak"],
        "positive": ["lovely", "great", "fun"],
        "": ["a", "film", "plot", "it", "was"],
    }
    rows = []
    for i in range(400):
        label = ("negative", "positive")[i % 2]
        text = rng.choice(["a", "film", "plot", "it", "was", *words[label]], size=rng.integers(5, 25))
        rows.append((f"{' '.join(text)} number {i}.", label))
    return pd.DataFrame(rows, columns=["text", "label"]).to_csv(index=False).encode()


def export_tiny_elmo(folder: Path, *, seed: int = 0) -> Path:
    """A TF-Hub module."""
    from core.elmo.export import export_hub_module
    from core.elmo.weights import load_weights

    _, weights = write_released(folder / "released", TINY, random_weights(TINY, seed))
    export_hub_module(load_weights(weights, TINY), folder / "module")
    return folder / "module"


def wait_until(is_true: Callable[[], Any], timeout_s: float = PATIENCE_S) -> None:
    """Wait until something is true."""
    gives_up_s = time.monotonic() + timeout_s
    while not is_true():
        if time.monotonic() > gives_up_s:
            pytest.fail(f"not true within {timeout_s} s")
        time.sleep(0.02)
