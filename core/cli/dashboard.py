"""The command line's `dashboard`: Streamlit on this installation's pages, from any folder."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field
from pydantic_settings import CliToggleFlag, CliUnknownArgs

from core.errors import UserError
from core.files import ROOT

if TYPE_CHECKING:
    from core.settings import Settings

_HERE = ("localhost", "127.0.0.1")


class DashboardCommand(BaseModel):
    """Open the dashboard in the browser. Options of `streamlit run` are passed on, such as --server.port 8600."""

    for_class: CliToggleFlag[bool] = Field(
        default=False,
        alias="class",
        description="let others open it, under the rules of docs/operations.md",
    )
    address: str | None = Field(
        default=None, description="with --class: the address of this machine to listen on; 127.0.0.1 behind a proxy"
    )
    name: list[str] = Field(
        default=[], description="with --class: a name under which browsers know the server, such as lens.example.org"
    )
    new_password: CliToggleFlag[bool] = Field(default=False, description="with --class: replace the operator's password")
    options: CliUnknownArgs

    def execute(self, settings: Settings) -> int:
        """Turns this process into Streamlit, which finds its settings and theme beside the script.

        Raises:
            UserError: An option only makes sense for a class, or the password cannot be stored.
        """
        if not self.for_class and (self.address or self.name or self.new_password):
            raise UserError(
                "--address, --name and --new-password are for --class; without it, only this machine can open the dashboard.",
                code="option-for-class",
            )
        options = [*(self._open_for_class(settings) if self.for_class else ()), *self.options]
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard.py"), *options]
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        if os.name != "nt":  # there, exec returns to the prompt while Streamlit runs on
            os.execv(sys.executable, command)
        return subprocess.call(command)

    def _open_for_class(self, settings: Settings) -> list[str]:
        """Prints what the operator has to know; the options with which Streamlit starts."""
        from core.access.operator_password import has_password, make_password
        from core.experiment.class_rules import read_class_rules

        rules = read_class_rules()
        address = self.address or _own_address()
        names = list(dict.fromkeys([*self.name, *([] if ip_address(address).is_unspecified else [address]), *_own_names()]))
        if self.new_password or not has_password(settings):
            print(f"The operator's password, shown this once: {make_password(settings)}")
        else:
            print("The operator's password is the one that was shown first; --new-password makes another.")
        print(f"Browsers may call this server {', '.join(names)}; --name adds another name.", flush=True)
        os.environ["ELMO_LENS_CLASS_RULES"] = "1"
        return [
            f"--server.address={address}",
            *(f"--server.allowedHosts={name}" for name in names),
            f"--server.maxUploadSize={rules.max_upload_mb}",
            "--server.headless=true",
        ]


def _own_address() -> str:
    """The address with which this machine goes to other networks; no packet is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: nobody's
        except OSError as error:
            raise UserError(
                "This machine has no network; give the address to listen on with --address.", code="no-network"
            ) from error
        return str(probe.getsockname()[0])


def _own_names() -> list[str]:
    return list(dict.fromkeys([socket.gethostname().lower(), socket.getfqdn().lower(), *_HERE]))
