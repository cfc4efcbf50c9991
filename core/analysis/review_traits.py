"""What a review is like before any model reads it: how long it is, and how much of it the static vectors do not know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.arrays import DoubleArray, LabelArray
from core.data.slices import Slice, slice_by, sliceable
from core.tokens import token_texts

NEGATIONS, LABEL = "negations", "label"  # what reviews of any file can be sliced by

_FEWEST_WITHOUT = 0.1  # share of the texts
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|hardly|cannot|\w+n['’]t)\b", re.IGNORECASE
)

if TYPE_CHECKING:
    import pandas as pd

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


def count_negations(text: str) -> int:
    """How many words of a text negate, such as "not", "never", "without" and "isn't"."""
    return len(_NEGATION.findall(text))


def all_slices(texts: Sequence[str], labels: LabelArray, columns: pd.DataFrame) -> dict[str, list[Slice]]:
    """Slices of some reviews by negations and label, then by the columns that tell them apart.

    Args:
        texts: N reviews.
        labels: int8 (N,), 0 negative, 1 positive.
        columns: N rows, all cells strings; one of these names replaces what is sliced by without it.
    """
    found = {
        NEGATIONS: _by_negations([count_negations(text) for text in texts]),
        LABEL: slice_by(["positive" if label else "negative" for label in labels]),
    }
    kept = sliceable(columns, [str(column) for column in columns.columns])
    found |= {column: slice_by(columns[column].tolist()) for column in kept}
    return {name: slices for name, slices in found.items() if slices}


def _by_negations(counts: Sequence[int]) -> list[Slice]:
    """None or some; by their number where nearly all texts have some, as whole reviews do."""
    if counts.count(0) < _FEWEST_WITHOUT * len(counts):
        return slice_by([str(count) for count in counts])
    return slice_by(["some" if count else "none" for count in counts])


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
