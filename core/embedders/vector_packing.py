"""Files of vectors however they are packed: plain, gzip, bzip2, xz, zip or tar."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, cast

from core.access.unpacking import BoundedReader, most_unpacked_bytes
from core.errors import UserError

PACKED_SUFFIXES = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tar", ".zip", ".gz", ".bz2", ".xz")

_ZIP_MAGIC = b"PK\x03\x04"
_OPENERS: dict[bytes, Callable[[IO[bytes]], Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
_TAR_MAGIC_AT = 257
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError, NotImplementedError)
_BUFFER_BYTES = 2**16
_MAX_UNPACKED_BYTES = 16 * 2**30


@contextmanager
def open_unpacked(path: Path, name: str) -> Iterator[io.BufferedReader]:
    """The bytes of the one file of vectors in a file that may be packed.

    Args:
        path: The file.
        name: Its name in errors.

    Raises:
        UserError: It is damaged, an archive with none or several files, or far larger unpacked than such files are.
    """
    try:
        with ExitStack() as stack:
            yield io.BufferedReader(cast("io.RawIOBase", _open(path, name, stack)), _BUFFER_BYTES)
    except _DAMAGE as error:
        raise _damaged(name) from error
    except OSError as error:
        if error.errno is None:  # bz2's way to say so
            raise _damaged(name) from error
        raise


def _open(path: Path, name: str, stack: ExitStack) -> IO[bytes] | BoundedReader:
    file = stack.enter_context(path.open("rb"))
    max_bytes = most_unpacked_bytes(path.stat().st_size, _MAX_UNPACKED_BYTES)

    def bounded(stream: IO[bytes]) -> BoundedReader:
        return BoundedReader(stream, max_bytes, lambda: _too_large(name, max_bytes))

    magic = file.read(8)
    file.seek(0)
    if magic.startswith(_ZIP_MAGIC):
        archive = stack.enter_context(zipfile.ZipFile(file))
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        found = _only_one([entry.filename for entry in entries], name)
        if entries[found].header_offset < 0:
            raise zipfile.BadZipFile("its list of files is wrong")
        if entries[found].flag_bits & 1:
            raise UserError(f"The archive {name} has a password; unpack it and give the file inside.", code="vectors-password")
        return bounded(stack.enter_context(archive.open(entries[found])))
    packed = next((opener for signature, opener in _OPENERS.items() if magic.startswith(signature)), None)
    stream = bounded(stack.enter_context(packed(file))) if packed else file
    is_tar = stream.read(_TAR_MAGIC_AT + 5).endswith(b"ustar")
    stream.seek(0)
    if not is_tar:
        return stream
    members = stack.enter_context(tarfile.TarFile(fileobj=cast("IO[bytes]", stream)))
    files = [member for member in members if member.isfile()]
    extracted = members.extractfile(files[_only_one([member.name for member in files], name)])
    if extracted is None:
        raise tarfile.ReadError("its file cannot be read")
    return extracted


def _only_one(names: Sequence[str], archive: str) -> int:
    """Position of the only file that is not hidden and not a text about the others."""
    shown = [
        position
        for position, path in enumerate(names)
        if not Path(path).name.startswith((".", "_")) and "__MACOSX" not in path and "readme" not in path.lower()
    ]
    if len(shown) != 1:
        raise UserError(
            f"The archive {archive} has {len(shown)} files that may be vectors; unpack it and give one of them.",
            code="vectors-several-files",
        )
    return shown[0]


def _damaged(name: str) -> UserError:
    return UserError(f"The packed file {name} is damaged or cut short; get it again.", code="vectors-packed-damaged")


def _too_large(name: str, max_bytes: int) -> UserError:
    return UserError(
        f"The packed file {name} holds more than {max_bytes // 2**20:,} MB, far more than vectors in a file of its size; unpack "
        "it and give the file inside.",
        code="vectors-too-large",
    )
