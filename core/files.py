"""Writing files: those that other processes may be reading, and those that a person asked for."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from core.errors import UserError

ROOT = Path(__file__).parents[1]  # the folder that holds core, assets and requirements.txt

PRIVATE = 0o600  # the mode of a file that its owner alone reads and writes

_LONGEST_SHOWN = 80  # characters of a path that cannot be one


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file that other processes of this user may be reading: they see either the old content or the whole new one.

    Raises:
        OSError: It cannot be written; the old content is still there.
    """
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), PRIVATE), "wb") as file:
            file.write(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def user_path(typed: str) -> Path:
    """The path that somebody typed or pasted: blanks and quotation marks around it are dropped, and `~` is the home folder.

    Raises:
        UserError: No file or folder can have such a path.
    """
    text = typed.strip()
    for quote in "\"'":
        if len(text) > 1 and text[0] == text[-1] == quote:
            text = text[1:-1].strip()
    try:
        path = Path(text).expanduser()
        path.exists()
    except (OSError, RuntimeError, ValueError) as error:  # a name that is too long, ~nobody, a zero byte
        shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"The path {shown!r} cannot be used ({reason}); give the path of a file or folder.",
            code="path-unusable",
        ) from error
    return path


def require_writable(path: Path) -> None:
    """Checks that a file can be written, before the work whose result goes there.

    Raises:
        UserError: It cannot.
    """
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UserError(
            f"{path} cannot be written; give a file in a folder that exists and that you can write to.", code="file-not-writable"
        )


def write_result(path: Path, text: str) -> None:
    """Writes text and a final line break to a file that a person named.

    Raises:
        UserError: It cannot be written.
    """
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror}); give a file in a folder that you can write to.",
            code="file-not-writable",
        ) from error
