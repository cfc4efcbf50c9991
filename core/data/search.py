"""Questions about all reviews of a dataset at once: search, sizes, lengths. No Python loop over reviews."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.review_pool import ReviewPool
from core.plain_text import plain_text

Split = Literal["train", "test"]
Order = Literal["mixed", "shortest", "longest"]

# A whole word has these on both sides. RE2, which searches, reads \b and \w as ASCII only.
_NO_WORD_CHARACTER = r"[^\pL\pN_]"


class ReviewIndex:
    """The reviews of a pool as columns.

    Args:
        pool: N reviews.

    Attributes:
        labels: int8 (N,), 0 negative, 1 positive.
        is_test: bool (N,).
        num_words: int64 (N,), words separated by spaces.
    """

    def __init__(self, pool: ReviewPool) -> None:
        self._texts = pa.array(pool.texts, type=pa.large_string())
        self.labels = pool.labels
        self.is_test = np.zeros(len(pool.texts), dtype=bool)
        self.is_test[pool.test] = True
        # A cleaned text has one space between words.
        self.num_words: npt.NDArray[np.int64] = pc.count_substring(self._texts, " ").to_numpy(zero_copy_only=False) + 1

    def find(
        self,
        query: str = "",
        *,
        whole_words: bool = False,
        label: int | None = None,
        split: Split | None = None,
        order: Order = "mixed",
    ) -> npt.NDArray[np.int64]:
        """Indices of the matching reviews, in the requested order.

        Args:
            query: Words in a row; case, the amount of white space and the kind of quotes are ignored. Empty for all reviews.
            whole_words: If true, "bad" does not find "badly".
            label: 0, 1, or None for both.
            split: "train", "test", or None for both.
            order: "mixed" is the pool's own order, which depends on the texts alone and mixes the classes.
        """
        fits = np.ones(len(self._texts), dtype=bool)
        if label is not None:
            fits &= self.labels == label
        if split is not None:
            fits &= self.is_test == (split == "test")
        if words := plain_text(query):
            fits &= self._contain(words, whole_words=whole_words)
        found = np.flatnonzero(fits)
        if order == "mixed":
            return found
        lengths = self.num_words[found]
        return found[np.argsort(lengths if order == "shortest" else -lengths, kind="stable")]

    @property
    def median_length(self) -> float:
        """Median number of words."""
        return float(np.median(self.num_words))

    def sizes(self) -> pd.DataFrame:
        """Number of reviews: rows `train` and `test`, columns `negative` and `positive`."""
        rows = {"train": ~self.is_test, "test": self.is_test}
        return pd.DataFrame(
            {name: {row: int((its & (self.labels == label)).sum()) for row, its in rows.items()} for label, name in _CLASSES}
        )

    def length_histogram(self, num_bins: int = 40) -> pd.DataFrame:
        """Histogram of review lengths without the longest hundredth, which would squeeze the rest.

        Args:
            num_bins: Approximate; all bins have the same width, a whole number of words.

        Returns:
            Columns `start` (first number of words in the bin), `end` (last), `negative` and `positive` (reviews).
        """
        shown = self.num_words <= np.quantile(self.num_words, 0.99)
        longest = int(self.num_words[shown].max())
        width = max(1, round(longest / num_bins))
        edges = np.arange(1, longest + width + 1, width)
        counts = {name: np.histogram(self.num_words[shown & (self.labels == label)], edges)[0] for label, name in _CLASSES}
        return pd.DataFrame({"start": edges[:-1], "end": edges[1:] - 1, **counts})

    def _contain(self, words: str, *, whole_words: bool) -> npt.NDArray[np.bool_]:
        if whole_words:
            pattern = f"(?:^|{_NO_WORD_CHARACTER}){re.escape(words)}(?:$|{_NO_WORD_CHARACTER})"
            found = pc.match_substring_regex(self._texts, pattern, ignore_case=True)
        else:
            found = pc.match_substring(self._texts, words, ignore_case=True)
        matches: npt.NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
        return matches


_CLASSES = ((0, "negative"), (1, "positive"))


def find_matches(text: str, query: str, *, whole_words: bool = False) -> list[tuple[int, int]]:
    """Spans in one text that match a query of `ReviewIndex.find`, from left to right."""
    words = re.escape(plain_text(query))
    if not words:
        return []
    pattern = rf"(?<!\w){words}(?!\w)" if whole_words else words
    return [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]
