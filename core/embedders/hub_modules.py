"""Where ELMo modules are, and which version is installed; imports no TensorFlow."""

from __future__ import annotations

import gzip
import hashlib
import os
import socket
import tarfile
import time
import zlib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, cast

from core.access.addresses import is_address, require_fetchable, require_without_credentials
from core.access.downloads import DownloadError, download
from core.access.unpacking import BoundedReader, most_unpacked_bytes
from core.errors import UserError
from core.files import ROOT, user_path
from core.settings import Settings

BUNDLED = "elmo-mini"
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_MODULE_BYTES = 4 * 2**30  # google/elmo has 0.4 GB
_LOCK_PATIENCE_S, _LOCK_POLL_S = 8.0, 0.5
_BUNDLED_FOLDER = ROOT / "assets" / BUNDLED


def module_handle(source: str) -> str:
    """Folder or handle of a source: "elmo-mini", the folder of a module, or a handle with "://".

    Raises:
        UserError: No folder can have such a path.
    """
    if source == BUNDLED:
        return str(_BUNDLED_FOLDER)
    return source.strip() if is_address(source) else str(user_path(source))


def require_module(source: str, *, what: str = "ELMo module") -> None:
    """Checks that a module exists, without loading it, or that a handle can be one.

    Args:
        source: As for `module_handle`.
        what: What it is called if there is none.

    Raises:
        UserError: It does not exist or cannot be an address.
    """
    require_without_credentials(source)
    handle = module_handle(source)
    if is_address(handle):
        require_fetchable(handle)
    elif not (Path(handle) / "saved_model.pb").is_file():
        raise UserError(
            f"There is no {what} at {handle!r} (no saved_model.pb in it); give the folder of a TF-Hub module, "
            f"its https:// handle, or {BUNDLED if what == 'ELMo module' else 'leave that model out'}.",
            code="elmo-missing",
        )


def module_version(source: str) -> str:
    """Version of a source: changes when its vectors change.

    Returns:
        A digest of a folder's files, empty if it has no module; a remote handle itself, because handles include a version.
    """
    handle = module_handle(source)
    if is_address(handle):
        return handle
    files = _files(Path(handle))
    return _digest(Path(handle), tuple((path.stat().st_mtime_ns, path.stat().st_size) for path in files)) if files else ""


def module_digest(source: str, settings: Settings) -> str | None:
    """Digest of the module that a source stands for now.

    Returns:
        Empty if the folder has no module; None for a remote handle whose module was not downloaded yet.
    """
    handle = module_handle(source)
    if not is_address(handle):
        return module_version(source)
    return module_version(str(download_folder(handle, settings))) or None


def download_folder(handle: str, settings: Settings) -> Path:
    """Where TensorFlow Hub keeps the module of a remote handle."""
    cache = Path(os.environ.get("TFHUB_CACHE_DIR") or settings.data_dir / "hub")
    return cache / hashlib.sha1(handle.encode()).hexdigest()  # it names the folder so


def fetch_module(handle: str, folder: str, *, allow_private: bool) -> None:
    """Downloads a module and unpacks it; TensorFlow Hub calls it with a folder that it moves to its place afterwards.

    Raises:
        UserError: The handle is no address of the web, or what it leads to is no packed module.
        DownloadError: It cannot be fetched, or is too large or too slow.

    Reference: https://www.tensorflow.org/hub/hosting, "Compressed".
    """
    packed = Path(folder, "module.tar.gz")
    mark = "&" if "?" in handle else "?"
    download(f"{handle}{mark}tf-hub-format=compressed", packed, allow_private=allow_private, max_bytes=_MAX_MODULE_BYTES)
    try:
        with packed.open("rb") as file:
            is_gzip = file.read(2) == _GZIP_MAGIC
            file.seek(0)
            stream = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if is_gzip else file
            max_bytes = most_unpacked_bytes(packed.stat().st_size, _MAX_MODULE_BYTES)
            with tarfile.TarFile(fileobj=cast("IO[bytes]", BoundedReader(stream, max_bytes, _module_too_large))) as archive:
                archive.extractall(folder, filter="data")  # inside the folder, without links out of it and devices
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DownloadError("what it has is no packed module") from error
    packed.unlink()


def _module_too_large() -> UserError:
    return UserError("it unpacks to far more than a module of its size has", code="elmo-too-large")


def break_stale_lock(folder: Path) -> None:
    """Remove the lock of a download that was cut off; TensorFlow Hub itself would wait for ten minutes.

    A lock is stale if its process is gone, or if nothing arrives for eight seconds. Taking one from a slow download by mistake
    does no harm: both downloads go on, each into a folder of its own.

    Args:
        folder: The folder that is locked.
    """
    lock = folder.with_name(f"{folder.name}.lock")
    seen, seen_at_s = None, time.monotonic()
    while (now := _download_state(lock)) is not None:
        if now != seen:
            seen, seen_at_s = now, time.monotonic()
        if _is_abandoned(now[0]) or time.monotonic() - seen_at_s > _LOCK_PATIENCE_S:
            lock.unlink(missing_ok=True)
            return
        time.sleep(_LOCK_POLL_S)


def _download_state(lock: Path) -> tuple[str, int] | None:
    """The owner of a lock and the bytes that it has fetched; None without a lock."""
    try:
        owner = lock.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fetched = lock.with_name(f"{lock.name.removesuffix('.lock')}.{owner.rpartition('.')[2]}.tmp")
    num_bytes = 0
    for path in fetched.rglob("*"):
        with suppress(OSError):  # it is being moved
            num_bytes += path.stat().st_size
    return owner, num_bytes


def _is_abandoned(owner: str) -> bool:
    """Whether a lock, "host.process.id", is of a process of this machine that has ended; only Linux can tell."""
    host, _, process = owner.rpartition(".")[0].rpartition(".")
    return host == socket.gethostname() and Path("/proc/self").exists() and not Path("/proc", process).exists()


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
    """The files that determine what a module computes."""
    found = [folder / "saved_model.pb", *sorted((folder / "variables").glob("*"))]
    return sorted(path for path in found if path.is_file())
