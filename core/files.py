"""Writing files that other processes may be reading."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file so that others see all of it or what was there before.

    Raises:
        OSError: It cannot be written; nothing is left of it.
    """
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
