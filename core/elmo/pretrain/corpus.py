"""Text to pretrain on: reviews that are in no test set, as token ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import IdArray
from core.data.datasets import BUILT_IN, load_pool
from core.data.review_pool import near_duplicate_keys
from core.errors import UserError
from core.plain_text import plain_text
from core.settings import Settings
from core.tokens import token_texts

UNKNOWN, BEGIN, END = 0, 1, 2
NUM_SPECIALS = 3

# One packaged training review in this many is held out, whatever else is in the corpus, so that perplexities are comparable.
_HELD_OUT_EVERY = 100


@dataclass(frozen=True)
class Corpus:
    """Tokenised reviews.

    Attributes:
        vocabulary: Word types by falling frequency; word k has id k + NUM_SPECIALS.
        counts: int64 (len(vocabulary),), occurrences in `token_ids`.
        token_ids: int32 (num_tokens,), the training reviews one after another.
        bounds: int64 (num_reviews + 1,), where each review begins.
        held_out: Ids of each held-out review.
    """

    vocabulary: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    token_ids: IdArray
    bounds: npt.NDArray[np.int64]
    held_out: tuple[IdArray, ...]

    def reviews(self) -> Iterator[IdArray]:
        """Ids of each training review."""
        for start, end in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            yield self.token_ids[start:end]

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """The whole corpus as arrays, for `load`."""
        return {
            "vocabulary": np.frombuffer("\n".join(self.vocabulary).encode(), np.uint8),
            "counts": self.counts,
            "token_ids": self.token_ids,
            "bounds": self.bounds,
            "held_out_ids": np.concatenate(self.held_out),
            "held_out_lengths": np.asarray([len(each) for each in self.held_out]),
        }

    @classmethod
    def load(cls, path: Path) -> Corpus:
        """Reads what `arrays` returned from an npz file."""
        with np.load(path, allow_pickle=False) as file:
            held_out = np.split(file["held_out_ids"], np.cumsum(file["held_out_lengths"])[:-1])
            vocabulary = tuple(file["vocabulary"].tobytes().decode().split("\n"))
            return cls(vocabulary, file["counts"], file["token_ids"], file["bounds"], tuple(held_out))


def load_texts(paths: Sequence[Path]) -> Iterator[str]:
    """Texts of extra corpora: parquet with a column `text`, a text file with one text per line, a folder of text files.

    Raises:
        UserError: A path is missing or has no such content.
    """
    for path in paths:
        if path.is_dir():
            files = sorted(path.rglob("*.txt"))
            if not files:
                raise UserError(
                    f"The corpus folder {path} holds no .txt files; give the aclImdb folder or one like it.", code="corpus-empty"
                )
            # aclImdb has test reviews under test/, and at the top files of URLs and words, which are not reviews.
            yield from (
                f.read_text(encoding="utf-8") for f in files if f.parent != path and "test" not in f.relative_to(path).parts
            )
        elif path.suffix == ".parquet" and path.is_file():
            frame = pd.read_parquet(path)
            if "text" not in frame:
                raise UserError(
                    f"The corpus {path} has no column called text; rename the one with the texts.",
                    code="corpus-no-text",
                )
            yield from frame["text"].dropna()
        elif path.is_file():
            yield from path.read_text(encoding="utf-8").splitlines()
        else:
            raise UserError(
                f"The corpus {path} does not exist; give a parquet file, a text file or a folder of text files.",
                code="corpus-missing",
            )


def without(forbidden: Iterable[str], texts: Iterable[str]) -> Iterator[str]:
    """Yields each text once, and none that begins or ends like a forbidden one."""
    seen = {key for text in forbidden for key in near_duplicate_keys(text)}
    for text in texts:
        keys = set(near_duplicate_keys(text))
        if not keys & seen:
            seen |= keys
            yield text


def build_corpus(paths: Sequence[Path], settings: Settings) -> Corpus:
    """Tokenises the training part of the packaged reviews and the texts at `paths`.

    Args:
        paths: Extra corpora, as `load_texts` takes them.
        settings: Of this installation.
    """
    pools = {name: load_pool(name, settings) for name in BUILT_IN}
    test_texts = [pool.texts[i] for pool in pools.values() for i in pool.test]
    packaged = [pool.texts[i] for pool in pools.values() for i in pool.train]
    held_out_texts = [pools["imdb"].texts[i] for i in pools["imdb"].train[::_HELD_OUT_EVERY]]
    extra = (plain_text(text) for text in load_texts(paths))
    reviews = [token_texts(text) for text in without(test_texts + held_out_texts, [*packaged, *extra])]
    reviews = [review for review in reviews if review]
    held_out = [token_texts(text) for text in held_out_texts]
    counter = Counter(token for review in reviews for token in review)
    vocabulary = tuple(word for word, _ in counter.most_common())
    ids = {word: i + NUM_SPECIALS for i, word in enumerate(vocabulary)}
    lengths = np.asarray([len(review) for review in reviews])
    return Corpus(
        vocabulary=vocabulary,
        counts=np.asarray([counter[word] for word in vocabulary]),
        token_ids=np.fromiter((ids[token] for review in reviews for token in review), np.int32, lengths.sum()),
        bounds=np.concatenate([[0], np.cumsum(lengths)]),
        held_out=tuple(np.asarray([ids.get(token, UNKNOWN) for token in review], np.int32) for review in held_out),
    )
