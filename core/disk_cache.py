"""Results that take seconds to compute, kept as files in the data folder; any of them may be deleted at any time.

Vectors of single reviews are kept elsewhere, see `core.embedders.cache`: a run has thousands of them, too many for a file each.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from core.errors import UserError
from core.files import write_atomically
from core.scratch import ScratchFolder, remove_abandoned_scratch
from core.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

try:
    import fcntl
except ImportError:  # not on Windows, where nothing that a process holds can be told from what it does not
    fcntl = None  # type: ignore[assignment]

# Folders in the data folder, and the bytes that each may hold.
MAX_BYTES = {
    "cache/counts": 1024**3,  # tables over whole datasets, some megabytes each
    "cache/challenges": 1024**3 // 4,  # answers to suites, some kilobytes each
    "neighbours": 1024**3,  # indices of words in reviews, up to a hundred megabytes each
    "vectors": 16 * 1024**3,  # parsed word vectors, 2.5 GB for the two million words of the largest released files
    "hub": 4 * 1024**3,  # downloaded ELMo modules, up to 700 MB each
}
_OTHER_FOLDERS = ("", "cache", "datasets", "datasets/deleted")  # in which something may be left half written
_LEFTOVERS = (".*.part", ".parsing-*", "*.thrown-away", "*.tmp")
_LEFTOVER_AFTER_S = 24 * 3600.0

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

    def hold(self, name: str) -> None:
        """Keep a result, whether it is there yet or not, from being deleted by any process as long as this one lives.

        Args:
            name: Without dots; a result of the same name with anything after a dot is held, too.
        """
        with suppress(UserError, OSError):
            lock = self.folder() / f".{name}.in-use"
            if fcntl and lock not in _held:
                descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT, 0o600)
                fcntl.flock(descriptor, fcntl.LOCK_SH)
                _held[lock] = descriptor

    def make_room(self) -> None:
        """Delete what was not used for longest, as far as all results are too large together; the newest one stays."""
        found = []
        for path in self._results():
            with suppress(OSError):  # another process deletes too
                found.append((path.stat().st_mtime_ns, _size_bytes(path), path))
        total_bytes = 0
        for position, (_, size_bytes, path) in enumerate(sorted(found, reverse=True)):
            total_bytes += size_bytes
            if position and total_bytes > MAX_BYTES[self._folder]:
                _delete_unless_held(path)

    def size_bytes(self) -> int:
        """Bytes on disk."""
        return sum(_size_bytes(path) for path in self._results())

    def clear(self) -> None:
        """Delete everything that no process holds."""
        for path in self._results():
            _delete_unless_held(path)

    def _results(self) -> list[Path]:
        return sorted(self.folder().glob("[!.]*"))  # what begins with a dot is still being written, or a lock


def remove_leftovers(settings: Settings) -> None:
    """Delete what killed programs have left: scratch folders, and what is half written in the data folder.

    The latter goes once nothing in it has changed for a day, as nobody can tell whether its program lives.
    """
    remove_abandoned_scratch()
    before_s = time.time() - _LEFTOVER_AFTER_S
    for folder in (*_OTHER_FOLDERS, *MAX_BYTES):
        for pattern in _LEFTOVERS:
            for path in (settings.data_dir / folder).glob(pattern):
                with suppress(OSError):  # another process deletes too
                    if max(part.stat().st_mtime for part in (path, *path.rglob("*"))) < before_s:
                        _delete_unless_held(path)


@contextmanager
def writable_caches(settings: Settings) -> Iterator[Settings]:
    """The settings, or, if the data folder cannot be written, others whose data folder leads to all that is cached in it.

    What is computed then goes at the end of the block, so it is for loading things into memory.
    """
    if not settings.is_read_only:
        yield settings
        return
    with ScratchFolder() as scratch:
        for folder in MAX_BYTES:
            (Path(scratch) / folder).mkdir(parents=True)
            for path in (settings.data_dir / folder).absolute().glob("*"):
                (Path(scratch) / folder / path.name).symlink_to(path)
        yield settings.model_copy(update={"data_dir": Path(scratch)})


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
    from pyarrow import feather  # noqa: PLC0415 - a command that caches no table starts without it

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


_held: dict[
    Path, int
] = {}  # descriptors, open as long as the process lives, whose locks say to other processes what this one uses


def _size_bytes(path: Path) -> int:
    """Bytes of a file or of all files in a folder; another process may be deleting them."""
    size_bytes = 0
    for file in (path, *path.rglob("*")):
        with suppress(OSError):
            size_bytes += file.stat().st_size if file.is_file() else 0
    return size_bytes


def _delete_unless_held(path: Path) -> None:
    with _locked_for_deletion(path) as is_free:
        if not is_free:
            return
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
            return
        with suppress(OSError):
            path.unlink()


@contextmanager
def _locked_for_deletion(path: Path) -> Iterator[bool]:
    """Whether no process, this one included, holds a result; none can begin to as long as this lasts."""
    lock = path.with_name(f".{path.name.partition('.')[0]}.in-use")
    if not lock.exists():
        yield True
        return
    with lock.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
