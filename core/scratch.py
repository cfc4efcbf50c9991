"""Temporary folders that go with the program that made them, or with the next one if that program was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows, where such folders stay
    fcntl = None  # type: ignore[assignment]

_PREFIX = "elmo-lens-"
_LOCK = "scratch.in-use"  # locked as long as the program lives that made the folder


class ScratchFolder(tempfile.TemporaryDirectory[str]):
    """A folder in the system's temporary folder, deleted by `cleanup`, at the end of a `with` and with the program.

    Example:
        >>> with ScratchFolder() as name:
        ...     (Path(name) / "words.txt").write_text("a film")
    """

    def __init__(self) -> None:
        super().__init__(prefix=_PREFIX, ignore_cleanup_errors=True)
        new = Path(self.name) / f"{_LOCK}.new"
        self._lock = new.open("wb")
        if fcntl:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        new.rename(new.with_name(_LOCK))  # locked already: at no moment does it look like that of a dead program

    def cleanup(self) -> None:
        """Delete the folder."""
        super().cleanup()
        self._lock.close()


def remove_abandoned_scratch() -> None:
    """Delete the scratch folders of this user's programs that were killed."""
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}") if fcntl else ():
        with suppress(OSError):  # its program lives, it belongs to somebody else, or another program deletes it too
            _remove(lock)


def _remove(lock: Path) -> None:
    """Delete a scratch folder; raises `OSError` as long as its program lives."""
    folder = lock.parent
    with lock.open("r+b") as file:
        if folder.is_symlink() or os.fstat(file.fileno()).st_uid != os.getuid():
            return
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path != lock:
                path.unlink()
        lock.unlink()  # last: without it nobody would know that the rest may go
    folder.rmdir()
