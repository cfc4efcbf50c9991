"""Small files of vectors."""

from __future__ import annotations

import gzip
from pathlib import Path

GLOVE = b"the 0.1 0.2 0.3\nfilm -1 2.5e-1 3\n. . . 7 8 9\n"
MUSE = b"3 3\n" + GLOVE


def zipped(data: bytes) -> bytes:
    """Without the time, so that the names of the tests are the same every time."""
    return gzip.compress(data, mtime=0)


def write(folder: Path, data: bytes, name: str = "vectors.txt") -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)
