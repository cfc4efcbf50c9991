"""Tables that take seconds to count, kept in the cache folder in Arrow's format; safe to delete at any time."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pandas as pd
from pyarrow import ArrowInvalid, feather

from core.errors import UserError
from core.files import write_whole
from core.settings import Settings


def cached_table(
    name: str, count: Callable[[], pd.DataFrame], *, of: Iterable[str], code: Iterable[ModuleType], settings: Settings
) -> pd.DataFrame:
    """The table that `count` gives, with its `attrs`; counted once for the same content and the same code.

    Args:
        name: Of the file, before its key.
        count: Gives columns of numbers or strings.
        of: Everything that is counted, and everything else that the table depends on.
        code: Modules that count; a table of another version of them is counted anew.
        settings: Where the cache folder is. Where it cannot be used, nothing is kept.
    """
    digest = hashlib.sha256()
    for part in of:
        digest.update(f"{len(part)}:{part}".encode())
    for module in code:
        digest.update(Path(str(module.__file__)).read_bytes())
    try:
        path = settings.folder("cache/counts") / f"{name}-{digest.hexdigest()[:32]}.arrow"
    except UserError:
        return count()
    with suppress(OSError, ArrowInvalid):  # it is not there yet, or damaged
        kept: pd.DataFrame = feather.read_feather(path)
        return kept
    table = count()
    data = io.BytesIO()
    feather.write_feather(table, data, compression="zstd")
    with suppress(OSError):
        write_whole(path, data.getvalue())
    return table
