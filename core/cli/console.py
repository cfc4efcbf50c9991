"""What every command needs of the terminal: signs that it can print, a progress bar on stderr, silence while TensorFlow loads."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

EXIT_CANCELLED = 130  # what shells report after Ctrl-C

_PLAIN_SIGNS = {
    **dict.fromkeys("–−‑", "-"),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”„", '"'),
    **{"—": "--", "→": "->", "←": "<-", "×": "x", "…": "...", "·": "-", "•": "-", "±": "+-", "≤": "<=", "≥": ">=", "\u202f": " "},
}


def program() -> str:
    """How this program was started, for sentences that say what to type next."""
    return "elmo-lens" if Path(sys.argv[0]).stem == "elmo-lens" else "python -m core"


def make_everything_printable() -> None:
    """Lets stdout and stderr print any text: signs that their encoding lacks are replaced by plain ones or by a question mark."""
    codecs.register_error("plain signs", _replace_signs)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain signs")


def _replace_signs(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN_SIGNS.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def without_surrogates(argument: str) -> str:
    """An argument as valid text: bytes that the shell's language could not decode are read as UTF-8, what is left is replaced."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        try:
            return os.fsencode(argument).decode(errors="replace")
        except UnicodeEncodeError:  # halves of characters, as Windows passes them on
            return argument.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return argument


@contextmanager
def progress_bar() -> Iterator[Callable[[float, str, str], None]]:
    """Shows a bar that vanishes at the end; in a file or a pipe, where nobody looks, there is none.

    Yields:
        A function that draws the bar: the fraction done, what is running, and details.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %  {task.fields[detail]}"))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=1.0, detail="")
        yield lambda fraction, now, detail: bar.update(task, completed=fraction, description=now, detail=detail)


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Hides stderr while TensorFlow is imported: version 2.21 prints to it whatever its settings say."""
    sys.stderr.flush()
    original = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(original, 2)
        os.close(original)
        os.close(nothing)
