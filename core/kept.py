"""Tables that take seconds to count, kept in the cache folder as plain arrays; safe to delete at any time."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import UserError
from core.files import write_whole
from core.settings import Settings

_TEXT = "text:"  # before the name of a column of strings, which is one line per row


def kept_table(
    name: str, count: Callable[[], pd.DataFrame], *, of: Iterable[str], code: Iterable[ModuleType], settings: Settings
) -> pd.DataFrame:
    """The table that `count` gives; counted once for the same content and the same code.

    Args:
        name: Of the file, before its key.
        count: Gives columns of numbers, or of strings without a new line.
        of: Everything that is counted, and everything else that the table depends on.
        code: Modules that count; a table of another version of them is counted anew.
        settings: Where the cache folder is. Where it cannot be used, nothing is kept.
    """
    digest = hashlib.sha256()
    for part in of:
        digest.update(f"{len(part)}:{part}".encode())
    for module in code:
        digest.update(Path(str(module.__file__)).read_bytes())
    with suppress(UserError, OSError):
        path = settings.folder("cache/counts") / f"{name}-{digest.hexdigest()[:32]}.npz"
        # It is not there yet, or damaged.
        with suppress(FileNotFoundError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
            return _read(path)
        table = count()
        _write(path, table)
        return table
    return count()


def _read(path: Path) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    data = io.BytesIO(path.read_bytes())  # NumPy leaves a damaged file open
    with np.load(data, allow_pickle=False) as arrays:
        for name in arrays.files:
            if name.startswith(_TEXT):
                columns[name.removeprefix(_TEXT)] = arrays[name].tobytes().decode().split("\n")[:-1]
            else:
                columns[name] = arrays[name]
    return pd.DataFrame(columns)


def _write(path: Path, table: pd.DataFrame) -> None:
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, values in table.items():
        if pd.api.types.is_numeric_dtype(values):
            arrays[str(name)] = values.to_numpy()
        else:
            lines = "".join(f"{value}\n" for value in values)
            arrays[f"{_TEXT}{name}"] = np.frombuffer(lines.encode(), np.uint8)
    data = io.BytesIO()
    np.savez_compressed(data, allow_pickle=False, **arrays)
    write_whole(path, data.getvalue())
