"""The command line's `dashboard`: Streamlit on this installation's pages, from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from pydantic import BaseModel
from pydantic_settings import CliUnknownArgs

from core.files import ROOT

if TYPE_CHECKING:
    from core.settings import Settings


class DashboardCommand(BaseModel):
    """Open the dashboard in the browser. Options of `streamlit run` are passed on, such as --server.port 8600."""

    options: CliUnknownArgs

    def execute(self, settings: Settings) -> int:  # noqa: ARG002 - all commands are called alike
        """Turns this process into Streamlit, which finds its settings and theme beside the script."""
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard.py"), *self.options]
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        if os.name != "nt":  # there, exec returns to the prompt while Streamlit runs on
            os.execv(sys.executable, command)
        return subprocess.call(command)
