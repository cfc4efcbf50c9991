"""Where ELMo modules lie and which version of one is installed; imports no TensorFlow."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from core.errors import UserError
from core.files import ROOT

BUNDLED = "elmo-mini"
_BUNDLED_FOLDER = ROOT / "assets" / BUNDLED


def module_handle(source: str) -> str:
    """The folder or handle that a source means: "elmo-mini", the folder of a module, or a handle with "://"."""
    return str(_BUNDLED_FOLDER) if source == BUNDLED else source


def require_module(source: str) -> None:
    """Look whether there is a module; nothing is loaded, and a remote handle is believed.

    Raises:
        UserError: There is none.
    """
    handle = module_handle(source)
    if "://" not in handle and not (Path(handle) / "saved_model.pb").is_file():
        raise UserError(
            f"There is no ELMo module at {handle!r} (no saved_model.pb in it); give the folder of a TF-Hub module, "
            f"its https:// handle, or {BUNDLED}."
        )


def module_version(source: str) -> str:
    """What changes when the vectors of a source change.

    Returns:
        A digest of a folder's files, empty if there is no module in it; a remote handle is its own version, as handles name one.
    """
    handle = module_handle(source)
    if "://" in handle:
        return handle
    files = _files(Path(handle))
    return _digest(Path(handle), tuple((path.stat().st_mtime_ns, path.stat().st_size) for path in files)) if files else ""


def digest_module(folder: Path) -> str:
    """Digest of a module's files, sixteen hexadecimal digits."""
    digest = hashlib.sha256()
    for path in _files(folder):
        digest.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=8)
def _digest(folder: Path, _changed: tuple[tuple[int, int], ...]) -> str:
    return digest_module(folder)


def _files(folder: Path) -> list[Path]:
    """The files that decide what a module computes."""
    found = [folder / "saved_model.pb", *sorted((folder / "variables").glob("*"))]
    return sorted(path for path in found if path.is_file())
