"""Words and their vectors as files, parsed once: a matrix that can be memory-mapped, and a line per row with its word."""

from __future__ import annotations

import hashlib
import math
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from core.arrays import FloatArray
from core.disk_cache import DiskCache, cache_key
from core.embedders.vector_notes import VectorNotes
from core.errors import UserError
from core.files import write_atomically
from core.settings import Settings

MAX_WIDTH = 10_000  # numbers of a vector
MAX_ROWS = 20_000_000

_FORMAT = 1  # raised when the same vectors would be written differently
_READING = 2  # raised when the same source would be read differently
# Embeddings are kept as float16, which has nothing above 65,504 and few digits below 0.0001.
_LARGEST_KEPT = 3e4
_SMALLEST_RMS_KEPT = 1e-4
_LARGEST_SCALE = 2.0**100  # float32 has nothing above 2^128
_ROWS_PER_STEP = 2**14
_FINGERPRINT = re.compile(r"static-[0-9a-f]{32}")


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Words with their vectors.

    Attributes:
        fingerprint: Fingerprint of words and vectors.
        words: V words.
        vectors: float32 (V, dim), memory-mapped.
        note: What was odd in their file, for people; empty if nothing was.
    """

    fingerprint: str
    words: list[str]
    vectors: FloatArray
    note: str


@dataclass(frozen=True)
class ParsedVectors:
    """What was written for a source.

    Attributes:
        fingerprint: Fingerprint of words and vectors.
        note: What was odd in it, for people; empty if nothing was.
    """

    fingerprint: str
    note: str


class ArrayWriter:
    """Writes `vectors.npy` and `words.txt` row by row, so that files may be larger than memory, and hashes what it writes.

    In the end, vectors that do not fit the range of float16 are multiplied by a power of two: how large all of them are together
    makes no difference to a head, which standardises them.
    """

    def __init__(self, folder: Path, dim: int) -> None:
        self._folder = folder
        self._files = ExitStack()
        self._vectors: IO[bytes] = self._files.enter_context((folder / "vectors.npy").open("wb"))
        self._words: IO[bytes] = self._files.enter_context((folder / "words.txt").open("wb"))
        self._hash = hashlib.blake2b(f"{_FORMAT} {dim}".encode(), digest_size=16)
        self._dim = dim
        self._largest = self._sum_of_squares = 0.0
        self._scale = 1.0
        self.num_rows = 0
        self._write_header()

    def add(self, words: Sequence[str], vectors: FloatArray) -> None:
        """Appends n words and their float32 (n, dim) vectors."""
        encoded_words = "".join(f"{word}\n" for word in words).encode()
        encoded_vectors = np.ascontiguousarray(vectors, dtype="<f4").tobytes()
        self._words.write(encoded_words)
        self._vectors.write(encoded_vectors)
        self._hash.update(encoded_words)
        self._hash.update(encoded_vectors)
        self.num_rows += len(words)
        if len(words):
            self._largest = max(self._largest, float(np.abs(vectors).max()))
            self._sum_of_squares += float(np.square(vectors, dtype=np.float64).sum())

    def parsed(self, notes: VectorNotes | None = None) -> ParsedVectors:
        """What was written, once the writer is closed."""
        notes = notes or VectorNotes("")
        if self._scale != 1:
            notes.remark(
                f"All numbers were multiplied by {self._scale:.4g}, because embeddings are kept with a range up to 65,504; "
                "this changes no result."
            )
        return ParsedVectors(f"static-{self._hash.hexdigest()}", notes.text)

    def _rescale(self) -> None:
        """Multiplies all vectors so that their root mean square is about 1, or less if the largest would be too large then."""
        rms = math.sqrt(self._sum_of_squares / max(1, self.num_rows * self._dim))
        if not rms or (self._largest < _LARGEST_KEPT and rms > _SMALLEST_RMS_KEPT):
            return
        self._scale = 2.0 ** math.floor(math.log2(min(1 / rms, _LARGEST_KEPT / self._largest, _LARGEST_SCALE)))
        vectors = np.load(self._folder / "vectors.npy", mmap_mode="r+")
        self._hash.update(f" x {self._scale}".encode())  # of the unscaled vectors, and so of the scaled ones
        for start in range(0, len(vectors), _ROWS_PER_STEP):
            vectors[start : start + _ROWS_PER_STEP] *= np.float32(self._scale)
        vectors.flush()

    def _write_header(self) -> None:
        # NumPy leaves room in the header for the first dimension to grow, so it can be overwritten.
        shape = (self.num_rows, self._dim)
        self._vectors.seek(0)
        np.lib.format.write_array_header_1_0(self._vectors, {"descr": "<f4", "fortran_order": False, "shape": shape})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._files:
            self._write_header()
        if error is None:
            self._rescale()


def cached_vectors(name: str, key: str, parse: Callable[[Path], ParsedVectors], settings: Settings) -> WordVectors:
    """Opens what `parse` wrote earlier; lets it write first if it has not, or if that is damaged.

    The cache has a folder of arrays per fingerprint and, per source, a small file with the fingerprint that it had and the note.

    Args:
        name: What errors call the vectors.
        key: Changes when the source may have changed.
        parse: Writes arrays into a folder.
        settings: Where the data folder is.

    Raises:
        UserError: The folder cannot be written. Vectors are mapped into memory from it, so there is no doing without.
    """
    cache = DiskCache("vectors", settings)
    store = cache.folder()
    pointer = _pointer(store, key)
    known = known_vectors(key, settings)
    opened = _open_vectors(store, known) if known else None
    if opened is None:
        try:
            known = _parse_into(store, parse)
            write_atomically(pointer, f"{known.fingerprint}\n{known.note}".encode())
            cache.make_room()
        except OSError as error:
            raise UserError(
                f"The vectors {name} cannot be read, or not kept in {store} ({error.strerror}); free space or check the "
                "permissions.",
                code="vectors-not-kept",
            ) from error
        opened = _open_vectors(store, known)
    if opened is None:
        raise UserError(
            f"The vectors just written to {store} cannot be read again; check that disk and start again.",
            code="vectors-lost",
        )
    cache.mark_used(pointer.name)
    cache.mark_used(opened.fingerprint)
    return opened


def known_vectors(key: str, settings: Settings) -> ParsedVectors | None:
    """What `cached_vectors` found in a source; None if it has not parsed it, or if the folder cannot be used."""
    try:
        text = _pointer(DiskCache("vectors", settings).folder(), key).read_text(encoding="utf-8", errors="replace")
    except (UserError, OSError):
        return None
    fingerprint, _, note = text.partition("\n")
    return ParsedVectors(fingerprint, note)


def known_fingerprint(key: str, settings: Settings) -> str | None:
    """The fingerprint of a source that `cached_vectors` has parsed; None if it has not."""
    known = known_vectors(key, settings)
    return known.fingerprint if known else None


def _pointer(store: Path, key: str) -> Path:
    """The file with the fingerprint of a source."""
    return store / f"{cache_key(f'{_FORMAT} {_READING} {key}')}.fingerprint"


def _parse_into(store: Path, parse: Callable[[Path], ParsedVectors]) -> ParsedVectors:
    """What `parse` writes; it is moved to the folder named by its fingerprint once it is whole."""
    with tempfile.TemporaryDirectory(dir=store, prefix=".parsing-") as scratch:
        parsed = Path(scratch) / "parsed"
        parsed.mkdir()
        found = parse(parsed)
        target = store / found.fingerprint
        try:
            parsed.rename(target)
        except OSError:  # there already: by another process, from another source, or damaged
            if _open_vectors(store, found) is None:
                shutil.rmtree(target, ignore_errors=True)
                parsed.rename(target)
    return found


def _open_vectors(store: Path, known: ParsedVectors) -> WordVectors | None:
    """What an `ArrayWriter` wrote into the folder of a fingerprint; None if it is missing or damaged."""
    fingerprint = known.fingerprint
    if not _FINGERPRINT.fullmatch(fingerprint):
        return None
    try:
        vectors = np.load(store / fingerprint / "vectors.npy", mmap_mode="r", allow_pickle=False)
        *words, rest = (store / fingerprint / "words.txt").read_bytes().decode().split("\n")
    except (OSError, EOFError, ValueError):
        return None
    is_cut = bool(rest) or len(words) != len(vectors)  # inside a word, or after one
    return None if is_cut else WordVectors(fingerprint, words, vectors, known.note)
