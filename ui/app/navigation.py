"""Pages stay inside the dashboard, and a text can be opened on the Probe page."""

from __future__ import annotations

import runpy

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import StopException

from core.files import ROOT
from ui.app.url_state import RUN_PARAMETER, RUNS

PROBE_TAB, TRANSPLANT, DONOR = "probe_tab", "Transplant", "donor"  # of the URL: the tab, one of its values, and what that needs
DASHBOARD = ROOT / "dashboard.py"


def stay_in_dashboard() -> None:
    """Run the page through `dashboard.py`; every page calls this first.

    Until the dashboard itself has been opened, Streamlit 1.67 takes a folder called `pages` for an app of its old kind: a
    page opened by its link, say after a restart of the server, would run on its own, with the wrong navigation. The flag
    is the one that `st.navigation` clears, so this happens at most once per server.
    """
    if PagesManager.uses_pages_directory:
        runpy.run_path(str(DASHBOARD))
        raise StopException  # st.stop() would forget what was clicked while the page ran


def probe_parameters(text: str, run_id: str | None = None) -> dict[str, str]:
    """Parameters of the URL that opens a text on the Probe page, with the models of a run or else of the current one."""
    run_id = run_id or RUNS.current_id()
    return {"text": text} | ({RUN_PARAMETER: run_id} if run_id else {})


def transplant_parameters(text: str, donor: str) -> dict[str, str]:
    """Parameters of the URL that opens the tab Transplant of the Probe page, with a text and one that gives it a word."""
    return probe_parameters(text) | {PROBE_TAB: TRANSPLANT, DONOR: donor}


def show_probe_link(text: str, run_id: str | None = None) -> None:
    """The link that opens a text on the Probe page.

    Not a button with `st.switch_page`: that adds a step to the browser's history that leads nowhere.
    """
    st.page_link("pages/probe.py", label="Try it", icon=":material/chat:", query_params=probe_parameters(text, run_id))
