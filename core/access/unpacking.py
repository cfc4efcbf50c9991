"""Packed files, bounded by what comes out of them: a megabyte can hold gigabytes of zeros."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO

from core.errors import UserError

_ALWAYS_BYTES = 2**25  # what any packed file may hold
_RATIO = 25  # of text, which packs to a third, and to a tenth where much of it is repeated


def most_unpacked_bytes(packed_bytes: int, most_bytes: int) -> int:
    """How much may come out of so many packed bytes.

    Args:
        packed_bytes: Size of the packed file.
        most_bytes: How much may come out of any file.
    """
    return min(most_bytes, max(_ALWAYS_BYTES, _RATIO * packed_bytes))


class BoundedReader(io.RawIOBase):
    """Reads another stream up to a position, wherever a reader of archives jumps to.

    Args:
        stream: The unpacked bytes; whoever opened it closes it.
        max_bytes: The last position that may be read.
        too_large: Makes the error for a stream that goes on.
    """

    def __init__(self, stream: IO[bytes], max_bytes: int, too_large: Callable[[], UserError]) -> None:
        self._stream, self._max_bytes, self._too_large = stream, max_bytes, too_large

    def readable(self) -> bool:
        """As every stream that is read."""
        return True

    def seekable(self) -> bool:
        """As the stream inside."""
        return self._stream.seekable()

    def tell(self) -> int:
        """The position in the stream."""
        return self._stream.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to a position; packed streams read up to it.

        Raises:
            UserError: It is too far.
        """
        if whence == io.SEEK_SET and offset > self._max_bytes:
            raise self._too_large()
        return self._checked(self._stream.seek(offset, whence))

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes, all there are if it is negative.

        Raises:
            UserError: The stream is longer than it may be.
        """
        room = max(0, self._max_bytes - self.tell()) + 1
        data = self._stream.read(room if size < 0 else min(size, room))
        self._checked(self.tell())
        return data

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Reads into a buffer, as `io.BufferedReader` does; raises as `read`."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _checked(self, position: int) -> int:
        if position > self._max_bytes:
            raise self._too_large()
        return position
