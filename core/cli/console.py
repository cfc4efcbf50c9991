"""What every command needs of the terminal: a progress bar on stderr, silence while TensorFlow loads, the program's own name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

EXIT_CANCELLED = 130  # what shells report after Ctrl-C


def program() -> str:
    """How this program was started, for sentences that say what to type next."""
    return "elmo-lens" if Path(sys.argv[0]).stem == "elmo-lens" else "python -m core"


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
