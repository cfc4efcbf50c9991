"""Words of a dataset: which tell its two classes apart, and which have no static vector."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core import tokens
from core.arrays import DoubleArray
from core.plain_text import plain_text

# Letters and digits, held together by apostrophes: don't, 10.
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")

# The prior counts as much as this many reviews that use every word as often as all reviews do.
_PRIOR_REVIEWS = 100

# Rarer words are left out: names from one film, misspellings.
_MIN_REVIEWS = 5

# Characters tokenised as one line, well below the length at which `core.tokens` cuts a sentence.
_LINE_CHARS = 500
_LINE_END = "x\n"  # a word that no rule affects, so that the chunk before it does not end a sentence
_TEXT_END = "\n\n"  # two, because one after an abbreviation does not end a sentence


@dataclass(frozen=True, eq=False)
class Coverage:
    """How many words of a dataset have a static vector.

    Attributes:
        num_tokens: Tokens in all reviews.
        num_known_tokens: Tokens with a vector.
        num_types: Different tokens.
        num_known_types: Different tokens with a vector.
        unknown: Columns `token` and `count`, the most frequent first.
    """

    num_tokens: int
    num_known_tokens: int
    num_types: int
    num_known_types: int
    unknown: pd.DataFrame


def telling_words(texts: Sequence[str], labels: npt.NDArray[np.integer[Any]]) -> pd.DataFrame:
    """Words sorted by how clearly one class uses them more, the most negative first.

    Each review counts a word once, however often it uses it.

    Args:
        texts: N reviews, of both classes.
        labels: (N,), 0 negative, 1 positive.

    Returns:
        Columns `word`, `num_negative` and `num_positive` (reviews with the word), `odds_ratio` (above 1 if positive reviews
        use it more) and `z`; one row per word that occurs in at least five reviews.

    Reference: Monroe, Colaresi and Quinn 2008, *Fightin' Words*: log-odds ratio with an informative Dirichlet prior.
    """
    negative, positive = Counter[str](), Counter[str]()
    for text, label in zip(texts, labels.tolist(), strict=True):
        (positive if label else negative).update(set(_WORD.findall(plain_text(text).lower())))
    words = sorted(negative | positive)
    if not words:
        return pd.DataFrame({"word": [], "num_negative": [], "num_positive": [], "odds_ratio": [], "z": []})
    num_negative, num_positive = (np.array([counts[word] for word in words]) for counts in (negative, positive))  # (V,)
    num_reviews = num_negative + num_positive  # (V,)
    log_odds, z = weighted_log_odds(num_positive, num_negative, prior=_PRIOR_REVIEWS * num_reviews / len(texts))
    table = pd.DataFrame(
        {
            "word": words,
            "num_negative": num_negative,
            "num_positive": num_positive,
            "odds_ratio": np.exp(log_odds),
            "z": z,
        }
    )
    frequent: pd.DataFrame = table[num_reviews >= _MIN_REVIEWS]
    return frequent.sort_values(["z", "word"], ignore_index=True)


def weighted_log_odds(
    counts: npt.NDArray[Any], other_counts: npt.NDArray[Any], *, prior: npt.NDArray[Any]
) -> tuple[DoubleArray, DoubleArray]:
    """How much more one side uses each word, and how certain that is.

    Args:
        counts: (V,), how often one side uses each word.
        other_counts: (V,), how often the other side does.
        prior: (V,), positive pseudo-counts, added to both sides.

    Returns:
        Log-odds ratios (V,), and the same in standard errors, (V,).

    Reference: Monroe, Colaresi and Quinn 2008, *Fightin' Words*: log-odds ratio under a Dirichlet prior and its z-score.
    """
    one, other = counts + prior, other_counts + prior
    log_odds = np.log(one / (one.sum() - one)) - np.log(other / (other.sum() - other))
    return log_odds, log_odds / np.sqrt(1 / one + 1 / other)


def count_tokens(texts: Iterable[str]) -> Counter[str]:
    """Counts the tokens of cleaned reviews, about four times as fast as with `core.tokens.token_texts`.

    The Treebank rules hardly look beyond the spaces around a chunk, except at the end of a text. So each distinct chunk is
    tokenised once, and the last chunks of reviews separately. One token in 100,000 differs: two apostrophes that open a
    sentence, or an abbreviation at which a sentence of more than 1,000 characters is cut.
    """
    inner: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for text in texts:
        chunks = text.split()
        last.update(chunks[-1:])
        inner.update(chunks[:-1])
    return _count_in(_lines(inner)) + _count_in((f"{chunk}{_TEXT_END}", count) for chunk, count in last.items())


def known_share(
    texts: Sequence[str],
    is_known: Callable[[Sequence[str]], npt.NDArray[np.bool_]],
    *,
    max_tokens: int | None = None,
    num_texts: int = 200,
) -> float:
    """Share of the tokens in a sample of reviews that have a static vector.

    Args:
        texts: Reviews, in an order that mixes them; every so many is looked at.
        is_known: As for `measure_coverage`.
        max_tokens: Of each review.
        num_texts: How many to look at.
    """
    found = [token for text in _sample(texts, num_texts) for token in tokens.token_texts(text, max_tokens)]
    return float(is_known(found).mean()) if found else 0.0


def cut_share(texts: Sequence[str], max_tokens: int, *, num_texts: int = 1000) -> float:
    """Share of the reviews in a sample that have more than so many tokens.

    Args:
        texts: As for `known_share`.
        max_tokens: That are read of each.
        num_texts: How many to look at.
    """
    return float(np.mean([len(tokens.token_texts(text, max_tokens + 1)) > max_tokens for text in _sample(texts, num_texts)]))


def _sample(texts: Sequence[str], num_texts: int) -> Sequence[str]:
    return texts[:: max(1, len(texts) // num_texts)]


def measure_coverage(counts: Counter[str], is_known: Callable[[Sequence[str]], npt.NDArray[np.bool_]]) -> Coverage:
    """Which tokens of a dataset have a static vector.

    Args:
        counts: Tokens and how often each occurs.
        is_known: `StaticEmbedder.known` or the like: which of T tokens have a vector, bool (T,).
    """
    types = list(counts)
    occurrences = np.fromiter(counts.values(), dtype=np.int64, count=len(types))  # (T,)
    known = is_known(types)  # (T,)
    unknown = pd.DataFrame({"token": np.array(types, dtype=object)[~known], "count": occurrences[~known]})
    return Coverage(
        num_tokens=int(occurrences.sum()),
        num_known_tokens=int(occurrences[known].sum()),
        num_types=len(types),
        num_known_types=int(known.sum()),
        unknown=unknown.sort_values(["count", "token"], ascending=[False, True], ignore_index=True),
    )


def _lines(chunks: Counter[str]) -> Iterator[tuple[str, int]]:
    """Chunks and their counts, with a word that does not count at the end of every line."""
    room = _LINE_CHARS
    for chunk, count in chunks.items():
        if room < len(chunk):
            yield _LINE_END, 0
            room = _LINE_CHARS
        yield f"{chunk} ", count
        room -= len(chunk) + 1
    yield _LINE_END, 0


def _count_in(pieces: Iterable[tuple[str, int]]) -> Counter[str]:
    """Tokens of consecutive pieces, each counted as often as its piece."""
    spelled: list[str] = []
    weights: list[int] = []
    for piece, weight in pieces:
        spelled.append(piece)
        weights.append(weight)
    ends = np.fromiter(accumulate(map(len, spelled)), dtype=np.int64, count=len(spelled))
    found = tokens.tokenise_plain("".join(spelled))
    places = np.searchsorted(ends, [token.start for token in found], side="right")
    counts: Counter[str] = Counter()
    for token, place in zip(found, places.tolist(), strict=True):
        if weight := weights[place]:
            counts[token.text] += weight
    return counts
