"""The command line's `worker`: processes that compute the tasks of a scheduler."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field
from pydantic_settings import CliPositionalArg, CliUnknownArgs

from core.access.tls_files import read_tls_files, require_tls_address
from core.cli.cluster.dask_program import become
from core.errors import UserError, shown

if TYPE_CHECKING:
    from core.settings import Settings


class WorkerCommand(BaseModel):
    """Start Dask's workers, with one thread each. Options of `dask worker` are passed on, such as --name."""

    scheduler: CliPositionalArg[str] = Field(description="its address, such as tcp://host:8786 or tls://host:8786")
    workers: int = Field(default=0, ge=0, description="processes to start; 0 for one per core, at most four")
    tls_ca: Path | None = Field(default=None, description="PEM file of whose certificates to believe")
    tls_cert: Path | None = Field(default=None, description="PEM file of the workers' certificate")
    tls_key: Path | None = Field(default=None, description="PEM file of its private key")
    options: CliUnknownArgs

    def execute(self, settings: Settings) -> int:
        """Turns this process into the one that watches over the workers, and starts them again when they die.

        Raises:
            UserError: The address is none, or does not go with the files for TLS, of which one may be missing.
        """
        from core.engine.local_cluster import WORKER_ENVIRONMENT

        if not self.scheduler.startswith(("tcp://", "tls://")):
            raise UserError(
                f"The scheduler is {shown(self.scheduler)}, but must be an address such as tcp://host:8786, which it prints.",
                code="scheduler-address",
            )
        tls = read_tls_files(settings, ca=self.tls_ca, cert=self.tls_cert, key=self.tls_key)
        require_tls_address(self.scheduler, tls)
        arguments = [
            self.scheduler,
            *("--nworkers", str(self.workers or settings.worker_count)),
            *("--nthreads", "1"),
            *("--memory-limit", "0"),  # a worker that is killed for its memory would only start again
            *("--local-directory", str(settings.folder("scratch"))),
            "--no-dashboard",
            *(tls.options if tls else []),
            *self.options,
        ]
        return become("distributed.cli.dask_worker", arguments, WORKER_ENVIRONMENT)
