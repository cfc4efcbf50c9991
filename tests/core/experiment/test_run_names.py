from __future__ import annotations

from typing import Any

import pytest

from core.experiment.config import ExperimentConfig, HeadConfig
from core.experiment.run_names import describe


def test_a_name_has_dataset_size_and_trials() -> None:
    assert describe(ExperimentConfig(train_size=2000, num_trials=5)) == "IMDB, 2,000 reviews, 5 trials"
    assert describe(ExperimentConfig(dataset="mine", train_size=50, num_trials=1)) == "mine, 50 reviews, 1 trial"


def test_the_name_of_a_sweep_has_its_range_of_sizes() -> None:
    assert describe(ExperimentConfig(num_trials=3), [100, 500, 2000]) == "IMDB, 100 to 2,000 reviews, 3 trials"


@pytest.mark.parametrize(
    ("options", "special"),
    [
        ({"test_size": 2000}, ""),
        ({"arms": ("elmo-alone",), "layer_mix": "0"}, " (elmo-alone, layer 0)"),
        ({"layer_mix": "mean"}, " (mean of layers)"),
        ({"arms": ("basic",), "layer_mix": "0", "elmo": "elsewhere"}, " (basic)"),
        ({"elmo": "https://tfhub.dev/google/elmo/3"}, " (google/elmo/3)"),
        ({"elmo": "/models/elmo-small/", "layer_mix": "learned"}, " (elmo-small, learned layers)"),
        ({"static": "https://example.org/a/b/c/d/wiki.multi.en.vec?raw=1"}, " (wiki.multi.en.vec)"),
        ({"static": "C:\\\\vectors\\\\cc.en.300.vec.gz"}, " (cc.en.300.vec.gz)"),
        ({"head": HeadConfig(epochs=3)}, " (other training settings)"),
        ({"max_tokens": 256, "seed": 7}, " (first 256 words, seed 7)"),
    ],
)
def test_a_name_says_what_else_is_not_the_default(options: dict[str, Any], special: str) -> None:
    assert describe(ExperimentConfig(**options)) == f"IMDB, 500 reviews, 5 trials{special}"


def test_the_published_experiment_is_called_by_its_name() -> None:
    assert describe(ExperimentConfig.original()) == "IMDB, 500 reviews, 5 trials (original recipe)"
    assert describe(ExperimentConfig.original(layer_mix="2")).endswith(" (layer 2, original recipe)")
    assert describe(ExperimentConfig.original(max_tokens=512)).endswith(" (original recipe, first 512 words)")
