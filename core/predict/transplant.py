"""Transplants: a word's vectors, out of one text and into another, to see what context has put into them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from core.arrays import DoubleArray, FloatArray
from core.predict.predictor import Predictor
from core.predict.text_vectors import Part, TextVectors


def transplant(donor: TextVectors, host: TextVectors, places: Mapping[int, int], parts: Collection[Part]) -> TextVectors:
    """The host's vectors with some of the donor's among them.

    Args:
        donor: Gives vectors, of the same models.
        host: Is left as it is.
        places: Positions in the host, each with the position in the donor whose vectors come there.
        parts: What moves: the static vector, layers of ELMo, or all of them.
    """
    to, out_of = list(places), list(places.values())
    static = host.static.copy()
    if "static" in parts:
        static[to] = donor.static[out_of]
    if host.layers is None or donor.layers is None:
        return replace(host, static=static)
    layers = host.layers.copy()
    for layer in sorted(int(part) for part in parts if part != "static"):
        layers[layer, to] = donor.layers[layer, out_of]
    return replace(host, static=static, layers=layers)


def change_all(
    predictor: Predictor, donor: TextVectors, host: TextVectors, parts: Collection[Part], *, most_words: int | None = None
) -> dict[str, DoubleArray]:
    """What every word of the donor changes in the place of every word of the host.

    Args:
        predictor: Of the models.
        donor: Gives vectors.
        host: Gets them.
        parts: What moves.
        most_words: Leave out later words of both; None for none.

    Returns:
        By arm, float64 (num_donor_words, num_host_words): the change of the log-odds of "positive", mean of the heads.
    """
    before = mean_logits(predictor, host)
    num_out_of, num_to = len(donor.words[:most_words]), len(host.words[:most_words])
    changes = {arm: np.zeros((num_out_of, num_to)) for arm in before}
    for out_of in range(num_out_of):
        for to in range(num_to):
            after = mean_logits(predictor, transplant(donor, host, {to: out_of}, parts))
            for arm, values in changes.items():
                values[out_of, to] = after[arm] - before[arm]
    return changes


def mean_logits(predictor: Predictor, vectors: TextVectors) -> dict[str, float]:
    """By arm, the log-odds of "positive", mean of the heads."""
    return {arm: float(logits.mean(dtype=np.float64)) for arm, logits in predictor.logits_of(vectors).items()}


def similarity(one: FloatArray, other: FloatArray) -> float:
    """Cosine of two vectors, (dim,) each; 1 for the same vector, NaN if one is zero, as a word's is that is unknown."""
    if one.any() and np.array_equal(one, other):
        return 1.0
    one, other = one.astype(np.float64), other.astype(np.float64)
    length = np.linalg.norm(one) * np.linalg.norm(other)
    return float(one @ other / length) if length else float("nan")
