"""Keeps pages inside the dashboard."""

from __future__ import annotations

import runpy

from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import StopException

from core.files import ROOT

DASHBOARD = ROOT / "dashboard.py"


def stay_in_dashboard() -> None:
    """Run the page through `dashboard.py`; every page calls this first.

    Until somebody has opened the dashboard itself, Streamlit 1.67 takes a folder called `pages` for an app of its old kind: a
    page opened by its link, say after the server was started again, would run on its own, with the wrong navigation. The flag
    is the one that `st.navigation` clears, so this happens at most once per server.
    """
    if PagesManager.uses_pages_directory:
        runpy.run_path(str(DASHBOARD))
        raise StopException  # and no st.stop(), which forgets what was clicked while the page ran
