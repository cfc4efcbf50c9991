"""Small files of vectors."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

GLOVE = b"the 0.1 0.2 0.3\nfilm -1 2.5e-1 3\n. . . 7 8 9\n"
MUSE = b"3 3\n" + GLOVE
WORD2VEC = b"3 3\n" + b"".join(
    word + b" " + np.array(vector, "<f4").tobytes() + b"\n"
    for word, vector in [(b"the", [0.1, 0.2, 0.3]), (b"film", [-1, 0.25, 3]), (b"...", [7, 8, 9])]
)


def zipped(data: bytes) -> bytes:
    """Without the time, so that the names of the tests are the same every time."""
    return gzip.compress(data, mtime=0)


def archived(files: dict[str, bytes], *, mode: str) -> bytes:
    """A zip archive, or a tar archive compressed as `mode` says."""
    buffer = io.BytesIO()
    if mode == "zip":
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name), data)
        return buffer.getvalue()
    with tarfile.open(fileobj=buffer, mode="w") as members:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            members.addfile(member, io.BytesIO(data))
    packers: dict[str, Callable[[bytes], bytes]] = {"tar": bytes, "gz": zipped, "bz2": bz2.compress, "xz": lzma.compress}
    return packers[mode](buffer.getvalue())


def write(folder: Path, data: bytes, name: str = "vectors.txt") -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


def many(num_words: int = 300, dim: int = 4, *, scale: float = 1.0) -> list[bytes]:
    """Lines of words w0, w1, … with random numbers."""
    vectors = np.random.default_rng(0).normal(scale=scale, size=(num_words, dim))
    return [f"w{row} {' '.join(f'{number:.8g}' for number in vector)}\n".encode() for row, vector in enumerate(vectors)]
