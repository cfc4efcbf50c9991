"""Nearest neighbours of a vector among the words of reviews: an index of their vectors, built once and kept on disk."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core import plain_text
from core import tokens as tokeniser
from core.arrays import FloatArray, pack_arrays, unpack_arrays
from core.data.review_pool import ReviewPool
from core.data.search import ReviewIndex
from core.disk_cache import DiskCache, cache_key
from core.embedders.base import Embedder
from core.senses.word_uses import LAYERS, READING_LAYERS, Layer
from core.settings import Settings
from core.tokens import Token, tokenise

if TYPE_CHECKING:
    from sklearn.neighbors import NearestNeighbors

NUM_SENTENCES = 4_000  # in an index of all words: a minute of ELMo mini, less on idle cores
NUM_WORD_SENTENCES = 300  # in an index of one word

_VERSION = 1  # raised when the same reviews would give another index
_PER_REVIEW = 3  # sentences from one review in an index of all words
_PER_WORD = 40  # occurrences of one word in such an index, so that "the" does not fill it
_SENTENCE_TOKENS = range(4, 61)  # shorter sentences are exclamations, longer ones mostly lists
_SLICE_LEN = 64  # sentences between two events: a fraction of a second
_SENTENCE_ENDS = frozenset({".", "!", "?", "...", "!!", "?!"})
_CLOSING = frozenset({"''", '"', "'", ")", "]"})
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class IndexProgress:
    """Progress of an index.

    Attributes:
        num_done: Tokens embedded so far.
        num_tokens: Tokens to embed in all.
    """

    num_done: int
    num_tokens: int


@dataclass(frozen=True)
class Neighbour:
    """A word in a review that is near a vector.

    Attributes:
        review_id: As in the pool.
        sentence: Span of its sentence in the text of the review.
        span: Span of the word in the text of the review.
        word: As written.
        similarity: Cosine, -1 to 1.
    """

    review_id: str
    sentence: tuple[int, int]
    span: tuple[int, int]
    word: str
    similarity: float


@dataclass(frozen=True)
class Sentence:
    """A sentence of a review, and which of its words go into the index.

    Attributes:
        review_id: As in the pool.
        tokens: Its tokens, with their positions in the text of the review.
        positions: Indices of the words to keep.
    """

    review_id: str
    tokens: tuple[Token, ...]
    positions: tuple[int, ...]


class NeighbourIndex:
    """Words in reviews with their vectors in ELMo's two LSTM layers. Thread-safe.

    Args:
        review_ids: Id of the review of each of n words, str (n,).
        places: Start and end of the sentence and of the word in the text of the review, int64 (n, 4).
        words: As written, str (n,).
        vectors: float16 (2, n, width).
    """

    def __init__(
        self,
        *,
        review_ids: npt.NDArray[np.str_],
        places: npt.NDArray[np.int64],
        words: npt.NDArray[np.str_],
        vectors: npt.NDArray[np.float16],
    ) -> None:
        self._arrays = {"review_ids": review_ids, "places": places, "words": words, "vectors": vectors}
        self._folded = np.array([word.casefold() for word in words.tolist()], dtype=np.str_)
        self._searches: dict[Layer, NearestNeighbors] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._arrays["words"])

    def nearest(self, vector: FloatArray, layer: Layer, *, num: int, without: str = "") -> list[Neighbour]:
        """The words nearest to a vector by cosine, the nearest first.

        Args:
            vector: (width,), from the same ELMo.
            layer: "1" or "2".
            num: Maximum number of words.
            without: A word to leave out, in any case.
        """
        is_wanted = self._folded != without.casefold()  # (n,)
        if not is_wanted.any():
            return []
        num_asked = min(num + int((~is_wanted).sum()), len(self))  # enough even if all unwanted ones are nearest
        distances, rows = self._search(layer).kneighbors(vector[np.newaxis], n_neighbors=num_asked)
        nearest = zip(rows[0].tolist(), distances[0].tolist(), strict=True)
        return [self._neighbour(row, 1 - distance) for row, distance in nearest if is_wanted[row]][:num]

    def to_bytes(self) -> bytes:
        """The whole index; `NeighbourIndex(**unpack_arrays(data))` takes it."""
        return pack_arrays(self._arrays)

    def _search(self, layer: Layer) -> NearestNeighbors:
        from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415 - takes most of a second to import

        with self._lock:
            if layer not in self._searches:
                vectors = self._arrays["vectors"][READING_LAYERS.index(layer)].astype(np.float32)  # (n, width)
                self._searches[layer] = NearestNeighbors(metric="cosine", algorithm="brute").fit(vectors)
            return self._searches[layer]

    def _neighbour(self, row: int, similarity: float) -> Neighbour:
        start, end, word_start, word_end = self._arrays["places"][row].tolist()
        review_id, word = str(self._arrays["review_ids"][row]), str(self._arrays["words"][row])
        return Neighbour(review_id, (start, end), (word_start, word_end), word, similarity)


def index_name(pool: ReviewPool, elmo: Embedder, word: str) -> str:
    """Name on disk of the index of a word in some reviews by one ELMo; of all words if the word is empty."""
    return cache_key(str(_VERSION), elmo.fingerprint, pool.name, pool.digest, word.casefold(), code=[plain_text, tokeniser])


def open_index(name: str, settings: Settings) -> NeighbourIndex | None:
    """The index stored under a name; None if it is missing or damaged."""
    data = DiskCache("neighbours", settings).load(name)
    return None if data is None else NeighbourIndex(**unpack_arrays(data))


def build_index(
    pool: ReviewPool, elmo: Embedder, word: str, settings: Settings, *, num_sentences: int | None = None
) -> Iterator[IndexProgress | NeighbourIndex]:
    """Embeds sentences of reviews and keeps the vectors of their words.

    Args:
        pool: Reviews of both parts, because nothing is trained here.
        elmo: ELMo with its three layers concatenated (`layer_mix="learned"`).
        word: The word whose occurrences are kept; empty for all words in a sample of the sentences.
        settings: Where the data folder is, which keeps the index under its `index_name`.
        num_sentences: Maximum number; `NUM_WORD_SENTENCES` or `NUM_SENTENCES` by default.

    Yields:
        `IndexProgress` after every slice, then the index, once it is on disk. The same reviews give the same index.
    """
    if word:
        sentences = sentences_with(word, pool, num_sentences or NUM_WORD_SENTENCES)
    else:
        sentences = sample_sentences(pool, num_sentences or NUM_SENTENCES)
    sentences.sort(key=lambda sentence: len(sentence.tokens))  # sentences of similar length need less padding
    num_tokens = sum(len(sentence.tokens) for sentence in sentences)
    num_done = 0
    width = elmo.dim // (len(LAYERS) - 1)
    kept = [np.zeros((len(READING_LAYERS), 0, width), np.float16)]
    for start in range(0, len(sentences), _SLICE_LEN):
        part = sentences[start : start + _SLICE_LEN]
        for sentence, vectors in zip(part, elmo.embed([_texts(sentence) for sentence in part]), strict=True):
            layers = vectors[list(sentence.positions)].reshape(-1, len(LAYERS) - 1, width)  # (num_kept, 3, width)
            kept.append(layers[:, 1:].transpose(1, 0, 2).astype(np.float16))
        num_done += sum(len(sentence.tokens) for sentence in part)
        yield IndexProgress(num_done, num_tokens)
    index = _gather(sentences, np.concatenate(kept, axis=1))
    DiskCache("neighbours", settings).save(index_name(pool, elmo, word), index.to_bytes())
    yield index


def sample_sentences(pool: ReviewPool, num_sentences: int) -> list[Sentence]:
    """A fixed random sample of sentences; each word is kept in the first `_PER_WORD` of them that have it."""
    sentences: list[Sentence] = []
    counts: Counter[str] = Counter()
    rng = np.random.default_rng(0)
    for review in rng.permutation(len(pool.texts)):
        if len(sentences) >= num_sentences:
            break
        whole = split_sentences(tokenise(pool.texts[review]))
        for choice in rng.permutation(len(whole))[:_PER_REVIEW]:
            tokens = whole[choice]
            positions = []
            for position, token in enumerate(tokens):
                if _LETTER.search(token.text) and counts[token.text.casefold()] < _PER_WORD:
                    counts[token.text.casefold()] += 1
                    positions.append(position)
            sentences.append(Sentence(pool.ids[review], tokens, tuple(positions)))
    return sentences[:num_sentences]


def sentences_with(word: str, pool: ReviewPool, num_sentences: int) -> list[Sentence]:
    """Sentences of reviews with a word in any case, in the mixed order of the pool."""
    wanted = word.casefold()
    sentences: list[Sentence] = []
    for review in ReviewIndex(pool).find(word, whole_words=bool(_LETTER.search(word))).tolist():
        for tokens in split_sentences(tokenise(pool.texts[review])):
            positions = tuple(position for position, token in enumerate(tokens) if token.text.casefold() == wanted)
            if positions:
                sentences.append(Sentence(pool.ids[review], tokens, positions))
        if len(sentences) >= num_sentences:
            break
    return sentences[:num_sentences]


def split_sentences(tokens: Sequence[Token]) -> list[tuple[Token, ...]]:
    """Sentences of usual length; closing quotes and brackets after a full stop belong to the sentence before."""
    sentences: list[tuple[Token, ...]] = []
    start = 0
    for position, token in enumerate(tokens, start=1):
        following = tokens[position].text if position < len(tokens) else ""
        has_ended = token.text in _SENTENCE_ENDS or (token.text in _CLOSING and _ends_before(tokens, position - 1))
        if position == len(tokens) or (has_ended and following not in _SENTENCE_ENDS | _CLOSING):
            sentences.append(tuple(tokens[start:position]))
            start = position
    return [sentence for sentence in sentences if len(sentence) in _SENTENCE_TOKENS]


def _ends_before(tokens: Sequence[Token], position: int) -> bool:
    """Whether the quotes and brackets up to a position follow the end of a sentence."""
    while position and tokens[position - 1].text in _CLOSING:
        position -= 1
    return position > 0 and tokens[position - 1].text in _SENTENCE_ENDS


def _texts(sentence: Sentence) -> list[str]:
    return [token.text for token in sentence.tokens]


def _gather(sentences: Sequence[Sentence], vectors: npt.NDArray[np.float16]) -> NeighbourIndex:
    kept = [(sentence, sentence.tokens[position]) for sentence in sentences for position in sentence.positions]
    places = [(sentence.tokens[0].start, sentence.tokens[-1].end, token.start, token.end) for sentence, token in kept]
    return NeighbourIndex(
        review_ids=np.array([sentence.review_id for sentence, _ in kept], dtype=np.str_),
        places=np.array(places, dtype=np.int64).reshape(-1, 4),
        words=np.array([token.text for _, token in kept], dtype=np.str_),
        vectors=vectors,
    )
