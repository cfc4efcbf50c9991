"""Text files of word vectors as GloVe, fastText and MUSE write them: a word and its numbers on each line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from core.arrays import FloatArray
from core.embedders.vector_files import ArrayWriter
from core.errors import UserError

_LARGEST = float(np.finfo(np.float32).max)
_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGIC = b"PK\x03\x04"
_CONTROL_BYTES = frozenset(range(32)) - frozenset(b"\t\n\v\f\r")  # binary numbers are full of them
_LONGEST_LINE_BYTES = 2**20  # a line of a broken or hostile file may have gigabytes
_ADVICE = "correct the file or get it again (it must be GloVe, fastText or MUSE text, plain or .gz)"


def parse_text(path: Path, name: str, folder: Path) -> str:
    """Turns a text file of vectors into arrays.

    Args:
        path: The file, gzipped or not.
        name: Its name in errors.
        folder: Where to write the arrays.

    Returns:
        Their fingerprint.

    Raises:
        UserError: The file is binary, empty, truncated or broken; the sentence has the number of the line.
    """
    with path.open("rb") as plain:
        magic = plain.read(4)
        plain.seek(0)
        if magic == _ZIP_MAGIC:
            raise UserError(
                f"The vectors file {name} is a zip archive; unpack it and give the text file inside.", code="vectors-zip"
            )
        file = gzip.GzipFile(fileobj=plain) if magic.startswith(_GZIP_MAGIC) else plain
        # Lines of bytes: in text, words such as a no-break space or a line separator would end a field or a line.
        lines = iter(lambda: file.readline(_LONGEST_LINE_BYTES), b"")
        try:
            if _CONTROL_BYTES.intersection(file.read(4096)):
                raise UserError(
                    f"The vectors file {name} is binary; get its text form (.vec or .txt, plain or .gz).", code="vectors-binary"
                )
            file.seek(0)
            return _parse_lines(lines, name, folder)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UserError(
                f"The gzip file {name} is damaged or truncated ({error}); get it again.", code="vectors-gzip-damaged"
            ) from error


def _parse_lines(lines: Iterable[bytes], name: str, folder: Path) -> str:
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    first_number, first_line = next(numbered, (0, b""))
    head = first_line.split()
    if not head:
        raise UserError(f"The vectors file {name} is empty; {_ADVICE}.", code="vectors-empty")
    has_header = len(head) == 2 and all(field.isdigit() for field in head)  # "count width", as fastText and MUSE write
    dim = int(head[1]) if has_header else len(head) - 1
    if dim < 1:
        raise _broken(f"Line {first_number} of {name}", "it has no numbers")
    with ArrayWriter(folder, dim) as writer:
        if not has_header:
            writer.add(*_parse_line(first_line, dim, where=f"Line {first_number} of {name}"))
        for number, line in numbered:
            writer.add(*_parse_line(line, dim, where=f"Line {number} of {name}"))
    if not writer.num_rows:
        raise UserError(f"The vectors file {name} has no vectors; {_ADVICE}.", code="vectors-empty")
    if has_header and writer.num_rows != int(head[0]):
        raise UserError(
            f"The vectors file {name} has {writer.num_rows} vectors where its first line says {int(head[0])}; "
            "it may be truncated: get it again.",
            code="vectors-truncated",
        )
    return writer.fingerprint


def _parse_line(line: bytes, dim: int, *, where: str) -> tuple[list[str], FloatArray]:
    """A word, which may contain spaces, and its vector, float32 (1, dim)."""
    # The released GloVe 840B has words such as ". . ." and "at name@domain.com": the numbers are the last `dim` fields.
    word, *fields = line.rsplit(None, dim)
    if len(fields) != dim:
        raise _broken(where, f"it has {len(fields)} numbers instead of {dim}")
    if b" " in word and _is_number(word.rsplit(None, 1)[-1]):
        raise _broken(where, f"it has more than {dim} numbers")
    try:
        vector = np.array([float(field) for field in fields])  # (dim,)
    except ValueError as error:
        raise _broken(where, "one of its fields is not a number") from error
    if not (np.abs(vector) <= _LARGEST).all():
        raise _broken(where, "not all of its numbers are finite")
    # A few words in fastText's files end inside a character; fastText's own loader drops the broken bytes, too.
    return [word.decode(errors="ignore")], vector.astype(np.float32)[np.newaxis]


def _broken(where: str, what: str) -> UserError:
    return UserError(f"{where} is broken: {what}; {_ADVICE}.", code="vectors-line-broken")


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True
