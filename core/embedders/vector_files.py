"""Words and their vectors as files: a matrix that can be memory-mapped, and a line per row with its word."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from core.arrays import FloatArray

FORMAT = 1  # raised when the same source would be read or written differently


class ArrayWriter:
    """Writes `vectors.npy` and `words.txt` row by row, so that no file is too large for memory, and hashes what it writes."""

    def __init__(self, folder: Path, dim: int) -> None:
        self._files = ExitStack()
        self._vectors: IO[bytes] = self._files.enter_context((folder / "vectors.npy").open("wb"))
        self._words: IO[bytes] = self._files.enter_context((folder / "words.txt").open("wb"))
        self._hash = hashlib.blake2b(f"{FORMAT} {dim}".encode(), digest_size=16)
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
        """Of everything added so far."""
        return f"static-{self._hash.hexdigest()}"

    def _write_header(self) -> None:
        # NumPy leaves room in a header for the first dimension to grow, so that it can be written anew in place.
        shape = (self.num_rows, self._dim)
        self._vectors.seek(0)
        np.lib.format.write_array_header_1_0(self._vectors, {"descr": "<f4", "fortran_order": False, "shape": shape})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._files:
            self._write_header()


def open_arrays(folder: Path) -> tuple[list[str], FloatArray] | None:
    """What an `ArrayWriter` wrote into a folder: V words and float32 (V, dim), memory-mapped; None if missing or damaged."""
    try:
        vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
        *words, rest = (folder / "words.txt").read_bytes().decode().split("\n")
    except (OSError, EOFError, ValueError):
        return None
    return None if rest or len(words) != len(vectors) else (words, vectors)  # else cut inside a word, or after one
