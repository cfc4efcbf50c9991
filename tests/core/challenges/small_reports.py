"""Pairs, results and heads that are made up for tests."""

from __future__ import annotations

import numpy as np

from core.arrays import FloatArray
from core.challenges.scoring import PairResult, Report
from core.challenges.suite import Expectation, Family, MinimalPair, Suite
from core.challenges.templates import load_bundled_suite
from core.classifier.architecture import constant_shapes, weight_shapes

FAMILIES = load_bundled_suite().families
STATIC_DIM = 50  # of the packaged GloVe vectors


def pair(first: Expectation = "positive", second: Expectation = "negative", name: str = "1") -> MinimalPair:
    return MinimalPair(name=name, texts=(f"First {name}.", f"Second {name}."), expected=(first, second))


def result_of(pair: MinimalPair, family: str = "f", **means: tuple[float, float]) -> PairResult:
    """A pair with these probabilities from one head of each arm."""
    return PairResult(family, pair, {arm: np.array(both, np.float32)[:, np.newaxis] for arm, both in means.items()})


def make_head(seed: int) -> dict[str, FloatArray]:
    """Random weights in the shapes of a head on static vectors."""
    rng = np.random.default_rng(seed)
    shapes = {**constant_shapes(STATIC_DIM), **weight_shapes(STATIC_DIM, mix_dim=0)}
    return {name: rng.normal(0, 0.2, shape).astype(np.float32) for name, shape in shapes.items()}


def make_report(results: list[PairResult]) -> Report:
    pairs: dict[str, list[MinimalPair]] = {}
    for each in results:
        pairs.setdefault(each.family, []).append(each.pair)
    return Report(Suite("mine", tuple(Family(title, "", tuple(its)) for title, its in pairs.items())), tuple(results))
