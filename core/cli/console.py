"""The command line's standard error: a progress bar, and silence while TensorFlow is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn


@contextmanager
def progress_bar() -> Iterator[Callable[[float, str, str], None]]:
    """A bar that vanishes at the end, and is none where nobody looks: in a file or a pipe.

    Yields:
        Draws it: the fraction that is done, what goes on now, and details.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %  {task.fields[detail]}"))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=1.0, detail="")
        yield lambda fraction, now, detail: bar.update(task, completed=fraction, description=now, detail=detail)


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """TensorFlow 2.21 prints when it is imported, whatever its settings say, until it has no stderr."""
    sys.stderr.flush()
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
