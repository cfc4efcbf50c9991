"""Heads that are trained here, in seconds, on the bundled vectors of both models."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import FloatArray
from core.classifier.trial import run_trial
from core.embedders.base import Embedder
from core.embedders.loading import load_embedders, with_batch_size
from core.experiment.arms import ARMS
from core.experiment.config import ExperimentConfig
from core.experiment.results import Examples, TrialResult
from core.predict.predictor import Predictor
from core.settings import Settings
from core.tokens import token_texts
from tests.core.tiny_runs import reviews_csv

NUM_TRAIN, NUM_VALIDATION = 160, 40
NUM_TRIALS = 2
CONFIG = ExperimentConfig(train_size=NUM_TRAIN + NUM_VALIDATION, num_trials=NUM_TRIALS, test_size=NUM_VALIDATION)


def train_predictor(data_dir: Path) -> Predictor:
    """Heads that have learnt that lovely, great and fun are praise, and dull, awful and weak are not."""
    embedders = load_embedders(CONFIG, Settings(data_dir=data_dir))
    heads: dict[str, list[dict[str, FloatArray]]] = {arm: [] for arm in CONFIG.arms}
    for result in train(data_dir):
        heads[result.arm].append(dict(result.head))
    return Predictor(CONFIG, heads, with_batch_size(embedders, 1), many=embedders)


def train(data_dir: Path) -> Iterator[TrialResult]:
    """The results of all pairs, tested on the validation reviews."""
    embedders = load_embedders(CONFIG, Settings(data_dir=data_dir))
    reviews = pd.read_csv(io.BytesIO(reviews_csv()))[: CONFIG.train_size]
    tokens = [token_texts(text) for text in reviews["text"]]
    labels = np.asarray(reviews["label"] == "positive", np.int8)
    for arm in CONFIG.arms:
        features = _features([embedders[part] for part in ARMS[arm]], tokens)
        learnt = Examples(features=features[:NUM_TRAIN], labels=labels[:NUM_TRAIN])
        held_out = Examples(features=features[NUM_TRAIN:], labels=labels[NUM_TRAIN:])
        for trial in range(NUM_TRIALS):
            *_, result = run_trial(config=CONFIG, trial=trial, arm=arm, train=learnt, validation=held_out, test=held_out)
            assert isinstance(result, TrialResult)
            yield result


def _features(embedders: Sequence[Embedder], tokens: Sequence[Sequence[str]]) -> list[npt.NDArray[np.float16]]:
    columns = [embedder.embed(tokens) for embedder in embedders]
    return [np.concatenate(row, axis=1).astype(np.float16) for row in zip(*columns, strict=True)]
