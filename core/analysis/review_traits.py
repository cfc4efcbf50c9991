"""What a review is like before any model reads it: how long it is, and how much of it the static vectors do not know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.arrays import DoubleArray
from core.tokens import token_texts

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|hardly|cannot|\w+n['’]t)\b", re.IGNORECASE
)

if TYPE_CHECKING:
    from core.embedders.static import StaticEmbedder


@dataclass(frozen=True, eq=False)
class ReviewTraits:
    """Traits of some reviews, in the order of their texts.

    Attributes:
        num_tokens: int64 (num_reviews,), tokens of each whole review, also of the part that no model reads.
        unknown_share: float64 (num_reviews,), share (0-1) of the tokens read that have no static vector.
    """

    num_tokens: npt.NDArray[np.int64]
    unknown_share: DoubleArray


def measure_review_traits(texts: Sequence[str], static: StaticEmbedder, *, max_tokens: int) -> ReviewTraits:
    """Tokenise reviews and look their words up; about a millisecond each.

    Args:
        texts: Reviews, none of them empty.
        static: Knows which words have a vector.
        max_tokens: Tokens of a review that the models read.
    """
    tokens = [token_texts(text) for text in texts]
    return ReviewTraits(
        num_tokens=np.array([len(review) for review in tokens], dtype=np.int64),
        unknown_share=np.array([1 - float(static.known(review[:max_tokens]).mean()) for review in tokens]),
    )


def negates(text: str) -> bool:
    """Whether a text has a word that negates, such as "not", "never", "without" or "isn't"."""
    return _NEGATION.search(text) is not None


def unknown_edges(unknown_share: DoubleArray, *, num_bins: int = 5) -> list[float]:
    """Edges of bins of unknown words: reviews without any are the first, the others are split into equal numbers.

    Most reviews have very few unknown words, so that bins of equal width would leave almost all of them in one.

    Returns:
        At most num_bins + 1 edges, ascending; a bin holds its lower edge, the last one its upper too.
    """
    some = unknown_share[unknown_share > 0]
    if not len(some):
        return [0.0, 1.0]
    inner = np.quantile(some, np.linspace(0, 1, num_bins), method="lower")[:-1]  # (num_bins - 1,), real shares
    highest = np.nextafter(some.max(), 2)  # apart from the edge below it, also where all shares are equal
    return [float(edge) for edge in np.unique([0.0, *inner, highest])]
