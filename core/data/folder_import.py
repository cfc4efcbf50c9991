"""Reviews as text files in folders `neg` and `pos`, as the full IMDB set is released (aclImdb, unpacked or as .tar.gz)."""

from __future__ import annotations

import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from core.errors import UserError

_REVIEW = re.compile(r"(?:^|/)(neg|pos)/[^/]+\.txt$")
_ARCHIVES = (".tar", ".tar.gz", ".tgz")
_LARGEST_REVIEW_BYTES = 2**20
_LARGEST_SET_BYTES = 2**30  # the full IMDB set has 66 million bytes; a hostile archive may unpack to anything


def has_labelled_files(path: Path) -> bool:
    """Whether a path is a folder or, by its name, a tar archive."""
    return path.is_dir() or (path.name.endswith(_ARCHIVES) and path.is_file())


def read_labelled_files(path: Path) -> bytes:
    """The reviews as a CSV with columns `text` and `label` (neg, pos); nothing is unpacked to disk.

    Args:
        path: A folder or a tar archive, with `neg/*.txt` and `pos/*.txt` at any depth.

    Raises:
        UserError: The path has no such files, cannot be read, or is far larger than any set of reviews.
    """
    rows: list[tuple[str, str]] = []
    num_bytes = 0
    try:
        for name, data in _files_of_folder(path) if path.is_dir() else _files_of_archive(path):
            num_bytes += len(data)
            if len(data) > _LARGEST_REVIEW_BYTES or num_bytes > _LARGEST_SET_BYTES:
                raise UserError(
                    f"{name} in {path} is too large for a review, or all files together are; remove what is not a review.",
                    code="reviews-too-large",
                )
            rows.append((data.decode(errors="replace"), Path(name).parent.name))
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise UserError(
            f"The reviews in {path} cannot be read ({error}); get the folder or archive again.", code="reviews-unreadable"
        ) from error
    if not rows:
        raise UserError(
            f"There are no reviews in {path}; give a folder or archive with files neg/*.txt and pos/*.txt.",
            code="reviews-missing",
        )
    return pd.DataFrame(rows, columns=["text", "label"]).to_csv(index=False).encode()


def _files_of_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*.txt")):
        if _REVIEW.search(path.as_posix()):
            with path.open("rb") as file:
                yield str(path.relative_to(folder)), file.read(_LARGEST_REVIEW_BYTES + 1)


def _files_of_archive(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as members:  # as a stream, "r|*", a truncated one would end without an error
        for member in members:
            file = members.extractfile(member) if member.isfile() and _REVIEW.search(member.name) else None
            if file:
                yield member.name, file.read(_LARGEST_REVIEW_BYTES + 1)
