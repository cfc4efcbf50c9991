"""Vectors of one word compared: cosine similarities, a flat map, and how well they tell senses apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.arrays import DoubleArray, FloatArray

TIE_DECIMALS = 6  # similarities that differ by less count as equal: some modules round a word's vector differently in each batch


def cosine_similarities(vectors: npt.NDArray[np.floating[Any]]) -> DoubleArray:
    """Cosine of the angle between any two of n vectors: float64 (n, n), -1 to 1, NaN beside a zero vector.

    Equal vectors get exactly 1: einsum adds every product in the same order, and the square root of a square is exact.
    """
    exact = vectors.astype(np.float64)
    products = np.einsum("id,jd->ij", exact, exact)
    squares = np.diag(products)
    with np.errstate(invalid="ignore"):
        similarities: DoubleArray = products / np.sqrt(np.outer(squares, squares))
    return np.clip(similarities, -1, 1)


def is_constant(similarities: DoubleArray) -> bool:
    """Whether all vectors are the same, given their similarities (n, n)."""
    return bool((np.round(similarities, TIE_DECIMALS) == 1).all())


@dataclass(frozen=True, eq=False)
class Projection:
    """Vectors on the plane in which they differ most.

    Attributes:
        points: float64 (n, 2), first and second principal component.
        shares: Share of the variance that each axis shows, 0-1.
    """

    points: npt.NDArray[np.float64]
    shares: tuple[float, float]


def project(vectors: FloatArray) -> Projection | None:
    """Principal component analysis of at least two vectors, (n, width); None if all of them are the same point.

    Reference: Pearson 1901; scikit-learn's `PCA`.
    """
    from sklearn.decomposition import PCA  # noqa: PLC0415 - takes most of a second to import

    if np.allclose(vectors, vectors[0], rtol=0, atol=10.0**-TIE_DECIMALS):
        return None
    analysis = PCA(n_components=2, svd_solver="full")
    points = analysis.fit_transform(vectors.astype(np.float64))
    first, second = analysis.explained_variance_ratio_.tolist()
    return Projection(points, (first, second))


@dataclass(frozen=True)
class Separation:
    """How well a layer tells senses apart.

    Attributes:
        within: Mean similarity of two uses of the same sense.
        between: Mean similarity of two uses of different senses.
        num_judged: Uses whose sense has another use.
        num_nearest: How many of these have a use of the same sense nearest; ties count in proportion.
        num_by_chance: How many guessing would get right.
    """

    within: float
    between: float
    num_judged: int
    num_nearest: float
    num_by_chance: float

    @property
    def skill(self) -> float:
        """0 for guessing, 1 for the same sense nearest every time, below 0 for worse than guessing."""
        return (self.num_nearest - self.num_by_chance) / (self.num_judged - self.num_by_chance)


def separate(similarities: DoubleArray, senses: Sequence[str]) -> Separation | None:
    """Compare uses of the same sense with uses of different senses.

    Args:
        similarities: (n, n), see `cosine_similarities`.
        senses: The sense of each use.

    Returns:
        None without both kinds of pairs, or if a use has the zero vector.
    """
    names = np.array(senses)
    is_same = (names[:, None] == names[None, :]) & ~np.eye(len(names), dtype=bool)  # (n, n)
    is_other = names[:, None] != names[None, :]
    if not is_same.any() or not is_other.any() or np.isnan(similarities).any():
        return None
    rounded = np.round(similarities, TIE_DECIMALS)
    np.fill_diagonal(rounded, -np.inf)
    is_nearest = rounded == rounded.max(axis=1, keepdims=True)  # (n, n)
    judged = is_same.any(axis=1)
    nearest_share = (is_nearest & is_same).sum(axis=1) / is_nearest.sum(axis=1)  # (n,)
    return Separation(
        within=float(similarities[is_same].mean()),
        between=float(similarities[is_other].mean()),
        num_judged=int(judged.sum()),
        num_nearest=float(nearest_share[judged].sum()),
        num_by_chance=float((is_same.sum(axis=1) / (len(names) - 1))[judged].sum()),
    )
