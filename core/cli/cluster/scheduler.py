"""The command line's `scheduler`: Dask's scheduler, which hands out the tasks of runs to workers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field
from pydantic_settings import CliUnknownArgs

from core.access.tls_files import read_tls_files
from core.cli.cluster.dask_program import become, is_this_machine

if TYPE_CHECKING:
    from core.settings import Settings


class SchedulerCommand(BaseModel):
    """Start Dask's scheduler. Options of `dask scheduler` are passed on, such as --dashboard-address 127.0.0.1:8787."""

    address: str = Field(default="127.0.0.1", description="address of this machine to listen on")
    port: int = Field(default=8786, ge=0, le=65535, description="port to listen on; 0 for any that is free")
    tls_ca: Path | None = Field(default=None, description="PEM file of whose certificates to believe")
    tls_cert: Path | None = Field(default=None, description="PEM file of the scheduler's certificate")
    tls_key: Path | None = Field(default=None, description="PEM file of its private key")
    options: CliUnknownArgs

    def execute(self, settings: Settings) -> int:
        """Turns this process into the scheduler, with a warning if anybody in the network can make it run code.

        Raises:
            UserError: A file for TLS is missing.
        """
        tls = read_tls_files(settings, ca=self.tls_ca, cert=self.tls_cert, key=self.tls_key)
        if tls is None and not is_this_machine(self.address):
            print(
                f"Warning: without TLS, whoever reaches {self.address}:{self.port} can run any program on the scheduler and all "
                "workers, and read along; name certificates with --tls-ca, --tls-cert and --tls-key, or keep the port to a "
                "network that you trust.",
                file=sys.stderr,
                flush=True,
            )
        listens = f"{'tcp' if tls is None else 'tls'}://{self.address}:{self.port}"
        # Dask's page of diagnostics would listen on all interfaces, without TLS.
        is_page_wanted = any(option.startswith("--dashboard") for option in self.options)
        arguments = [
            *("--host", listens),
            *([] if is_page_wanted else ["--no-dashboard"]),
            *(tls.options if tls else []),
            *self.options,
        ]
        return become("distributed.cli.dask_scheduler", arguments, {})
