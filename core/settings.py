"""Settings of an installation, from environment variables."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import UserError, what_it_must

KEEP_DELETED_S = 30 * 24 * 3600.0  # how long deleted things can be restored

_STORE = "runs.sqlite"


class Settings(BaseSettings):
    """Settings of one installation, each from an environment variable `ELMO_LENS_<NAME>`.

    Attributes:
        data_dir: Folder for the store, the embedding cache, added datasets and parsed vector files.
        database_url: SQLAlchemy URL of the run store; empty means SQLite in `data_dir`.
        scheduler: Address of a Dask scheduler; empty means local worker processes.
        tls_ca: PEM file of whose certificates the programs of the cluster believe.
        tls_cert: PEM file of this program's certificate there.
        tls_key: PEM file of the private key of that.
        num_workers: Local worker processes; 0 means one per core, at most four.
        warm_up: Whether opening the Train page starts the worker processes, so that the first run need not wait for them.
        example: Whether the run and the learning curve that are shipped are shown.
        cache_size_bytes: Upper bound of the embedding cache on each machine.
        allow_private_addresses: Whether vectors and ELMo modules may be downloaded from this machine and its network.
        class_rules: Whether visitors of the dashboard keep the rules of a class; `elmo-lens dashboard --class` sets it.
    """

    model_config = SettingsConfigDict(env_prefix="ELMO_LENS_", frozen=True)

    data_dir: Path = Field(default_factory=lambda: user_data_path("elmo-lens"))
    database_url: str = Field(default="", repr=False)  # Dask logs what a task was called with
    scheduler: str = ""
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    num_workers: int = Field(default=0, ge=0)
    warm_up: bool = True
    example: bool = True
    cache_size_bytes: int = Field(default=8 * 1024**3, gt=0)
    allow_private_addresses: bool = False
    class_rules: bool = False

    @cached_property
    def store_url(self) -> str:
        """SQLAlchemy URL of the run store."""
        return self.database_url or f"sqlite:///{self.folder() / _STORE}"

    @property
    def store_url_to_read(self) -> str:
        """The same for who only reads, so the data folder need not be writable."""
        return self.database_url or f"sqlite:///{self.data_dir / _STORE}"

    @property
    def is_read_only(self) -> bool:
        """Whether there is a data folder that cannot be written."""
        return self.data_dir.is_dir() and not os.access(self.data_dir, os.W_OK)

    @cached_property
    def worker_count(self) -> int:
        """Local worker processes to start."""
        return self.num_workers or min(4, os.cpu_count() or 1)

    def folder(self, name: str = "") -> Path:
        """The data folder, or a folder in it; created if missing, the data folder so that nobody else can look into it.

        Raises:
            UserError: The folder cannot be made or written.
        """
        path, advice = self.data_dir / name, "set ELMO_LENS_DATA_DIR to a folder you can write to."
        try:
            if not self.data_dir.exists():
                self.data_dir.parent.mkdir(parents=True, exist_ok=True)
                self.data_dir.mkdir(mode=0o700, exist_ok=True)
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"The data folder {path} cannot be made ({error.strerror}); {advice}", code="data-folder-unusable"
            ) from error
        if not os.access(path, os.W_OK):
            raise UserError(f"The data folder {path} cannot be written; {advice}", code="data-folder-unusable")
        return path


def read_settings() -> Settings:
    """Settings from the environment.

    Raises:
        UserError: A variable has an impossible value.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        variable = f"{Settings.model_config['env_prefix']}{first['loc'][0]}".upper()
        raise UserError(
            f"{variable} is {first['input']!r}, but must {what_it_must(first)}; correct or unset it.", code="setting-refused"
        ) from error
