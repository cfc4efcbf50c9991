"""Visitors: for how long the server holds what they leave behind."""

from __future__ import annotations

import asyncio
import sys

import streamlit as st
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

KEEP_S = 100.0  # for those who come back; Streamlit itself takes nobody back after 120 s, but lets go only as the next one leaves


def _let_go_later(session_id: str) -> None:
    """Streamlit calls it in the loop that serves all browsers as soon as the connection ends."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # in a test without a server, or when all caches are cleared
        return
    loop.call_later(KEEP_S, _let_go, session_id)


def _let_go(session_id: str) -> None:
    if not runtime.exists() or (server := runtime.get_instance()).is_active_session(session_id):
        return
    left = server._session_mgr.get_session_info(session_id)
    server.close_session(session_id)  # its files go
    if left:
        left.session.session_state.clear()  # Streamlit's loop refers to the last session until the next one comes
    _give_memory_back()


@st.cache_resource(scope="session", show_spinner=False, on_release=_let_go_later)
def let_go_after_leaving() -> str:
    """Have the server drop this visitor's state and files some time after the last message from the browser.

    Returns:
        The id of the visitor's session.
    """
    context = get_script_run_ctx()
    return context.session_id if context else ""


def let_go_of(file: UploadedFile) -> None:
    """Drop a file that this visitor has uploaded, as soon as nobody needs its bytes any more."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
    _give_memory_back()


def _give_memory_back() -> None:
    """Return what tables have taken to the system; Arrow keeps it for its next table otherwise, a hundred megabytes and more."""
    if pyarrow := sys.modules.get("pyarrow"):
        pyarrow.default_memory_pool().release_unused()
