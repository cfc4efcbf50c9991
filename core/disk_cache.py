"""Results that take seconds to compute, kept as files in the data folder; any of them may be deleted at any time.

Vectors of single reviews are kept elsewhere, see `core.embedders.cache`: a run has thousands of them, too many for a file each.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pandas as pd
from pyarrow import feather

from core.errors import UserError
from core.files import write_atomically
from core.settings import Settings

# Folders in the data folder, and the bytes that each may hold.
MAX_BYTES = {
    "cache/counts": 1024**3,  # tables over whole datasets, some megabytes each
    "cache/challenges": 1024**3 // 4,  # answers to suites, some kilobytes each
    "neighbours": 1024**3,  # indices of words in reviews, up to a hundred megabytes each
    "vectors": 16 * 1024**3,  # parsed word vectors, 2.5 GB for the two million words of the largest released files
}

_CHECKSUM_LEN = hashlib.sha256().digest_size


def cache_key(*parts: str, code: Iterable[ModuleType] = ()) -> str:
    """Thirty-two hexadecimal digits that differ as soon as anything does that a result depends on.

    Args:
        parts: Content, options and versions.
        code: Modules that compute the result; another version of their source gives another key.
    """
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16)
    for module in code:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()


class DiskCache:
    """A folder of results, bounded in size; what was not used for longest is deleted first.

    Nothing in it is worth an error: a damaged result counts as missing, and where the folder cannot be used nothing is kept.

    Args:
        folder: One of `MAX_BYTES`.
        settings: Where the data folder is.

    Example:
        >>> cache = DiskCache("cache/counts", settings)
        >>> cache.save("words", b"42")
        >>> cache.load("words")
        b'42'
    """

    def __init__(self, folder: str, settings: Settings) -> None:
        self._folder = folder
        self._settings = settings

    def load(self, name: str) -> bytes | None:
        """What was saved under a name; None if it is missing or damaged."""
        try:
            content = (self.folder() / name).read_bytes()
        except (UserError, OSError):
            return None
        checksum, data = content[:_CHECKSUM_LEN], content[_CHECKSUM_LEN:]
        if hashlib.sha256(data).digest() != checksum:
            return None
        self.mark_used(name)
        return data

    def save(self, name: str, data: bytes) -> None:
        """Keep data under a name, whole or not at all, and make room for it."""
        with suppress(UserError, OSError):
            write_atomically(self.folder() / name, hashlib.sha256(data).digest() + data)
            self.make_room()

    def folder(self) -> Path:
        """The folder itself, for results that are not read into memory: files and folders that are opened in place.

        Raises:
            UserError: It cannot be made or written.
        """
        return self._settings.folder(self._folder)

    def mark_used(self, name: str) -> None:
        """Count a result as the newest."""
        with suppress(UserError, OSError):
            os.utime(self.folder() / name)

    def make_room(self) -> None:
        """Delete what was not used for longest, as far as all results are too large together; the newest one stays."""
        found = []
        for path in self.folder().glob("[!.]*"):  # what begins with a dot is still being written
            with suppress(OSError):  # another process deletes too
                found.append((path.stat().st_mtime_ns, _size_bytes(path), path))
        total_bytes = 0
        for position, (_, size_bytes, path) in enumerate(sorted(found, reverse=True)):
            total_bytes += size_bytes
            if position and total_bytes > MAX_BYTES[self._folder]:
                _delete(path)


def cached_table(
    name: str, compute: Callable[[], pd.DataFrame], *, parts: Iterable[str], code: Iterable[ModuleType], settings: Settings
) -> pd.DataFrame:
    """The table that `compute` gives, with its `attrs`; computed once for the same parts and the same code.

    Args:
        name: Of the file, before its key.
        compute: Gives columns of numbers or strings.
        parts: See `cache_key`.
        code: See `cache_key`.
        settings: Where the data folder is.
    """
    cache = DiskCache("cache/counts", settings)
    file_name = f"{name}-{cache_key(*parts, code=code)}"
    if (data := cache.load(file_name)) is not None:
        cached: pd.DataFrame = feather.read_feather(io.BytesIO(data))
        return cached
    table = compute()
    buffer = io.BytesIO()
    feather.write_feather(table, buffer, compression="zstd")
    cache.save(file_name, buffer.getvalue())
    return table


def _size_bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink()
