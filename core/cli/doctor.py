"""The command line's `doctor`: what is installed, what loads, and how to mend what does not."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from core import __version__
from core.cli.console import quiet_stderr
from core.disk_cache import MAX_BYTES, DiskCache
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.files import ROOT

if TYPE_CHECKING:
    from core.embedders.cache import EmbeddingCache
    from core.settings import Settings

_REQUIREMENTS = ROOT / "requirements.txt"
_PINNED = re.compile(r"^([\w.-]+)==(\S++)(?! *;)", re.MULTILINE)  # not what some platforms go without
_PYTHONS = ((3, 11), (3, 14))  # from the first to before the last, as in pyproject.toml
_NAMED = ("streamlit", "tensorflow", "tensorflow-hub", "distributed")
_ENOUGH_FREE_BYTES = 2 * 1024**3
_PROBE = ["a", "film", "that", "works"]


class DoctorCommand(BaseModel):
    """Say what works and how to mend the rest."""

    static: str = Field(default=ExperimentConfig().static, description="static vectors to try")
    elmo: str = Field(default=ExperimentConfig().elmo, description="ELMo to try")

    clear_caches: bool = Field(
        default=False, description="delete what can be computed or downloaded again, and say what was deleted; nothing is checked"
    )

    def execute(self, settings: Settings) -> int:
        """Prints a line for each thing; 1 if something does not work."""
        if self.clear_caches:
            for line in clear_caches(settings):
                print(line, flush=True)
            return 0
        is_well = True
        with quiet_stderr():
            for finding in examine(settings, static=self.static, elmo=self.elmo):
                print(f"{'ok ' if finding.is_well else 'BAD'}  {finding.what}: {finding.message}", flush=True)
                is_well = is_well and finding.is_well
        return 0 if is_well else 1


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: Its name.
        is_well: Whether it works.
        message: What was found or, if it does not work, one sentence on how to mend it.
    """

    what: str
    is_well: bool
    message: str


def examine(settings: Settings, *, static: str, elmo: str) -> Iterator[Finding]:
    """Looks at everything that a run needs, the cheapest first.

    Args:
        settings: Of this installation.
        static: Static vectors to load.
        elmo: ELMo to load.
    """
    from core.data.datasets import BUILT_IN

    checks: dict[str, Callable[[], str]] = {
        "ELMo Lens": lambda: f"version {__version__}",
        "python": _python,
        "packages": _packages,
        "cores": lambda: f"{os.cpu_count()}, {_workers(settings)}",
        "data folder": lambda: str(settings.folder()),
        "free space": lambda: _free_space(settings),
        "run store": lambda: _runs(settings),
        "embedding cache": lambda: _filled(_embedding_cache(settings).size_bytes(), settings.cache_size_bytes),
        **{folder: partial(_cache_folder, folder, settings) for folder in MAX_BYTES},
        **{dataset: lambda dataset=dataset: _reviews(dataset, settings) for dataset in BUILT_IN},  # type: ignore[misc]
        "static vectors": lambda: _vectors("static", ExperimentConfig(static=static, elmo=elmo), settings),
        "ELMo": lambda: _vectors("elmo", ExperimentConfig(static=static, elmo=elmo), settings),
    }
    for what, check in checks.items():
        try:
            yield Finding(what, True, check())
        except UserError as error:
            yield Finding(what, False, str(error))
        except ImportError as error:
            yield Finding(
                what, False, f"A package does not load ({error}); run pip install --force-reinstall -r {_REQUIREMENTS}."
            )


def clear_caches(settings: Settings) -> Iterator[str]:
    """Deletes what can be computed or downloaded again; runs, datasets and sentences stay.

    Yields:
        A line for each folder: what was deleted, and what stays because a program uses it.
    """
    cache = _embedding_cache(settings)
    size_bytes = cache.size_bytes()
    cache.clear()
    yield f"deleted  embedding cache: {_size(size_bytes)} in {settings.folder('cache')}"
    for name in MAX_BYTES:
        folder = DiskCache(name, settings)
        size_bytes = folder.size_bytes()
        folder.clear()
        left = folder.size_bytes()
        in_use = f"; {_size(left)} stay, as a program uses them" if left else ""
        yield f"deleted  {name}: {_size(size_bytes - left)} in {folder.folder()}{in_use}"


def _python() -> str:
    first, end = _PYTHONS
    if not first <= sys.version_info[:2] < end:
        raise UserError(
            f"This is Python {platform.python_version()}; make the virtual environment anew with one from "
            f"{first[0]}.{first[1]} to {end[0]}.{end[1] - 1}.",
            code="python-version",
        )
    return f"{platform.python_version()} on {platform.platform()}"


def _packages() -> str:
    """Compares what is installed with what the requirements pin. Another version may do; what does not load is found below."""
    pinned = dict(_PINNED.findall(_REQUIREMENTS.read_text(encoding="utf-8")))
    missing, different = [], []
    for package, wanted in pinned.items():
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            missing.append(package)
            continue
        if version != wanted:
            different.append(f"{package} {version} where {wanted} was tested")
    if missing:
        raise UserError(f"Not installed: {', '.join(missing)}; run pip install -r {_REQUIREMENTS}.", code="package-missing")
    if different:
        return f"{len(pinned)} installed, but {', '.join(different)}; pip install -r {_REQUIREMENTS} brings the tested ones"
    return f"{len(pinned)} installed, all as tested, among them " + ", ".join(f"{name} {pinned[name]}" for name in _NAMED)


def _workers(settings: Settings) -> str:
    return f"runs go to {settings.scheduler}" if settings.scheduler else f"{settings.worker_count} worker processes"


def _free_space(settings: Settings) -> str:
    free_bytes = shutil.disk_usage(settings.folder()).free
    if free_bytes < _ENOUGH_FREE_BYTES:
        raise UserError(f"{_size(free_bytes)} are left; free some, or runs cannot keep their vectors.", code="disk-full")
    return _size(free_bytes)


def _runs(settings: Settings) -> str:
    from core.example import open_store

    store = open_store(settings)
    runs = store.list_runs()
    store.close()
    num_own = sum(not run.is_example for run in runs)
    own = "1 run" if num_own == 1 else f"{num_own} runs"
    return own if num_own == len(runs) else f"{own}, and the example"


def _embedding_cache(settings: Settings) -> EmbeddingCache:
    from core.embedders.cache import open_cache

    return open_cache(settings)


def _cache_folder(name: str, settings: Settings) -> str:
    return _filled(DiskCache(name, settings).size_bytes(), MAX_BYTES[name])


def _filled(size_bytes: int, max_bytes: int) -> str:
    return f"{_size(size_bytes)} of at most {_size(max_bytes)}"


def _reviews(dataset: str, settings: Settings) -> str:
    from core.data.datasets import load_pool

    pool = load_pool(dataset, settings)
    return f"{len(pool.texts):,} reviews, {len(pool.train):,} to train and {len(pool.test):,} to test"


def _vectors(name: str, config: ExperimentConfig, settings: Settings) -> str:
    from core.embedders.loading import load_embedder

    began_s = time.perf_counter()
    embedder = load_embedder(name, config, settings)
    embedder.embed([_PROBE])
    return f"{embedder.name}, {embedder.dim} numbers per word, loaded in {time.perf_counter() - began_s:.1f} s"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1024**3:.1f} GiB" if size_bytes >= 1024**3 else f"{size_bytes / 1024**2:.1f} MiB"
