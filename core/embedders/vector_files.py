"""Words and their vectors as files, parsed once: a matrix that can be memory-mapped, and a line per row with its word."""

from __future__ import annotations

import hashlib
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
from core.errors import UserError
from core.files import write_atomically
from core.settings import Settings

_FORMAT = 1  # raised when the same source would be read or written differently
_FINGERPRINT = re.compile(r"static-[0-9a-f]{32}")


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Words with their vectors.

    Attributes:
        fingerprint: Fingerprint of words and vectors.
        words: V words.
        vectors: float32 (V, dim), memory-mapped.
    """

    fingerprint: str
    words: list[str]
    vectors: FloatArray


class ArrayWriter:
    """Writes `vectors.npy` and `words.txt` row by row, so that files may be larger than memory, and hashes what it writes."""

    def __init__(self, folder: Path, dim: int) -> None:
        self._files = ExitStack()
        self._vectors: IO[bytes] = self._files.enter_context((folder / "vectors.npy").open("wb"))
        self._words: IO[bytes] = self._files.enter_context((folder / "words.txt").open("wb"))
        self._hash = hashlib.blake2b(f"{_FORMAT} {dim}".encode(), digest_size=16)
        self._dim = dim
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

    @property
    def fingerprint(self) -> str:
        """Fingerprint of everything added so far."""
        return f"static-{self._hash.hexdigest()}"

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


def cached_vectors(name: str, key: str, parse: Callable[[Path], str], settings: Settings) -> WordVectors:
    """Opens what `parse` wrote earlier; lets it write first if it has not, or if that is damaged.

    The cache has a folder of arrays per fingerprint and, per source, a small file with the fingerprint that it had.

    Args:
        name: What errors call the vectors.
        key: Changes when the source may have changed.
        parse: Writes arrays into a folder and returns their fingerprint.
        settings: Where the data folder is.

    Raises:
        UserError: The folder cannot be written. Vectors are mapped into memory from it, so there is no doing without.
    """
    cache = DiskCache("vectors", settings)
    store = cache.folder()
    pointer = _pointer(store, key)
    opened = _open_vectors(store, pointer.read_text(errors="replace")) if pointer.is_file() else None
    if opened is None:
        try:
            fingerprint = _parse_into(store, parse)
            write_atomically(pointer, fingerprint.encode())
            cache.make_room()
        except OSError as error:
            raise UserError(
                f"The vectors {name} cannot be read, or not kept in {store} ({error}); free space or check the permissions.",
                code="vectors-not-kept",
            ) from error
        opened = _open_vectors(store, fingerprint)
    if opened is None:
        raise UserError(
            f"The vectors just written to {store} cannot be read again; check that disk and start again.",
            code="vectors-lost",
        )
    cache.mark_used(pointer.name)
    cache.mark_used(opened.fingerprint)
    return opened


def known_fingerprint(key: str, settings: Settings) -> str | None:
    """The fingerprint of a source that `cached_vectors` has parsed; None if it has not, or if the folder cannot be used."""
    try:
        return _pointer(DiskCache("vectors", settings).folder(), key).read_text(errors="replace")
    except (UserError, OSError):
        return None


def _pointer(store: Path, key: str) -> Path:
    """The file with the fingerprint of a source."""
    return store / f"{cache_key(f'{_FORMAT} {key}')}.fingerprint"


def _parse_into(store: Path, parse: Callable[[Path], str]) -> str:
    """The fingerprint of what `parse` writes, which is moved to the folder of that name once it is whole."""
    with tempfile.TemporaryDirectory(dir=store, prefix=".parsing-") as scratch:
        parsed = Path(scratch) / "parsed"
        parsed.mkdir()
        fingerprint = parse(parsed)
        try:
            parsed.rename(store / fingerprint)
        except OSError:  # there already: by another process, from another source, or damaged
            if _open_vectors(store, fingerprint) is None:
                shutil.rmtree(store / fingerprint, ignore_errors=True)
                parsed.rename(store / fingerprint)
    return fingerprint


def _open_vectors(store: Path, fingerprint: str) -> WordVectors | None:
    """What an `ArrayWriter` wrote into the folder of a fingerprint; None if it is missing or damaged."""
    if not _FINGERPRINT.fullmatch(fingerprint):
        return None
    try:
        vectors = np.load(store / fingerprint / "vectors.npy", mmap_mode="r", allow_pickle=False)
        *words, rest = (store / fingerprint / "words.txt").read_bytes().decode().split("\n")
    except (OSError, EOFError, ValueError):
        return None
    is_cut = bool(rest) or len(words) != len(vectors)  # inside a word, or after one
    return None if is_cut else WordVectors(fingerprint, words, vectors)
