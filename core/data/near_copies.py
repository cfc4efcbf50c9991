"""Near copies: test reviews that are, in good part, a training review again, and so train what they would test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.arrays import BoolArray

_Hashes = npt.NDArray[np.uint64]
_Rows = npt.NDArray[np.int64]

GRAM_LEN = 8  # words
COPIED_SHARE = 0.3  # of the 8-grams of a review
_FEWEST_COPIED = 4  # eleven words in a row: one phrase in common makes no copy of a short review
_BOILERPLATE = 100  # training reviews that have an 8-gram; with more it is a phrase of the source, and counts for no review

_BLOCK = 1_000  # texts that are hashed at once
_MAX_PAIRS = 4_000_000  # of 8-grams that are counted at once
_TABLE_BITS = 26

# Any odd factors, and any number per byte, give hashes of words and of 8-grams; 64 bits are enough for no collision to matter.
_BYTES = np.random.default_rng(0).integers(2**63, size=256, dtype=np.uint64)
_PER_BYTE, _PER_BYTE_INVERSE = np.uint64(0x9E3779B97F4A7C15), np.uint64(pow(0x9E3779B97F4A7C15, -1, 2**64))
_PER_WORD = np.uint64(0xD6E8FEB86659FD93)
_IS_WORD = np.array([chr(byte).isalnum() or byte > 127 for byte in range(256)])  # by byte of UTF-8; beyond ASCII all are


@dataclass(frozen=True, eq=False)
class _Grams:
    """8-grams and where they stand, each once per text, in the order of the texts; both (num_grams,)."""

    hashes: _Hashes
    rows: _Rows

    def where(self, is_kept: BoolArray) -> _Grams:
        return _Grams(self.hashes[is_kept], self.rows[is_kept])


def leave_test(texts: Sequence[str], in_test: BoolArray) -> BoolArray:
    """Which texts are left for testing once those that are near copies of a training text train, too.

    A near copy shares 30 % or more of its different 8-grams of lower-cased words with one training text, and four at least, so
    that texts of less than eleven words stay. What has moved is a training text for what has not. Order does not matter.

    Args:
        texts: N plain texts.
        in_test: Which of them would be for testing, (N,).

    Returns:
        Bool (N,), a part of `in_test`.
    """
    in_test = in_test.copy()
    tests = _grams(texts, np.flatnonzero(in_test))
    sources = np.flatnonzero(~in_test)
    while len(sources) and len(tests.rows):
        sources = _copies(tests, _found_in(tests.hashes, texts, sources))
        in_test[sources] = False
        tests = tests.where(in_test[tests.rows])
    return in_test


def _found_in(wanted: _Hashes, texts: Sequence[str], rows: _Rows) -> _Grams:
    """The 8-grams of some texts that are among the wanted ones, sorted by hash."""
    shift = np.uint64(64 - _TABLE_BITS)
    wanted = np.sort(wanted)  # np.unique takes fifty times as long
    may_be_wanted = np.zeros(2**_TABLE_BITS, bool)  # a look here spares most of the searches below
    may_be_wanted[wanted >> shift] = True
    found = []
    for block in _blocks(rows):
        grams = _grams_of_block(texts, block)
        grams = grams.where(may_be_wanted[grams.hashes >> shift])
        position = np.minimum(np.searchsorted(wanted, grams.hashes), len(wanted) - 1)
        found.append(_once(grams.where(wanted[position] == grams.hashes)))
    grams = _joined(found)
    order = np.argsort(grams.hashes, kind="stable")
    return _Grams(grams.hashes[order], grams.rows[order])


def _copies(tests: _Grams, sources: _Grams) -> _Rows:
    """The texts with enough of their 8-grams in one of the sources."""
    first, last = (np.searchsorted(sources.hashes, tests.hashes, side=side) for side in ("left", "right"))
    num_sources = np.where(last - first > _BOILERPLATE, 0, last - first)  # (num_grams,)
    rows, starts, num_grams = np.unique(tests.rows, return_index=True, return_counts=True)
    num_needed = np.maximum(COPIED_SHARE * num_grams, _FEWEST_COPIED)
    pairs_before = np.concatenate([[0], np.cumsum(num_sources)])[np.append(starts, len(num_sources))]  # (num_texts + 1,)
    is_copy = np.zeros(len(rows), bool)
    done = 0
    while done < len(rows):
        end = max(int(np.searchsorted(pairs_before, pairs_before[done] + _MAX_PAIRS, side="right")) - 1, done + 1)
        here = slice(starts[done], starts[end] if end < len(rows) else None)
        counts = num_sources[here]
        # One pair per 8-gram and source that has it: positions first, first + 1, ... in the sorted sources.
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        source = sources.rows[np.repeat(first[here], counts) + offsets]
        text = np.repeat(np.searchsorted(rows, tests.rows[here]), counts)
        pairs, num_shared = np.unique(np.stack([text, source]), axis=1, return_counts=True)
        is_copy[pairs[0][num_shared >= num_needed[pairs[0]]]] = True
        done = end
    copies: _Rows = rows[is_copy]
    return copies


def _grams(texts: Sequence[str], rows: _Rows) -> _Grams:
    """The 8-grams of the texts in some rows."""
    return _joined([_once(_grams_of_block(texts, block)) for block in _blocks(rows)])


def _blocks(rows: _Rows) -> Iterator[_Rows]:
    yield from (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))


def _joined(parts: Sequence[_Grams]) -> _Grams:
    nothing = _Grams(np.empty(0, np.uint64), np.empty(0, np.int64))
    return _Grams(*(np.concatenate([getattr(each, name) for each in (nothing, *parts)]) for name in ("hashes", "rows")))


def _once(grams: _Grams) -> _Grams:
    order = np.lexsort((grams.hashes, grams.rows))
    hashes, rows = grams.hashes[order], grams.rows[order]
    is_first = np.ones(len(rows), bool)
    is_first[1:] = (hashes[1:] != hashes[:-1]) | (rows[1:] != rows[:-1])
    return _Grams(hashes[is_first], rows[is_first])


def _grams_of_block(texts: Sequence[str], rows: _Rows) -> _Grams:
    """All 8-grams of some texts, by rolling hashes over their bytes: several times as fast as words as Python strings."""
    encoded = [f"{texts[row].lower()} ".encode("utf-8", "surrogatepass") for row in rows]
    data = np.frombuffer(b"".join(encoded), np.uint8)
    is_word = np.concatenate([[False], _IS_WORD[data]])
    starts = np.flatnonzero(is_word[1:] & ~is_word[:-1])
    ends = np.flatnonzero(~is_word[1:] & is_word[:-1])  # each text ends with a space
    powers, inverses = np.full(len(data), _PER_BYTE), np.full(len(data), _PER_BYTE_INVERSE)
    powers[:1] = inverses[:1] = 1
    powers, inverses = np.cumprod(powers), np.cumprod(inverses)  # modulo 2 ** 64, as all that follows
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_BYTES[data] * powers)])
    words = (sums[ends] - sums[starts]) * inverses[starts]  # (num_words,), the same wherever a word stands
    owners = np.repeat(rows, np.diff(np.searchsorted(starts, np.cumsum([0, *map(len, encoded)]))))
    num_grams = max(len(words) - GRAM_LEN + 1, 0)
    hashes = np.zeros(num_grams, np.uint64)
    for k in range(GRAM_LEN):
        hashes = hashes * _PER_WORD + words[k : k + num_grams]
    grams = _Grams(hashes, owners[:num_grams])
    return grams.where(owners[:num_grams] == owners[len(owners) - num_grams :])
