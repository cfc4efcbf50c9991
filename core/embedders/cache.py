"""Vectors that were computed once: one LMDB environment per machine, shared by all its processes.

Written by hand on LMDB because libraries for caches (diskcache, joblib) keep a file or a database row per value and copy it when
it is read; a run reads thousands of reviews a second from several processes at once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import threading
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import lmdb
import numpy as np

from core.arrays import FloatArray, HalfArray
from core.embedders.base import Embedder
from core.settings import Settings

Tokens = Sequence[str]

_HEADER = struct.Struct("<II")  # CRC-32 of the vectors, their width
_MAX_READERS = 512  # threads that read at one moment, all processes together
_Answer = TypeVar("_Answer")


class EmbeddingCache:
    """Vectors by embedder fingerprint and tokens.

    Every vector can be computed again, so whatever goes wrong ends in a missing vector, never in an error. A damaged environment
    is thrown away and replaced by an empty one, and so is a full one (LMDB cannot free pages of a full map, and runs rarely need
    older vectors). The folder may be deleted at any time, even while processes have it open: each notices at its next
    call. If the disk is full, vectors are not stored.

    Use `open_cache`: LMDB allows one open environment per process and folder.

    Args:
        folder: Folder for the environment; created if missing.
        max_size_bytes: Upper bound of the environment.

    Example:
        >>> cache = EmbeddingCache(Path("/tmp/cache"), 2**20)
        >>> cache.put_many("hash-8d", [["a", "film"]], [np.ones((2, 8), np.float16)])
        True
        >>> cache.missing("hash-8d", [["a", "film"], ["another"]])
        [1]
    """

    def __init__(self, folder: Path, max_size_bytes: int) -> None:
        self._path = folder / "embeddings.lmdb"
        self._max_size_bytes = max_size_bytes
        self._lock = threading.RLock()  # guards the handle, not the reads and writes that use it
        self._environment: lmdb.Environment | None = None
        self._inode = -1

    def get_many(self, fingerprint: str, sentences: Sequence[Tokens], *, are_whole: bool = False) -> list[HalfArray | None]:
        """Vectors of each sentence, float16 (T_i, dim), or (1, dim) for embedders of whole texts; None if they are not stored."""

        def read(environment: lmdb.Environment) -> list[HalfArray | None]:
            with environment.begin(buffers=True) as transaction:
                return [
                    _decode(transaction.get(_key(fingerprint, tokens)), min(len(tokens), 1) if are_whole else len(tokens))
                    for tokens in sentences
                ]

        return self._try(read, otherwise=[None] * len(sentences))

    def missing(self, fingerprint: str, sentences: Sequence[Tokens]) -> list[int]:
        """Positions of the sentences whose vectors are not stored. Reads no vector."""

        def look(environment: lmdb.Environment) -> list[int]:
            with environment.begin(buffers=True) as transaction:
                return [i for i, tokens in enumerate(sentences) if transaction.get(_key(fingerprint, tokens)) is None]

        return self._try(look, otherwise=list(range(len(sentences))))

    def put_many(self, fingerprint: str, sentences: Sequence[Tokens], vectors: Sequence[HalfArray]) -> bool:
        """Stores the vectors of sentences in one transaction; False if that fails."""
        entries = [(_key(fingerprint, tokens), _encode(array)) for tokens, array in zip(sentences, vectors, strict=True)]

        def write(environment: lmdb.Environment) -> bool:
            with environment.begin(write=True) as transaction:
                for key, value in entries:
                    transaction.put(key, value)
            return True

        return self._try(write, otherwise=False) or self._try(write, otherwise=False)  # it may have been full the first time

    def size_bytes(self) -> int:
        """Bytes on disk."""
        try:
            return (self._path / "data.mdb").stat().st_blocks * 512
        except OSError:
            return 0

    def clear(self) -> None:
        """Throws all vectors away; other processes notice at their next call."""
        self._throw_away()

    def close(self) -> None:
        """Closes the environment; the next call opens it again."""
        with self._lock:
            if self._environment is not None:
                self._environment.close()
                self._environment = None

    def _try(self, use: Callable[[lmdb.Environment], _Answer], *, otherwise: _Answer) -> _Answer:
        """Result of `use`, or `otherwise` if the environment fails; a damaged or full one is thrown away."""
        try:
            return use(self._open())
        except (lmdb.InvalidError, lmdb.CorruptedError, lmdb.PageNotFoundError, lmdb.VersionMismatchError, lmdb.MapFullError):
            self._throw_away()
        except (lmdb.Error, OSError):
            self.close()
        return otherwise

    def _open(self) -> lmdb.Environment:
        with self._lock:
            if self._environment is not None and self._inode_now() == self._inode:
                return self._environment
            self.close()
            self._path.mkdir(parents=True, exist_ok=True)
            environment = lmdb.open(
                str(self._path),
                map_size=self._max_size_bytes,
                max_readers=_MAX_READERS,
                metasync=False,  # losing the last transaction in a power cut does no harm
                readahead=False,  # reviews are read in random order
            )
            try:
                _check_not_truncated(environment, self._path / "data.mdb")
                environment.reader_check()  # readers that were killed would keep old pages alive
            except BaseException:
                environment.close()
                raise
            self._environment, self._inode = environment, self._inode_now()
            return environment

    def _throw_away(self) -> None:
        with self._lock:
            if self._environment is not None and self._inode_now() != self._inode:
                self.close()  # another process was faster
                return
            self.close()
            grave = self._path.with_suffix(f".{os.getpid()}.thrown-away")
            try:
                self._path.rename(grave)
            except OSError:
                return
            shutil.rmtree(grave, ignore_errors=True)

    def _inode_now(self) -> int:
        try:
            return (self._path / "data.mdb").stat().st_ino
        except OSError:
            return -1


@lru_cache(maxsize=8)
def open_cache(settings: Settings) -> EmbeddingCache:
    """The cache of this machine, one object per process.

    Raises:
        UserError: The data folder cannot be written.
    """
    return EmbeddingCache(settings.folder("cache"), settings.cache_size_bytes)


class CachedEmbedder:
    """An embedder that looks in the cache first. All vectors pass through float16, so warm and cold caches give equal vectors.

    Args:
        embedder: Computes the missing vectors.
        cache: Stores them.
        is_of_texts: Whether it gives one vector for a whole text.
    """

    def __init__(self, embedder: Embedder, cache: EmbeddingCache, *, is_of_texts: bool = False) -> None:
        self.name = embedder.name
        self.fingerprint = embedder.fingerprint
        self.dim = embedder.dim
        self._embedder = embedder
        self._cache = cache
        self._is_of_texts = is_of_texts

    def embed(self, sentences: Sequence[Tokens]) -> list[FloatArray]:
        """Vectors of each sentence, float32 (T_i, dim), in the order given."""
        return [vectors.astype(np.float32) for vectors in self.embed_half(sentences)]

    def embed_half(self, sentences: Sequence[Tokens]) -> list[HalfArray]:
        """The same as they are stored: float16 (T_i, dim)."""
        known = self._cache.get_many(self.fingerprint, sentences, are_whole=self._is_of_texts)
        missing = [tokens for tokens, vectors in zip(sentences, known, strict=True) if vectors is None]
        if not missing:
            return [vectors for vectors in known if vectors is not None]
        computed = [vectors.astype(np.float16) for vectors in self._embedder.embed(missing)]
        self._cache.put_many(self.fingerprint, missing, computed)
        following = iter(computed)
        return [next(following) if vectors is None else vectors for vectors in known]

    def missing(self, sentences: Sequence[Tokens]) -> list[int]:
        """Positions of the sentences whose vectors are not in the cache."""
        return self._cache.missing(self.fingerprint, sentences)


def _key(fingerprint: str, tokens: Tokens) -> bytes:
    return hashlib.blake2b("\x1f".join((fingerprint, *tokens)).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _encode(vectors: HalfArray) -> bytes:
    data = np.ascontiguousarray(vectors).tobytes()
    return _HEADER.pack(zlib.crc32(data), vectors.shape[1]) + data


def _decode(value: memoryview | None, num_tokens: int) -> HalfArray | None:
    """The vectors, copied out of the map; None if they are missing or damaged."""
    if value is None or len(value) < _HEADER.size:
        return None
    checksum, dim = _HEADER.unpack_from(value)
    data = value[_HEADER.size :]
    if zlib.crc32(data) != checksum or len(data) != num_tokens * dim * 2:
        return None
    return np.frombuffer(data, np.float16).reshape(num_tokens, dim).copy()


def _check_not_truncated(environment: lmdb.Environment, path: Path) -> None:
    """Raises an error before a page beyond the end of the file is read, which would kill the process (SIGBUS)."""
    expected_bytes = (environment.info()["last_pgno"] + 1) * environment.stat()["psize"]
    if path.stat().st_size < expected_bytes:
        raise lmdb.CorruptedError(f"{path} is shorter than the {expected_bytes} bytes that it says it has")
