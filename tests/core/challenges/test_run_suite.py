"""Testing heads on a suite."""

from __future__ import annotations

import numpy as np
import pytest

from core.challenges.run_suite import run_suite
from core.challenges.suite import Family, Suite
from core.challenges.templates import load_bundled_suite
from core.embedders.static import load_static
from core.experiment.config import ExperimentConfig
from core.predict.predictor import Predictor
from core.settings import Settings
from tests.core.challenges.small_reports import make_head


@pytest.fixture(scope="module")
def predictor(settings: Settings) -> Predictor:
    config = ExperimentConfig(arms=("basic",))
    heads = {"basic": [make_head(seed) for seed in range(3)]}
    return Predictor(config, heads, {"static": load_static(config.static, settings)})


def test_every_pair_gets_the_answers_of_every_head_and_says_how_far_it_is(predictor: Predictor) -> None:
    bundled = load_bundled_suite()
    small = Suite("small", tuple(Family(each.title, "", each.pairs[:2]) for each in bundled.families[:2]))
    events = list(run_suite(small, predictor))
    assert [(event.num_done, event.num_pairs) for event in events] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    for event in events:
        for text, probs in zip(event.result.pair.texts, event.result.probs["basic"], strict=True):
            np.testing.assert_allclose(probs, predictor.predict(text).probs["basic"], atol=1e-6)
