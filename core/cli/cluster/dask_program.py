"""How one of Dask's programs is started in place of this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from ipaddress import ip_address

from core.files import ROOT


def become(module: str, arguments: Sequence[str], environment: dict[str, str]) -> int:
    """Turn this process into a program of Dask that finds this installation's code; on Windows, wait for it.

    Args:
        module: Of the program.
        arguments: Of the program.
        environment: Variables that are set, whatever they were.

    Returns:
        Its exit status, where it could not take the place of this process.
    """
    command = [sys.executable, "-m", module, *arguments]
    os.environ.update(environment)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    if os.name != "nt":  # there, exec returns to the prompt while the program runs on
        sys.stdout.flush()
        os.execv(sys.executable, command)
    return subprocess.call(command)


def is_this_machine(address: str) -> bool:
    """Whether only this machine reaches what listens on an address."""
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"
