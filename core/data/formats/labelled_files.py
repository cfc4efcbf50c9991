"""Files in a folder or an archive, and the reviews among them: text files in `neg` and `pos`, as the full IMDB set has them."""

from __future__ import annotations

import io
import os
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import pandas as pd

from core.data.formats.text_encoding import DecodedText, decode_text
from core.errors import UserError

MAX_BYTES = 2**29  # of one file; the largest well-known CSV of reviews, Sentiment140, has 239 million
MAX_ALL_BYTES = 2**32  # of all files together, reviews or not; a hostile archive may unpack to anything
_MAX_FILES = 500_000  # the full IMDB set has 100,000
_MAX_REVIEW_BYTES = 2**20
_REVIEW = re.compile(r"(?:^|/)(neg|pos|negative|positive)/[^./][^/]*\.txt$", re.IGNORECASE)


@dataclass(frozen=True)
class PackedFile:
    """A file in a folder or an archive.

    Attributes:
        name: Its path in there, with "/".
        size_bytes: Unpacked, as the archive says.
        open: Opens it to read bytes.
    """

    name: str
    size_bytes: int
    open: Callable[[], io.FileIO | IO[bytes] | None]

    def read_all(self, max_bytes: int = MAX_BYTES) -> bytes:
        """The whole file.

        Raises:
            UserError: It is larger than that, whatever the archive says.
        """
        data, file = b"", self.open()
        if file:
            with file:
                data = file.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise UserError(
                f"A file among them is larger than {max_bytes // 2**20:,} MB; remove it or keep a part of it.",
                code="reviews-too-large",
            )
        return data


def files_of_folder(folder: Path) -> Iterator[PackedFile]:
    """All ordinary files below a folder; what is a pipe or a device is left alone."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for path in (Path(parent) / name for name in sorted(names)):
            if path.is_file():
                yield PackedFile(path.relative_to(folder).as_posix(), path.stat().st_size, partial(io.FileIO, path))


def files_of_tar(stream: IO[bytes]) -> Iterator[PackedFile]:
    """All files of a tar archive that is unpacked as it is read; nothing is written to disk."""
    stream.seek(0)
    with tarfile.TarFile(fileobj=stream) as archive:
        for member in archive:
            if member.isfile():
                yield PackedFile(member.name, member.size, partial(archive.extractfile, member))


def files_of_zip(data: bytes) -> Iterator[PackedFile]:
    """All files of a zip archive; nothing is unpacked to disk.

    Raises:
        UserError: A password protects them.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.flag_bits & 1:
                raise UserError(
                    "A password protects the archive; unpack it and choose the file inside.", code="archive-protected"
                )
            if not info.is_dir():
                yield PackedFile(info.filename, info.file_size, partial(archive.open, info))


def read_labelled(
    files: Iterable[PackedFile], max_bytes: int = MAX_ALL_BYTES
) -> tuple[pd.DataFrame, DecodedText | None, list[str]]:
    """The reviews among files, as a table with the columns `text` and `label`: the names of their folders.

    Args:
        files: Of a folder or an archive.
        max_bytes: How large all of them together may be.

    Returns:
        The table, empty if there are no reviews; how the texts are encoded; and the names of the other files.

    Raises:
        UserError: A review or everything together is too large, or the texts are not text.
    """
    labels, contents, others, num_bytes = [], [], [], 0
    for number, file in enumerate(files, start=1):
        num_bytes += file.size_bytes
        if num_bytes > max_bytes or number > _MAX_FILES:
            raise UserError(
                "There are far too many or too large files for a set of reviews; give the folder with neg and pos alone.",
                code="reviews-too-large",
            )
        if (place := _REVIEW.search(file.name)) is None:
            others.append(file.name)
            continue
        labels.append(place[1].casefold()[:3])
        contents.append(file.read_all(_MAX_REVIEW_BYTES))
    if not contents:
        return pd.DataFrame(columns=["text", "label"]), None, others
    decoded = decode_text(b"\n".join(content for content in contents if not content.isascii()))
    texts = [content.decode(decoded.encoding, "replace") for content in contents]
    return pd.DataFrame({"text": texts, "label": labels}, dtype=str), decoded, others
