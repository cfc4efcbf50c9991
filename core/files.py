"""Writing files: those that other processes may be reading, and those that a person asked for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from core.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).parents[1]  # the folder that holds core, assets and requirements.txt

PRIVATE = 0o600  # the mode of a file that its owner alone reads and writes
_USUAL = 0o666  # the mode of other files, from which the system takes what its user has set

_LONGEST_SHOWN = 80  # characters of a path that cannot be one

# What separates cells in another setting of a spreadsheet may come before, and full-width signs count as the usual ones.
_FORMULA = re.compile(r"[\t\r\n]|[\s\x00-\x1f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\"',;]*[=+\-@＝＋－＠]")


def write_atomically(path: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Writes a file that other processes may be reading: they see either the old content or the whole new one.

    Args:
        path: Of the file.
        data: Its content.
        mode: Who may read and write it; by default, this user.

    Raises:
        OSError: It cannot be written; the old content is still there.
    """
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode), "wb") as file:
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
    if path.is_dir() or not path.parent.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
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


def require_new_file(path: Path, *, replace: bool) -> None:
    """Checks, before the work whose result goes there, that a file can be written and that nothing is lost by it.

    Raises:
        UserError: It cannot be written, or something is there that nobody allowed to replace.
    """
    require_writable(path)
    if path.exists() and not (replace and path.is_file()):
        raise UserError(f"{path} is there already; give another name, or --replace to replace it.", code="file-exists")


def make_folder(path: Path) -> None:
    """Makes a folder that a person named, before the work that fills it; it may be there already.

    Raises:
        UserError: It cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The folder {path} cannot be made ({error.strerror}); give one that you can write to.", code="folder-not-made"
        ) from error


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file that a person named, as it is and at once.

    Raises:
        UserError: It cannot be written; what was there before still is.
    """
    try:
        write_atomically(path, content.encode() if isinstance(content, str) else content, mode=_USUAL)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror}); give a file in a folder that you can write to.",
            code="file-not-writable",
        ) from error


def to_csv(frame: pd.DataFrame) -> str:
    """The table without its index as CSV; a text that a spreadsheet would take for a formula begins with an apostrophe.

    Reviews and names come from people, and `=HYPERLINK(…)` in one of them would be run where the file is opened; some
    spreadsheets drop blanks and signs that cannot be seen before they look. Numbers are written as they are. Lines end as
    RFC 4180 has it; so a carriage return in a text is quoted too.

    Reference: OWASP, CSV injection.
    """
    guarded = frame.map(_guarded)
    return guarded.set_axis([_guarded(column) for column in frame], axis="columns").to_csv(index=False, lineterminator="\r\n")


def _guarded(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
